package provider

import (
	"context"
	"net/http"
	"slices"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
)

// VerifyClient authenticates a client by its assertion or by the certificate of its connection, or takes
// a public client by its name. There is one way per client and no other (security case 23).
func (s *server) VerifyClient(ctx context.Context, r *op.Request[op.ClientCredentials]) (op.Client, error) {
	cc := r.Data
	if cc.ClientSecret != "" || r.Header.Get("Authorization") != "" {
		return nil, unauthorized(ctx, "client secrets are not sent here: client_secret_jwt shows that a client knows its own")
	}
	if cc.ClientAssertion == "" {
		c, err := s.Clients.ByID(ctx, cc.ClientID)
		if err == nil && c.AuthMethod != client.None {
			err = s.certified(exchange(ctx).r, c)
		}
		if err != nil {
			s.Log.InfoContext(ctx, "client refused", "error", err)
			return nil, unauthorized(ctx, "client authentication failed")
		}
		return opClient{c}, nil
	}
	c, err := s.assertion(ctx, cc.ClientAssertion)
	if err != nil && !wrong(err) {
		return nil, s.outage(ctx, err)
	}
	if err != nil || (cc.ClientID != "" && cc.ClientID != c.ID) {
		s.Log.InfoContext(ctx, "client assertion refused", "error", err)
		return nil, unauthorized(ctx, "client authentication failed")
	}
	return opClient{c}, nil
}

// authenticate is VerifyClient for the endpoints that the library does not route.
func (s *server) authenticate(ctx context.Context, r *http.Request) (*client.Client, error) {
	if kind := r.PostForm.Get("client_assertion_type"); kind != "" && kind != oidc.ClientAssertionTypeJWTAssertion {
		return nil, unauthorized(ctx, "client_assertion_type must be "+oidc.ClientAssertionTypeJWTAssertion)
	}
	who, err := s.VerifyClient(ctx, &op.Request[op.ClientCredentials]{Method: r.Method, URL: r.URL, Header: r.Header, Form: r.Form, PostForm: r.PostForm, Data: &op.ClientCredentials{
		ClientID: r.PostForm.Get("client_id"), ClientSecret: r.PostForm.Get("client_secret"), ClientAssertion: r.PostForm.Get("client_assertion"), ClientAssertionType: r.PostForm.Get("client_assertion_type"),
	}})
	if err != nil {
		return nil, err
	}
	return who.(opClient).c, nil
}

// clientAuthMetadata tells how clients authenticate.
func (s *server) clientAuthMetadata() map[string]any {
	methods, algs := s.methods(), names(assertionAlgorithms)
	confidential := slices.DeleteFunc(slices.Clone(methods), func(m string) bool { return m == client.None })
	return map[string]any{
		"token_endpoint_auth_methods_supported": methods, "token_endpoint_auth_signing_alg_values_supported": algs,
		"revocation_endpoint_auth_methods_supported": methods, "revocation_endpoint_auth_signing_alg_values_supported": algs,
		"introspection_endpoint_auth_methods_supported": confidential, "introspection_endpoint_auth_signing_alg_values_supported": algs,
	}
}
