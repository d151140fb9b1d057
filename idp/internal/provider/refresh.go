package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/policy"
)

// RefreshToken rotates a refresh token. acr, amr, auth_time and sid stay what they were at
// the sign-in (security case 6); account and client are held against it again (case 18).
// Nothing is used up before everything else has succeeded.
func (s *server) RefreshToken(ctx context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response, error) {
	c := r.Client.(opClient).c
	bound, err := s.bound(ctx, c)
	if err != nil {
		return nil, err
	}
	turn, err := s.Grants.Present(ctx, r.PostForm.Get("refresh_token"), c.ID, c.AuthMethod != client.None)
	if err != nil {
		return nil, s.refused(ctx, err, oidc.ErrInvalidGrant())
	}
	if c.AuthMethod == client.None && turn.Binding != bound {
		return nil, oidc.ErrInvalidGrant() // RFC 9449 §5, RFC 8705 §7.1: a public client's refresh tokens are bound as well
	}
	turn.Binding = bound
	given, err := s.given(c, turn.Approval, r.PostForm)
	if err != nil {
		return nil, s.refused(ctx, err, oidc.ErrInvalidGrant())
	}
	var ok bool
	if given.Scopes, ok = remaining(c, turn.Scopes, r.PostForm.Get("scope")); !ok {
		return nil, oidc.ErrInvalidScope()
	}
	acc, err := s.approved(ctx, c, &given)
	if err == nil && slices.Contains(given.Withheld, consent.Offline) {
		err = grant.ErrInvalid // stopped while this family began
	}
	if err != nil {
		return nil, s.refused(ctx, err, oidc.ErrInvalidGrant())
	}
	answer, err := s.renewed(ctx, c, turn, given, acc)
	if err != nil {
		return nil, s.refused(ctx, err, oidc.ErrInvalidGrant())
	}
	return op.NewResponse(detailed{answer, given.Details}), nil
}

// renewed makes and signs all of an answer, and then uses the refresh token up.
func (s *server) renewed(ctx context.Context, c *client.Client, turn grant.Turn, given grant.Approval, acc account.Account) (*oidc.AccessTokenResponse, error) {
	t, err := s.Grants.Renew(ctx, turn, given, c.AccessTokenLife())
	if err != nil {
		return nil, err
	}
	answer, err := s.response(c, given, acc, t, "")
	if err != nil || c.FAPI() {
		return answer, err
	}
	answer.RefreshToken, err = s.Grants.Rotate(ctx, turn)
	return answer, err
}

// remaining gives the scopes of a refresh: those that were granted and that the client may
// still ask for, or the asked ones, if they are among the granted (RFC 6749 §6).
func remaining(c *client.Client, have []string, asked string) (scopes []string, ok bool) {
	wanted := strings.Fields(asked)
	for _, sc := range wanted {
		if !slices.Contains(have, sc) {
			return nil, false
		}
	}
	if len(wanted) == 0 {
		wanted = have
	}
	scopes = granted(c, wanted)
	return scopes, len(scopes) > 0
}

// strongEnough holds the level of a sign-in against what client and person want by now.
func strongEnough(acr string, c *client.Client, acc account.Account) bool {
	had, _ := policy.StrengthOf(acr)
	return had.Covers(c.Minimum()) && (!acc.AlwaysMFA || had.Level >= policy.Medium)
}
