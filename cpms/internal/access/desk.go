package access

import (
	"context"
	"strings"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
)

// ForDesk gives a request to a coordinator of its network; for others it does not exist.
func (s *Service) ForDesk(ctx context.Context, by person.Person, id string) (Request, []string, error) {
	networks, err := s.Store.NetworksOf(ctx, by.ID)
	if err != nil {
		return Request{}, nil, err
	}
	r, err := s.byID(ctx, id)
	if err != nil {
		return Request{}, nil, err
	}
	if !covers(networks, r.Network) || r.State == Draft {
		return Request{}, nil, ErrUnknown
	}
	return r, networks, nil
}

// Decide is a coordinator's decision about a request of requester, over the version that was
// looked at. An approval makes the grant in the same transaction; if idp says that no second
// factor is left, the grant begins suspended. Every decision leaves a signed receipt. Errors: those of the pure Decide, ErrUnknown,
// ErrChanged, ErrNotActive, Unavailable.
func (s *Service) Decide(ctx context.Context, by, requester person.Person, id string, version int64, d Decision, st Strength, acr string) (Request, error) {
	r, networks, err := s.ForDesk(ctx, by, id)
	if err != nil {
		return Request{}, err
	}
	if requester.ID != r.PersonID {
		return Request{}, ErrUnknown // one person's request with another's name (security case 40)
	}
	to, err := Decide(r, d, by.ID, networks, st, s.Now())
	if err != nil {
		return r, err
	}
	if r.Version != version {
		return r, ErrChanged
	}
	c := s.decided(r, to, by, requester, d, acr)
	if c.Proof, err = s.proof(r, words[d.Do], by.ID, st, acr); err != nil {
		return r, err
	}
	if c.Grant != nil {
		known, err := s.Assurance.Get(ctx, requester)
		if err != nil {
			return r, err
		}
		if !known.Active || requester.Status != person.Active {
			return r, ErrNotActive
		}
		if !known.SecondFactor {
			c.Grant.SuspendedAt = c.Grant.StartsAt
		}
	}
	return c.Request, s.Store.ApplyChange(ctx, c)
}

// decided is the write of a decision.
func (s *Service) decided(r Request, to State, by, requester person.Person, d Decision, acr string) Change {
	now, text := s.Now(), strings.TrimSpace(d.Text)
	c := Change{From: r.Version}
	r.State, r.UpdatedAt, r.Version = to, now, r.Version+1
	switch to {
	case Approved:
		r.DecidedAt, r.DecidedBy, r.Reason = now, by.ID, text
		g := grantOf(r, ident.NewID(s.Random), now)
		c.Grant = &g
		c.Mails = []notify.Mail{notify.Approved(requester, r.Network, g.EndsAt, s.link(r))}
	case Rejected:
		r.DecidedAt, r.DecidedBy, r.Reason = now, by.ID, text
		c.Mails = []notify.Mail{notify.Rejected(requester, r.Network, text, s.link(r))}
	case MoreInfo:
		r.Question, r.Answer = text, ""
		c.Mails = []notify.Mail{notify.Question(requester, r.Network, text, s.link(r))}
	}
	c.Request = r
	c.Events = []audit.Event{s.event(by.ID, r, "request."+string(to), acr)}
	return c
}
