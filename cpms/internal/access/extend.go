package access

import (
	"context"

	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
)

// Extension gives the draft that asks for more of access that ends soon: a new request, filled
// in from the one that the grant came from, which the person reads and confirms anew. Members
// confirm so every year (domain.md row 36), guests when their days run out. A draft for the
// same that is there already is given instead. Errors: ErrUnknown, ErrNoGrant (not in its last
// two weeks).
func (s *Service) Extension(ctx context.Context, p person.Person, grantID string) (Request, error) {
	g, err := s.OwnGrant(ctx, p, grantID)
	if err != nil {
		return Request{}, err
	}
	if _, ok := NextGrant(g.Status(s.Now()), Requester, Extend); !ok {
		return Request{}, ErrNoGrant
	}
	others, err := s.Store.RequestsOf(ctx, p.ID)
	if err != nil {
		return Request{}, err
	}
	for _, o := range others {
		if (o.State == Draft || o.State.Open()) && o.Network == g.Network && o.Role == g.Role {
			return o, nil
		}
	}
	before, err := s.own(ctx, p, g.RequestID)
	if err != nil {
		return Request{}, err
	}
	return s.SaveDraft(ctx, p, Request{
		Network: before.Network, Country: before.Country, Hospital: before.Hospital, Role: before.Role, Justification: before.Justification,
		SponsorName: before.SponsorName, SponsorEmail: before.SponsorEmail, DurationDays: before.DurationDays,
	})
}

// Held gives what somebody holds already of what a request asks for, or nil: approving the
// request extends it.
func (s *Service) Held(ctx context.Context, r Request) (*Grant, error) {
	grants, err := s.Store.GrantsOf(ctx, r.PersonID)
	for _, g := range grants {
		if g.RequestID != r.ID && g.Network == r.Network && g.Role == r.Role && g.Opens(s.Now()) {
			return &g, err
		}
	}
	return nil, err
}

// extends says in a write that its grant goes on where another ends.
func (s *Service) extends(ctx context.Context, requester person.Person, c *Change) error {
	held, err := s.Held(ctx, c.Request)
	if err != nil || held == nil {
		return err
	}
	c.Grant.Extends = held.ID
	c.Mails = []notify.Mail{notify.Extended(requester, c.Request.Network, c.Grant.EndsAt, s.link(c.Request))}
	return nil
}
