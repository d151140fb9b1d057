package provider

import (
	"context"

	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
)

// VerifyClient authenticates a client by private_key_jwt, or takes a public client by its
// name. There is one way per client and no other (security case 23).
func (s *server) VerifyClient(ctx context.Context, r *op.Request[op.ClientCredentials]) (op.Client, error) {
	cc := r.Data
	if cc.ClientSecret != "" || r.Header.Get("Authorization") != "" {
		return nil, unauthorized(ctx, "client secrets are not used here")
	}
	if cc.ClientAssertion == "" {
		c, err := s.Clients.ByID(ctx, cc.ClientID)
		if err != nil || c.AuthMethod != client.None {
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
