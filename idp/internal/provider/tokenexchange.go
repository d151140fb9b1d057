package provider

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/proto/kit/kv"
)

// TokenExchange gives a service that acts for a person an access token that can do less than the one it shows, never
// more (RFC 8693): the same person and sign-in, fewer or the same scopes and resources, and no longer a life. Who
// acts is told with it. There is no refresh token and no ID token (security case 19, idp/docs/adr/0015).
func (s *server) TokenExchange(ctx context.Context, r *op.ClientRequest[oidc.TokenExchangeRequest]) (*op.Response, error) {
	c := r.Client.(opClient).c
	if err := readExchange(r.PostForm); err != nil {
		return nil, err
	}
	bound, err := s.bound(ctx, c)
	if err != nil {
		return nil, err
	}
	subject, err := s.living(ctx, r.PostForm.Get("subject_token"))
	if errors.Is(err, kv.ErrChanged) {
		return nil, unauthorized(ctx, "client authentication failed")
	}
	if err == nil && !s.mayExchange(c, subject) {
		err = grant.ErrInvalid
	}
	if err != nil {
		return nil, s.refused(ctx, err, badSubject())
	}
	given, err := s.lesser(c, subject.Approval, r.PostForm)
	if err != nil {
		return nil, err
	}
	if given.Binding = bound; subject.Binding != (grant.Binding{}) && bound == (grant.Binding{}) {
		return nil, &oidc.Error{ErrorType: "invalid_dpop_proof", Description: "the subject_token is bound: what is given for it is bound to your key or certificate"}
	}
	t, life, err := s.Grants.Narrow(ctx, subject.Access, given, c.AccessTokenLife())
	if err != nil {
		return nil, s.refused(ctx, err, badSubject())
	}
	answer := &oidc.TokenExchangeResponse{
		AccessToken: t.Access, IssuedTokenType: oidc.AccessTokenType, TokenType: oidc.BearerToken, ExpiresIn: uint64(life.Seconds()), Scopes: given.Scopes,
	}
	if bound.JKT != "" {
		answer.TokenType = dpopType
	}
	return op.NewResponse(answer), nil
}

// badSubject is the answer for every subject_token that is none, or none for this client (RFC 8693 §2.2.2). It says
// the same of both.
func badSubject() *oidc.Error {
	return oidc.ErrInvalidRequest().WithDescription("the subject_token is not good, or not for this client to exchange")
}

// readExchange refuses what is not offered: other tokens than access tokens, an actor beside the client that
// authenticates, targets by other names than resource. It is pure.
func readExchange(form url.Values) error {
	requested := form.Get("requested_token_type")
	switch {
	case form.Get("subject_token_type") != string(oidc.AccessTokenType):
		return oidc.ErrInvalidRequest().WithDescription("subject_token_type must be %s", oidc.AccessTokenType)
	case requested != "" && requested != string(oidc.AccessTokenType):
		return oidc.ErrInvalidRequest().WithDescription("requested_token_type must be %s", oidc.AccessTokenType)
	case form.Get("actor_token") != "" || form.Get("actor_token_type") != "":
		return oidc.ErrInvalidRequest().WithDescription("the actor is the client that authenticates: there is no actor_token")
	case form.Get("audience") != "":
		return oidc.ErrInvalidTarget().WithDescription("targets are named by resource")
	}
	return nil
}

// mayExchange says whether a client may act with a token (security case 19): it got it itself, it is a resource
// server that the token is for, or it is registered to exchange tokens of that client, as far as these are
// for the provider. The sign-in must be one that the client itself would take (case 5), of somebody who may
// sign in to it. A token without a person is nobody's to act for.
func (s *server) mayExchange(c *client.Client, t held) bool {
	if c.AuthMethod == client.None || !t.OfPerson() || !c.Admits(t.account.Groups) || !strongEnough(t.ACR, c, t.account) {
		return false
	}
	if most := c.DefaultMaxAge; most != nil && s.Now().Sub(t.AuthTime) > time.Duration(*most)*time.Second {
		return false
	}
	for _, resource := range s.audience(t.Approval) {
		if resource == s.Issuer && slices.Contains(c.Exchanges, t.Client) || resource != s.Issuer && s.Clients.Owner(resource) == c.ID {
			return true
		}
	}
	return t.Client == c.ID
}

// lesser gives what a client gets of an approval: the person and the sign-in as they are, and of scopes and
// resources what it asks for, or all, as far as they were approved and the client may have them. What an
// approval holds besides stays with the client that it was given to.
func (s *server) lesser(c *client.Client, a grant.Approval, form url.Values) (grant.Approval, error) {
	given := grant.Approval{Client: c.ID, Account: a.Account, SID: a.SID, At: a.At, ACR: a.ACR, AMR: a.AMR, AuthTime: a.AuthTime, Resources: a.Resources}
	given, err := s.narrowed(c, given, form["resource"])
	if err != nil {
		return given, invalidTarget()
	}
	have := slices.DeleteFunc(slices.Clone(a.Scopes), func(scope string) bool { return scope == oidc.ScopeOfflineAccess })
	wanted := strings.Fields(form.Get("scope"))
	for _, scope := range wanted {
		if !slices.Contains(have, scope) || !c.MayAsk(scope) {
			return given, oidc.ErrInvalidScope()
		}
	}
	if len(wanted) == 0 {
		wanted = have
	}
	if given.Scopes = granted(c, wanted); len(given.Scopes) == 0 {
		return given, oidc.ErrInvalidScope()
	}
	return given, nil
}

// actor is who acts for the person of a token, and for whom that one acts (RFC 8693 §4.1). It is a client.
type actor struct {
	Subject string `json:"sub"`
	For     *actor `json:"act,omitempty"`
}

// acting tells who acts; nil where the client itself does that the person signed in to.
func acting(clients []string) *actor {
	if len(clients) == 0 {
		return nil
	}
	return &actor{clients[0], acting(clients[1:])}
}
