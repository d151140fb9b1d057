package provider

import (
	"context"
	"errors"
	"regexp"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/kv"
)

// CodeExchange gives tokens for a code: once, to the client it was made for, for the same
// redirect address, and with the PKCE verifier (D1, D2, D6; security cases 15 and 16). A code
// that comes with anything wrong is used up.
func (s *server) CodeExchange(ctx context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response, error) {
	c, raw := r.Client.(opClient).c, r.PostForm.Get("code")
	bound, err := s.bound(ctx, c) // before the code is used up: a proof may come again with a nonce
	if err != nil {
		return nil, err
	}
	code, err := s.Grants.RedeemCode(ctx, raw, left(ctx))
	if errors.Is(err, kv.ErrChanged) {
		return nil, unauthorized(ctx, "client authentication failed")
	}
	if err != nil {
		return nil, s.refused(ctx, err, oidc.ErrInvalidGrant())
	}
	if code.Client != c.ID || code.RedirectURI != r.PostForm.Get("redirect_uri") ||
		code.JKT != "" && code.JKT != bound.JKT || !proved(c, r.PostForm.Get("code_verifier"), code.Challenge) {
		return nil, oidc.ErrInvalidGrant()
	}
	asked := code.Binding
	code.Binding = bound
	answer, err := s.traded(ctx, c, raw, code)
	if err == nil {
		return op.NewResponse(answer), nil
	}
	if !wrong(err) {
		// Nothing was given: after the outage the client may try again (D15).
		code.Binding = asked
		if rerr := s.Grants.ReturnCode(ctx, raw, code); rerr != nil {
			err = errors.Join(err, rerr)
		}
	}
	return nil, s.refused(ctx, err, oidc.ErrInvalidGrant())
}

// verifierShape is 43 to 128 unreserved characters (RFC 7636 §4.1).
var verifierShape = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// proved holds what a client says of PKCE against what it said at first. A code that was asked for
// without takes no verifier (RFC 9700 §4.8.2), and is only for a client that still may do so.
func proved(c *client.Client, verifier, challenge string) bool {
	if challenge == "" {
		return verifier == "" && c.MayLeavePKCE()
	}
	return proves(verifier, challenge)
}

// proves holds a verifier against an S256 challenge (RFC 7636 §4.6). It is pure.
func proves(verifier, challenge string) bool {
	return verifierShape.MatchString(verifier) && ident.Same(oidc.NewSHACodeChallenge(verifier), challenge)
}

// detailed is an answer of the token endpoint with what RFC 9396 §7 adds to it.
type detailed struct {
	*oidc.AccessTokenResponse
	Details []grant.Detail `json:"authorization_details,omitempty"`
}

// exchanged is traded where there are no details.
func (s *server) exchanged(ctx context.Context, c *client.Client, raw string, code grant.Code) (*oidc.AccessTokenResponse, error) {
	answer, err := s.traded(ctx, c, raw, code)
	return answer.AccessTokenResponse, err
}

// traded makes the tokens of a code, the access token for what the request names of what was approved.
func (s *server) traded(ctx context.Context, c *client.Client, raw string, code grant.Code) (none detailed, err error) {
	acc, err := s.approved(ctx, c, &code.Approval)
	if err != nil {
		return none, err
	}
	lives := grant.Lives{Access: c.AccessTokenLife()}
	if code.Has(oidc.ScopeOfflineAccess) {
		lives.Refresh = c.RefreshTokenLife()
	}
	given, err := s.given(c, code.Approval, exchange(ctx).r.PostForm)
	if err != nil {
		return none, err
	}
	p, err := s.Grants.Prepare(ctx, raw, code, given, lives)
	if err != nil {
		return none, err
	}
	answer, err := s.response(c, given, acc, p.Tokens, code.Nonce)
	if err == nil {
		err = s.Grants.Exchange(ctx, p, func(ctx context.Context, m kv.Mark) error { return s.inSession(ctx, m, code.Approval) })
	}
	return detailed{answer, given.Details}, err
}

// approved finds the account of an approval and holds the approval against what may have
// changed since: the account, the client's least level, the person's own wish for two factors, what the
// person took back
// (security case 18). What is not approved any more is grant.ErrInvalid. Where the ID token could not
// be signed or encrypted now, that is said here, before anything is used up.
func (s *server) approved(ctx context.Context, c *client.Client, a *grant.Approval) (account.Account, error) {
	acc, err := s.Accounts.ByID(ctx, a.Account)
	if err != nil {
		return acc, err
	}
	if !acc.Usable() || !c.Admits(acc.Groups) || !strongEnough(a.ACR, c, acc) {
		return acc, grant.ErrInvalid
	}
	if err := s.standing(ctx, a); err != nil {
		return acc, err
	}
	if err := s.Ring.Ready(c.IDTokenSigning()); err != nil {
		return acc, err
	}
	return acc, s.encryptable(ctx, c, c.IDTokenEncryption())
}

// response is the answer of the token endpoint. An ID token comes with the scope openid alone
// (D19).
func (s *server) response(c *client.Client, a grant.Approval, acc account.Account, t grant.Tokens, nonce string) (*oidc.AccessTokenResponse, error) {
	answer := &oidc.AccessTokenResponse{
		AccessToken: t.Access, TokenType: oidc.BearerToken, RefreshToken: t.Refresh,
		ExpiresIn: uint64(c.AccessTokenLife().Seconds()), Scope: a.Scopes,
	}
	if a.JKT != "" {
		answer.TokenType = dpopType
	}
	if !a.Has(oidc.ScopeOpenID) {
		return answer, nil
	}
	var err error
	answer.IDToken, err = s.idToken(c, a, acc, t.Access, nonce)
	return answer, err
}

// Revocation ends a token of the client that asks; others' tokens and nonsense are answered
// the same way (RFC 7009 §2.2). With a refresh token its access tokens end.
func (s *server) Revocation(ctx context.Context, r *op.ClientRequest[oidc.RevocationRequest]) (*op.Response, error) {
	token, id := r.PostForm.Get("token"), r.Client.GetID()
	if err := errors.Join(s.Grants.RevokeAccess(ctx, token, id), s.Grants.RevokeRefresh(ctx, token, id)); err != nil {
		return nil, s.outage(ctx, err)
	}
	return op.NewResponse(struct{}{}), nil
}
