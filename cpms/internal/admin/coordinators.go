package admin

import (
	"context"
	"slices"
	"strings"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
)

// ProposalLife is how long a proposal can be confirmed.
const ProposalLife = 7 * 24 * time.Hour

// ErrSecond says that who proposed a coordinator, or is to be one, does not confirm it.
var ErrSecond = fault.New(fault.Denied, "admin.second")

// Proposal is a coordinator whom one administrator proposed.
type Proposal struct {
	PersonID, Network, ByID string
	At                      time.Time
}

// Propose says that somebody who has signed in before should coordinate one network. It gives
// nothing: as everywhere with this role, a second person must agree (domain.md row 33). The
// other administrators get a mail. Errors: ErrNone, ErrLevel, ErrOwn, ErrInvalid (fields email,
// network), ErrChanged when it was proposed already.
func (s *Service) Propose(ctx context.Context, by By, email, slug string) error {
	if err := s.allowed(ctx, by); err != nil {
		return err
	}
	e := ErrInvalid
	if _, ok := network.BySlug(slug); !ok {
		e = e.WithField("network", "request.choice")
	}
	people, err := s.Store.PeopleByEmail(ctx, strings.TrimSpace(email))
	if err != nil {
		return err
	}
	people = slices.DeleteFunc(people, func(p person.Person) bool { return p.Status != person.Active })
	if len(people) != 1 {
		e = e.WithField("email", "admin.coordinator.nobody")
	}
	if err := e.Or(); err != nil {
		return err
	}
	p := people[0]
	if p.ID == by.Person.ID {
		return ErrOwn
	}
	w := s.write(by, p.ID, "role.proposed", access.CoordinatorRole, map[string]string{"at": slug})
	admins, err := s.Store.Administrators(ctx)
	if err != nil {
		return err
	}
	for _, a := range admins {
		if a.ID != by.Person.ID && a.ID != p.ID {
			w.Mails = append(w.Mails, notify.CoordinatorProposed(a, p, slug, s.BaseURL+"/admin/coordinators"))
		}
	}
	return s.Store.Propose(ctx, Proposal{p.ID, slug, by.Person.ID, w.At}, w.At.Add(-ProposalLife), w)
}

// Proposals gives those that can still be confirmed.
func (s *Service) Proposals(ctx context.Context) ([]Proposal, error) {
	return s.Store.Proposals(ctx, s.Now().Add(-ProposalLife))
}

// Confirm makes somebody a coordinator whom another administrator proposed. The person and all
// who decide for the network already get a mail. Errors: ErrNone, ErrLevel, ErrSecond,
// ErrUnknown, ErrChanged when the proposal is gone or the person has the role.
func (s *Service) Confirm(ctx context.Context, by By, personID, slug string) error {
	p, w, err := s.change(ctx, by, personID, slug, "role.given")
	if err != nil {
		return err
	}
	if p.ID == by.Person.ID {
		return ErrSecond
	}
	return s.Store.Confirm(ctx, p, slug, by.Person.ID, w.At.Add(-ProposalLife), w)
}

// Drop takes a proposal back; any administrator may. Errors: ErrNone, ErrLevel, ErrUnknown,
// ErrChanged.
func (s *Service) Drop(ctx context.Context, by By, personID, slug string) error {
	p, w, err := s.change(ctx, by, personID, slug, "role.dropped")
	if err != nil {
		return err
	}
	w.Mails = nil
	return s.Store.Drop(ctx, p, slug, w)
}

// Take ends a role COORDINATOR that was given by an operator's or administrators' word, at
// once and by one administrator alone; a grant of the role ends by other ways. Errors:
// ErrNone, ErrLevel, ErrUnknown, ErrChanged.
func (s *Service) Take(ctx context.Context, by By, personID, slug string) error {
	p, w, err := s.change(ctx, by, personID, slug, "role.taken")
	if err != nil {
		return err
	}
	return s.Store.TakeFrom(ctx, p, slug, w)
}

// change is what all these begin with: who, where, the event, and the mails to all whom it
// concerns.
func (s *Service) change(ctx context.Context, by By, personID, slug, action string) (person.Person, Write, error) {
	if err := s.allowed(ctx, by); err != nil {
		return person.Person{}, Write{}, err
	}
	if _, ok := network.BySlug(slug); !ok && slug != access.AllNetworks {
		return person.Person{}, Write{}, ErrUnknown
	}
	p, err := s.known(ctx, personID)
	if err != nil {
		return p, Write{}, err
	}
	w := s.write(by, p.ID, action, access.CoordinatorRole, map[string]string{"at": slug})
	others, err := s.Store.CoordinatorsOf(ctx, slug, s.Now())
	if err != nil {
		return p, w, err
	}
	given := action == "role.given"
	if p.Status == person.Active {
		w.Mails = append(w.Mails, notify.Coordinator(p, given, slug, s.BaseURL+"/screen/home"))
	}
	for _, o := range others {
		if o.ID != p.ID && o.ID != by.Person.ID {
			w.Mails = append(w.Mails, notify.CoordinatorTold(o, p, given, slug, s.BaseURL+"/desk"))
		}
	}
	return p, w, nil
}
