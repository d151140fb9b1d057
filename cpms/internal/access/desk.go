package access

import (
	"context"
	"strings"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
)

// ForDesk gives a request to somebody who decides for its network now, with the networks that
// they decide for; for others it does not exist.
func (s *Service) ForDesk(ctx context.Context, by person.Person, id string) (Request, []string, error) {
	r, seats, err := s.atDesk(ctx, by, id)
	return r, networksOf(seats), err
}

func (s *Service) atDesk(ctx context.Context, by person.Person, id string) (Request, []Seat, error) {
	seats, err := s.Store.Seats(ctx, by.ID, s.Now())
	if err != nil {
		return Request{}, nil, err
	}
	r, err := s.byID(ctx, id)
	if err != nil {
		return Request{}, nil, err
	}
	if !covers(networksOf(seats), r.Network) || r.State == Draft {
		return Request{}, nil, ErrUnknown
	}
	return r, seats, nil
}

// First gives the first approval of a request as it stands, or nil.
func (s *Service) First(ctx context.Context, r Request) (*Approval, error) {
	if !NeedsTwo(r.Role) || !r.State.Open() {
		return nil, nil
	}
	return s.Store.ApprovalOf(ctx, r.ID, r.Version)
}

// Decide is a coordinator's or deputy's decision about a request of requester, over the
// version that was looked at. An approval makes the grant in the same transaction; if idp says
// that no second factor is left, the grant begins suspended. Where two must approve, the first
// approval is kept and the state stays; any other change of the request undoes it. Every
// decision leaves a signed receipt. Errors: those of the pure Decide, ErrUnknown, ErrChanged,
// ErrNotActive, Unavailable.
func (s *Service) Decide(ctx context.Context, by, requester person.Person, id string, version int64, d Decision, st Strength, acr string) (Request, error) {
	c, r, err := s.ruled(ctx, by, requester, id, version, d, st, acr)
	if err != nil {
		return r, err
	}
	return c.Request, s.Store.ApplyChange(ctx, c)
}

// ruled makes the write of a decision, or says why there is none.
func (s *Service) ruled(ctx context.Context, by, requester person.Person, id string, version int64, d Decision, st Strength, acr string) (Change, Request, error) {
	r, seats, err := s.atDesk(ctx, by, id)
	if err != nil {
		return Change{}, Request{}, err
	}
	if requester.ID != r.PersonID {
		return Change{}, Request{}, ErrUnknown // one person's request with another's name (security case 40)
	}
	first, err := s.First(ctx, r)
	if err != nil {
		return Change{}, r, err
	}
	ruling, err := Decide(r, d, by.ID, seats, first, st, s.Now())
	if err != nil {
		return Change{}, r, err
	}
	if r.Version != version {
		return Change{}, r, ErrChanged
	}
	if d.Do == Approve {
		f, err := s.Store.ReferenceOf(ctx, r.ID)
		if err == nil {
			err = Confirmed(s.RefereeRequired, f)
		}
		if err != nil {
			return Change{}, r, err
		}
	}
	c := s.decided(r, ruling, by, requester, d, acr)
	if c.Proof, err = s.proof(r, ruling.word(d), by.ID, ruling.Seat.For, st, acr); err != nil {
		return c, r, err
	}
	if ruling.First {
		c.Mails, err = s.toSecond(ctx, by, requester, c.Request)
	} else if c.Grant != nil {
		if err = s.extends(ctx, requester, &c); err == nil {
			err = s.stillActive(ctx, requester, c.Grant)
		}
	}
	return c, r, err
}

// stillActive asks idp once more before something is granted.
func (s *Service) stillActive(ctx context.Context, requester person.Person, g *Grant) error {
	known, err := s.Assurance.Get(ctx, requester)
	if err != nil {
		return err
	}
	if !known.Active || requester.Status != person.Active {
		return ErrNotActive
	}
	if !known.SecondFactor {
		g.SuspendedAt = g.StartsAt
	}
	return nil
}

// toSecond tells the others who may decide that a second approval is wanted.
func (s *Service) toSecond(ctx context.Context, by, requester person.Person, r Request) (mails []notify.Mail, err error) {
	deciders, err := s.Store.CoordinatorsOf(ctx, r.Network, s.Now())
	for _, c := range deciders {
		if c.ID != by.ID && c.ID != requester.ID {
			mails = append(mails, notify.SecondNeeded(c, requester, r.Network, s.BaseURL+"/desk/"+r.ID))
		}
	}
	return mails, err
}

// decided is the write of a decision.
func (s *Service) decided(r Request, ruling Ruling, by, requester person.Person, d Decision, acr string) Change {
	now, text, action := s.Now(), strings.TrimSpace(d.Text), string(ruling.To)
	c := Change{From: r.Version}
	r.State, r.UpdatedAt, r.Version = ruling.To, now, r.Version+1
	switch {
	case ruling.First:
		c.Approval, action = &Approval{Version: r.Version, By: by.ID, For: ruling.Seat.For}, "first_approval"
	case r.State == Approved:
		r.DecidedAt, r.DecidedBy, r.Reason = now, by.ID, text
		g := grantOf(r, ident.NewID(s.Random), now)
		c.Grant = &g
		c.Mails = []notify.Mail{notify.Approved(requester, r.Network, g.EndsAt, s.link(r))}
	case r.State == Rejected:
		r.DecidedAt, r.DecidedBy, r.Reason = now, by.ID, text
		c.Mails = []notify.Mail{notify.Rejected(requester, r.Network, text, s.link(r))}
	case r.State == MoreInfo:
		r.Question, r.Answer = text, ""
		c.Remark = s.asked(r, by.ID, Coordinator, TheQuestion, text, now)
		c.Mails = []notify.Mail{notify.Question(requester, r.Network, text, s.link(r))}
	}
	c.Request = r
	e := s.event(by.ID, r, "request."+action, acr)
	if ruling.Seat.For != "" {
		e.Detail["for"] = ruling.Seat.For
	}
	c.Events = []audit.Event{e}
	return c
}
