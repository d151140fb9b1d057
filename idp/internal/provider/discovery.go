package provider

import (
	"context"
	"encoding/json"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/policy"
)

// discovery is what we say of ourselves: exactly what is wired, from the same tables that the
// code uses.
type discovery struct {
	*oidc.DiscoveryConfiguration
	IssParameter bool     `json:"authorization_response_iss_parameter_supported"`
	Backchannel  bool     `json:"backchannel_logout_supported"`
	BackSession  bool     `json:"backchannel_logout_session_supported"`
	Prompts      []string `json:"prompt_values_supported"`
	RequestParam bool     `json:"request_parameter_supported"`
	RequestAlgs  []string `json:"request_object_signing_alg_values_supported"`
	RequestSign  bool     `json:"require_signed_request_object"`
	DPoPAlgs     []string `json:"dpop_signing_alg_values_supported"`
	Pushed       string   `json:"pushed_authorization_request_endpoint"`
	PushedOnly   bool     `json:"require_pushed_authorization_requests"`
	RequestURI   bool     `json:"request_uri_parameter_supported"`
	ClaimsParam  bool     `json:"claims_parameter_supported"`
}

// claimNames are the claims that idp can tell.
var claimNames = []string{
	"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash",
	"email", "email_verified", "name", "given_name", "family_name", "locale", AssuranceClaim,
}

// describe encodes the document, once.
func (s *server) describe() json.RawMessage {
	es256, incoming := []string{"ES256"}, make([]string, len(client.Algorithms))
	for i, alg := range client.Algorithms {
		incoming[i] = string(alg)
	}
	proofs := make([]string, len(proofAlgorithms))
	for i, alg := range proofAlgorithms {
		proofs[i] = string(alg)
	}
	methods := []oidc.AuthMethod{client.PrivateKeyJWT, client.None}
	d := discovery{
		DiscoveryConfiguration: &oidc.DiscoveryConfiguration{
			Issuer: s.Issuer, AuthorizationEndpoint: s.Issuer + authorizePath, TokenEndpoint: s.Issuer + tokenPath,
			DeviceAuthorizationEndpoint: s.Issuer + deviceAskPath, IntrospectionEndpoint: s.Issuer + introspectPath, UserinfoEndpoint: s.Issuer + userinfoPath, RevocationEndpoint: s.Issuer + revokePath,
			EndSessionEndpoint: s.Issuer + endSessionPath, JwksURI: s.Issuer + keysPath,
			ScopesSupported: client.Scopes, ResponseTypesSupported: []string{"code"}, ResponseModesSupported: responseModes,
			GrantTypesSupported: []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken, oidc.GrantTypeDeviceCode},
			ACRValuesSupported:  policy.ACRs(s.Login.Provable()), SubjectTypesSupported: []string{"public"}, IDTokenSigningAlgValuesSupported: es256,
			TokenEndpointAuthMethodsSupported: methods, TokenEndpointAuthSigningAlgValuesSupported: incoming,
			RevocationEndpointAuthMethodsSupported: methods, RevocationEndpointAuthSigningAlgValuesSupported: incoming,
			IntrospectionEndpointAuthMethodsSupported: methods[:1], IntrospectionEndpointAuthSigningAlgValuesSupported: incoming,
			ClaimsSupported: claimNames, CodeChallengeMethodsSupported: []oidc.CodeChallengeMethod{oidc.CodeChallengeMethodS256},
			UILocalesSupported: oidc.ParseLocales(s.Site.Languages),
		},
		IssParameter: true, Backchannel: true, BackSession: true, Prompts: prompts, ClaimsParam: true,
		DPoPAlgs: proofs, RequestParam: true, RequestAlgs: incoming, Pushed: s.Issuer + pushPath,
	}
	raw, err := json.Marshal(d)
	if err != nil {
		panic(err) // the document is made of strings
	}
	return raw
}

// Discovery answers /.well-known/openid-configuration.
func (s *server) Discovery(context.Context, *op.Request[struct{}]) (*op.Response, error) {
	return op.NewResponse(s.discovery), nil
}

// Keys answers the key set.
func (s *server) Keys(context.Context, *op.Request[struct{}]) (*op.Response, error) {
	return op.NewResponse(json.RawMessage(s.Ring.JWKS())), nil
}
