package provider

import (
	"context"
	"errors"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
)

// CodeExchange gives tokens for a code: once, to the client it was made for, for the same
// redirect address, and with the PKCE verifier (D1, D2, D6; security cases 15 and 16).
func (s *server) CodeExchange(ctx context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response, error) {
	raw := r.PostForm.Get("code")
	if raw == "" || len(raw) > 100 {
		return nil, oidc.ErrInvalidGrant()
	}
	code, err := s.Grants.RedeemCode(ctx, raw)
	if err != nil {
		return nil, s.refused(ctx, err, oidc.ErrInvalidGrant())
	}
	verifier := r.PostForm.Get("code_verifier")
	if code.Client != r.Client.GetID() || code.RedirectURI != r.PostForm.Get("redirect_uri") ||
		len(verifier) < 43 || len(verifier) > 128 || !ident.Same(oidc.NewSHACodeChallenge(verifier), code.Challenge) {
		return nil, oidc.ErrInvalidGrant()
	}
	answer, err := s.tokens(ctx, code.Approval, raw, code.Nonce)
	if err != nil {
		return nil, err
	}
	if code.Has(oidc.ScopeOfflineAccess) {
		if answer.RefreshToken, err = s.Grants.IssueRefresh(ctx, code.Approval, raw, client.RefreshTokenLife); err != nil {
			return nil, s.outage(ctx, err)
		}
	}
	return op.NewResponse(answer), nil
}

// RefreshToken rotates a refresh token. acr, amr, auth_time and sid stay what they were at
// the sign-in (D20, security case 6); the account must still be usable (security case 18).
func (s *server) RefreshToken(ctx context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response, error) {
	c := r.Client.(opClient).c
	if !c.Allows("refresh_token") {
		return nil, oidc.ErrUnauthorizedClient()
	}
	f, next, err := s.Grants.Refresh(ctx, r.PostForm.Get("refresh_token"), c.ID)
	if err != nil {
		return nil, s.refused(ctx, err, oidc.ErrInvalidGrant())
	}
	a := f.Approval
	if wanted := oidc.SpaceDelimitedArray(r.Data.Scopes); len(wanted) > 0 {
		if a.Scopes = granted(c, wanted); !within(a.Scopes, f.Scopes) {
			return nil, oidc.ErrInvalidScope()
		}
	} else {
		a.Scopes = granted(c, a.Scopes) // what the client may ask for can have shrunk
	}
	answer, err := s.tokens(ctx, a, "", "")
	if err != nil {
		return nil, err
	}
	answer.RefreshToken = next
	return op.NewResponse(answer), nil
}

// tokens makes the access token and the ID token of an approval.
func (s *server) tokens(ctx context.Context, a grant.Approval, from, nonce string) (*oidc.AccessTokenResponse, error) {
	acc, err := s.Accounts.ByID(ctx, a.Account)
	if err != nil {
		return nil, s.refused(ctx, err, oidc.ErrInvalidGrant())
	}
	if !acc.Usable() {
		return nil, oidc.ErrInvalidGrant()
	}
	access, err := s.Grants.IssueAccess(ctx, a, from, client.AccessTokenLife)
	if err != nil {
		return nil, s.outage(ctx, err)
	}
	answer := &oidc.AccessTokenResponse{
		AccessToken: access, TokenType: oidc.BearerToken, ExpiresIn: uint64(client.AccessTokenLife.Seconds()), Scope: a.Scopes,
	}
	if a.Has(oidc.ScopeOpenID) {
		if answer.IDToken, err = s.idToken(a, acc, access, nonce); err != nil {
			return nil, s.outage(ctx, err)
		}
	}
	return answer, nil
}

func within(scopes, of []string) bool {
	for _, sc := range scopes {
		if !(grant.Approval{Scopes: of}).Has(sc) {
			return false
		}
	}
	return true
}

// Revocation ends a token of the client that asks; others' tokens and nonsense are answered
// the same way (RFC 7009 §2.2).
func (s *server) Revocation(ctx context.Context, r *op.ClientRequest[oidc.RevocationRequest]) (*op.Response, error) {
	token, id := r.PostForm.Get("token"), r.Client.GetID()
	if token == "" {
		return nil, oidc.ErrInvalidRequest().WithDescription("token is missing")
	}
	if err := errors.Join(s.Grants.RevokeAccess(ctx, token, id), s.Grants.RevokeRefresh(ctx, token, id)); err != nil {
		return nil, s.outage(ctx, err)
	}
	return op.NewResponse(struct{}{}), nil
}
