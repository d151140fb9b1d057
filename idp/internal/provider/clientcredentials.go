package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
)

// ClientCredentialsExchange gives a client that authenticated an access token of its own, for scopes of APIs
// alone (RFC 6749 §4.4): nobody signed in, so there is no ID token, no refresh token, no acr and no userinfo,
// and the subject is the client.
func (s *server) ClientCredentialsExchange(ctx context.Context, r *op.ClientRequest[oidc.ClientCredentialsRequest]) (*op.Response, error) {
	c := r.Client.(opClient).c
	bound, err := s.bound(ctx, c)
	if err != nil {
		return nil, err
	}
	a := grant.Approval{Client: c.ID, Binding: bound}
	if a.Scopes = ownScopes(c, r.PostForm.Get("scope")); a.Scopes == nil {
		return nil, oidc.ErrInvalidScope()
	}
	if a.Resources, err = s.aimed(c, r.PostForm["resource"]); err != nil {
		return nil, invalidTarget()
	}
	t, err := s.Grants.IssueOwn(ctx, a, c.AccessTokenLife())
	if err != nil {
		return nil, s.outage(ctx, err)
	}
	answer, err := s.response(c, a, account.Account{}, t, "")
	if err != nil {
		return nil, s.outage(ctx, err)
	}
	return op.NewResponse(answer), nil
}

// ownScopes gives the scopes that a client asks for itself, each once; all of its APIs when it names none. One
// that it did not register, or that tells of a person, refuses them all: nil. It is pure.
func ownScopes(c *client.Client, asked string) (out []string) {
	may := c.APIScopes()
	wanted := strings.Fields(asked)
	if len(wanted) == 0 {
		wanted = may
	}
	for _, scope := range wanted {
		if !slices.Contains(may, scope) {
			return nil
		}
		if !slices.Contains(out, scope) {
			out = append(out, scope)
		}
	}
	return out
}
