package provider

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/proto/kit/kv"
)

// introspection is the answer of RFC 7662. An inactive token says nothing else (security
// case 24).
type introspection struct {
	Active    bool   `json:"active"`
	TokenType string `json:"token_type,omitempty"`
	tokenClaims
}

// introspect tells an authenticated client about an access token that concerns it, as JSON (RFC 7662) or, to
// who asks for that, as a signed JWT (RFC 9701).
func (s *server) introspect(w http.ResponseWriter, r *http.Request) {
	c, err := s.authenticate(r.Context(), r)
	var answer introspection
	if err == nil {
		answer, err = s.introspected(r.Context(), c, r.PostForm.Get("token"))
	}
	if err == nil && accepts(r.Header, introspectionType) {
		err = s.introspectionJWT(w, r, c, answer)
	} else if err == nil {
		writeJSON(w, http.StatusOK, answer)
	}
	if err != nil {
		op.WriteError(w, r, err, s.Log)
	}
}

// introspected is what a client may know of a token.
func (s *server) introspected(ctx context.Context, c *client.Client, token string) (introspection, error) {
	switch {
	case c.AuthMethod == client.None:
		return introspection{}, unauthorized(ctx, "the client must authenticate")
	case token == "":
		return introspection{}, oidc.ErrInvalidRequest().WithDescription("token missing")
	}
	a, err := s.living(ctx, token)
	if errors.Is(err, kv.ErrChanged) {
		return introspection{}, unauthorized(ctx, "client authentication failed")
	}
	if err != nil && !wrong(err) {
		return introspection{}, s.outage(ctx, err)
	}
	if err != nil || !s.concerns(c, a.Approval) {
		return introspection{}, nil
	}
	kind := "Bearer"
	if a.JKT != "" {
		kind = dpopType
	}
	answer := introspection{Active: true, TokenType: kind, tokenClaims: s.claimsOf(c, a.Access)}
	if a.Client != c.ID {
		answer.Details = detailsOf(c, answer.Details) // RFC 9396 §9.2
	}
	return answer, nil
}

// concerns reports whether a client may learn of a token (security case 24): it got it, it is a resource
// server that the token is for, or it is registered to introspect tokens of that client, as far as these
// name no other resource.
func (s *server) concerns(c *client.Client, a grant.Approval) bool {
	for _, resource := range s.audience(a) {
		if resource != s.Issuer && s.Clients.Owner(resource) == c.ID {
			return true
		}
	}
	return a.Client == c.ID || slices.Equal(s.audience(a), []string{s.Issuer}) && slices.Contains(c.Introspects, a.Client)
}

// held is a living access token with the person who gave it; a client's own token has none.
type held struct {
	grant.Access
	client  *client.Client
	through []*client.Client // that had it before
	account account.Account
}

// admitted reports whether the person may sign in to the client that has the token, and to all that it came through.
func (h held) admitted() bool {
	for _, c := range append(h.through, h.client) {
		if !c.Admits(h.account.Groups) {
			return false
		}
	}
	return true
}

// living finds an access token that is good at this moment: the account may still sign in, and to this client,
// the client is still registered, the person took nothing back, and the session has neither ended nor
// left the client; a token of a refresh family ends with the family instead, a client's own token with
// its right to that grant, and one that was given for another with the right to that, and with all of this
// for the clients on the way.
func (s *server) living(ctx context.Context, handle string) (held, error) {
	a, err := s.Grants.Access(ctx, handle, left(ctx))
	if err != nil {
		return held{}, err
	}
	c, err := s.holder(ctx, a.Client, a.Issued)
	if err != nil {
		return held{}, err
	}
	through, err := s.delegated(ctx, c, a)
	if err != nil {
		return held{}, err
	}
	if !a.OfPerson() {
		if !c.Allows(client.ClientCredentials) {
			err = grant.ErrInvalid
		}
		return held{Access: a, client: c}, err
	}
	if a.Family == "" {
		if err := s.inSession(ctx, kv.Mark{}, a.Approval, a.Chain...); err != nil {
			return held{}, err
		}
	}
	if err := s.standing(ctx, &a.Approval, a.Chain...); err != nil {
		return held{}, err
	}
	acc, err := s.Accounts.ByID(ctx, a.Account)
	h := held{a, c, through, acc}
	if err == nil && (!acc.Usable() || !h.admitted()) {
		err = grant.ErrInvalid
	}
	return h, err
}

// delegated holds a token that was given for others against what is so now, and gives the clients that it came
// through. All but the first got it by an exchange, and need that grant.
func (s *server) delegated(ctx context.Context, c *client.Client, a grant.Access) (through []*client.Client, err error) {
	for _, l := range a.Chain {
		before, err := s.holder(ctx, l.Client, a.Issued)
		if err == nil && len(through) > 0 && !before.Allows(client.TokenExchange) {
			err = grant.ErrInvalid
		}
		if err != nil {
			return nil, err
		}
		through = append(through, before)
	}
	if len(through) > 0 && !c.Allows(client.TokenExchange) {
		err = grant.ErrInvalid
	}
	return through, err
}

// holder finds the client that got a token at a moment: another one that has its id since is none.
func (s *server) holder(ctx context.Context, id string, at time.Time) (*client.Client, error) {
	c, err := s.Clients.ByID(ctx, id)
	if err == nil && at.Before(c.Since) {
		err = grant.ErrInvalid
	}
	return c, err
}
