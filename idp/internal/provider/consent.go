package provider

import (
	"context"
	"errors"
	"slices"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/claims"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/kv"
)

// release is what a request asks to be told, in the terms of the page that asks the person.
func (s *server) release(c *client.Client, ask asked) *consent.Release {
	return &consent.Release{
		Items:   consent.Items(ask.Scopes, ask.Claims),
		Details: s.shown(ask.Details), Always: ask.Consent || len(ask.Details) > 0, Person: c.PersonConsents(), Offline: c.RefreshTokenLife(), URI: c.URI, Policy: c.PolicyURI, Terms: c.TermsURI,
	}
}

// settled gives what the client is told: the request without what the person withholds, or the refusal
// that says that the person must be asked first.
func (s *server) settled(ctx context.Context, c *client.Client, ask asked, acc account.Account, a *consent.Agreement, fresh bool) (asked, *refusal, error) {
	told, err := s.Consents.Tell(ctx, acc, c.ID, *s.release(c, ask), a, fresh)
	switch {
	case errors.Is(err, consent.ErrAsk):
		return ask, &refusal{"consent_required", "the person has to be asked"}, nil
	case errors.Is(err, consent.ErrWarn):
		return ask, &refusal{"interaction_required", "the person wants to be asked"}, nil
	}
	ask.At, ask.Scopes = told.At, within(ask.Scopes, told.Withheld)
	return ask, nil, err
}

// within gives the scopes without those that the person withholds, each as a whole; claims are withheld
// one by one.
func within(scopes, withheld []string) []string {
	if len(withheld) == 0 {
		return scopes
	}
	return slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool {
		return slices.Contains(withheld, scope) && claims.Scope(scope) == ""
	})
}

// standing holds an approval against what the person took back since (security case 18), from its client
// and from those that it came through: withdrawn, it is grant.ErrInvalid; what was stopped is not in it any
// more.
func (s *server) standing(ctx context.Context, a *grant.Approval, through ...grant.Link) error {
	for _, l := range append(slices.Clone(through), grant.Link{Client: a.Client}) {
		now, err := s.Consents.Standing(ctx, a.Account, l.Client)
		if err != nil {
			return err
		}
		if now.Dead(a.At) {
			return grant.ErrInvalid
		}
		a.Withheld = append(a.Withheld, now.Withheld()...)
	}
	a.Scopes = within(a.Scopes, a.Withheld)
	return nil
}

// inSession is grant.ErrInvalid unless the session that something was approved in lives, and has left none of the
// clients that have it or had it since. A mark is set in the same trip (session.Holds).
func (s *server) inSession(ctx context.Context, m kv.Mark, a grant.Approval, through ...grant.Link) error {
	clients := []string{a.Client}
	for _, l := range through {
		clients = append(clients, l.Client)
	}
	err := s.Sessions.Holds(ctx, m, a.SID, a.At, clients...)
	if errors.Is(err, session.ErrNone) {
		return grant.ErrInvalid.Because(err)
	}
	return err
}
