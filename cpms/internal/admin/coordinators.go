package admin

import (
	"context"
	"slices"
	"strings"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
)

// Give makes somebody who has signed in before a coordinator of one network. All who decide
// for it already hear of it, and so does the person: what one administrator does alone, many
// see. Errors: ErrNone, ErrLevel, ErrOwn, ErrInvalid (fields email, network), ErrChanged.
func (s *Service) Give(ctx context.Context, by By, email, slug string) error {
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
	w, err := s.roleWrite(ctx, by, p, slug, "role.given")
	if err != nil {
		return err
	}
	return s.Store.GiveTo(ctx, p, slug, w)
}

// Take ends a role COORDINATOR that an operator or an administrator gave, at once; a grant of
// the role ends by other ways. Errors: ErrNone, ErrLevel, ErrUnknown, ErrChanged.
func (s *Service) Take(ctx context.Context, by By, personID, slug string) error {
	if err := s.allowed(ctx, by); err != nil {
		return err
	}
	if _, ok := network.BySlug(slug); !ok && slug != access.AllNetworks {
		return ErrUnknown
	}
	p, err := s.known(ctx, personID)
	if err != nil {
		return err
	}
	w, err := s.roleWrite(ctx, by, p, slug, "role.taken")
	if err != nil {
		return err
	}
	return s.Store.TakeFrom(ctx, p, slug, w)
}

// roleWrite is the event of a role that comes or goes, and the mails to all whom it concerns.
func (s *Service) roleWrite(ctx context.Context, by By, p person.Person, slug, action string) (Write, error) {
	w := s.write(by, p.ID, action, access.CoordinatorRole, map[string]string{"at": slug})
	others, err := s.Store.CoordinatorsOf(ctx, slug, s.Now())
	if err != nil {
		return w, err
	}
	given, link := action == "role.given", s.BaseURL+"/desk"
	if p.Status == person.Active {
		w.Mails = append(w.Mails, notify.Coordinator(p, given, slug, s.BaseURL+"/screen/home"))
	}
	for _, o := range others {
		if o.ID != p.ID && o.ID != by.Person.ID {
			w.Mails = append(w.Mails, notify.CoordinatorTold(o, p, given, slug, link))
		}
	}
	return w, nil
}
