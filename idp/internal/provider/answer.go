package provider

import (
	"context"
	"net/url"
	"slices"

	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
)

// refusal is an error that is sent to the client's address (OpenID Connect Core §3.1.2.6).
type refusal struct{ code, description string }

// Error gives the code; what the person did is in neither.
func (r *refusal) Error() string { return r.code }

// refuse gives the answer with an error. A pushed request is used up by it.
func (s *server) refuse(ctx context.Context, ask asked, no *refusal) (reply, error) {
	if err := s.settle(ctx, ask.Pushed); err != nil {
		return reply{}, err
	}
	return s.reply(ask, url.Values{"error": {no.code}, "error_description": {no.description}}), nil
}

// answer makes the code and the answer that carries it. The session remembers the client, to
// tell it when it ends. A pushed request is used up last: an outage before leaves it good, and a
// code that is not told to anybody opens nothing.
func (s *server) answer(ctx context.Context, ask asked, sess session.Session, d policy.Decision) (reply, error) {
	if !slices.Contains(sess.Clients, ask.Client) {
		if err := s.Sessions.AddClient(ctx, sess.ID, ask.Client); err != nil {
			return reply{}, err
		}
	}
	code, err := s.Grants.IssueCode(ctx, grant.Code{
		Approval: grant.Approval{
			Client: ask.Client, Account: sess.Account, SID: sess.ID, Scopes: ask.Scopes, At: ask.At, Resources: ask.Resources, Details: ask.Details, Claims: ask.Claims, ACR: d.ACR, AMR: d.AMR, AuthTime: d.AuthTime, Binding: grant.Binding{JKT: ask.JKT},
		},
		RedirectURI: ask.RedirectURI, Challenge: ask.Challenge, Nonce: ask.Nonce,
	})
	if err == nil {
		err = s.settle(ctx, ask.Pushed)
	}
	if err != nil {
		return reply{}, err
	}
	return s.reply(ask, url.Values{"code": {code}}), nil
}

// withQuery adds parameters to a registered address; empty ones are left out.
func withQuery(address string, add url.Values) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // registration let only good ones in
	}
	q := u.Query()
	for k, v := range add {
		if v[0] != "" {
			q.Set(k, v[0])
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}
