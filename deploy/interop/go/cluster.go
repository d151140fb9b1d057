package main

import (
	"context"
	"errors"
	"os"

	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	authenticator "k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"
)

// medium is the level that the cluster wants of its administrators.
const medium = "https://eulogin.example/loa/medium"

// cluster is the part of kube-apiserver that reads ID tokens, configured as an operator's
// AuthenticationConfiguration would: the user is the e-mail address, and a password alone is not enough.
type cluster struct {
	authenticator.AuthenticatorTokenWithHealthCheck
}

func newCluster(ctx context.Context, issuer, audience string) (cluster, error) {
	ca, err := os.ReadFile(os.Getenv("SSL_CERT_FILE"))
	if err != nil {
		return cluster{}, err
	}
	roots, err := dynamiccertificates.NewStaticCAContent("test", ca)
	if err != nil {
		return cluster{}, err
	}
	prefix := "eulogin:"
	a, err := authenticator.New(ctx, authenticator.Options{
		CAContentProvider:    roots,
		SupportedSigningAlgs: []string{"ES256"},
		JWTAuthenticator: apiserver.JWTAuthenticator{
			Issuer:        apiserver.Issuer{URL: issuer, Audiences: []string{audience}},
			ClaimMappings: apiserver.ClaimMappings{Username: apiserver.PrefixedClaimOrExpression{Claim: "email", Prefix: &prefix}},
			ClaimValidationRules: []apiserver.ClaimValidationRule{
				{Expression: "claims.acr == '" + medium + "'", Message: "a second factor is needed"},
			},
		},
	})
	return cluster{a}, err
}

// who gives the user of a token.
func (c cluster) who(ctx context.Context, token string) (string, error) {
	answer, ok, err := c.AuthenticateToken(ctx, token)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", errors.New("not a token of this issuer")
	}
	return answer.User.GetName(), nil
}
