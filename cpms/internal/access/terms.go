package access

import (
	"context"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/terms"
)

// TermsStore keeps who accepted which edition of terms and privacy statement.
type TermsStore interface {
	// AcceptancesOf gives a person's, oldest first.
	AcceptancesOf(ctx context.Context, personID string) ([]terms.Acceptance, error)
}

// Terms gives the edition in force, and the person's acceptance of it, if there is one.
func (s *Service) Terms(ctx context.Context, p person.Person) (terms.Edition, terms.Acceptance, bool, error) {
	e := terms.InForce(s.Now())
	list, err := s.Store.AcceptancesOf(ctx, p.ID)
	a, ok := terms.Accepted(list, e.ID)
	return e, a, ok, err
}

// agreed says whether the terms in force are accepted by a draft: they were before, or the draft's
// tick stands beside this edition. A tick beside an older one is none any more. It gives what is
// to be kept, nil when it is kept already.
func (s *Service) agreed(ctx context.Context, p person.Person, r *Request) (*terms.Acceptance, error) {
	e, _, before, err := s.Terms(ctx, p)
	if err != nil {
		return nil, err
	}
	r.Terms = before || r.Terms && r.TermsVersion == e.ID
	if before || !r.Terms {
		return nil, nil
	}
	return &terms.Acceptance{Edition: e.ID, At: s.Now()}, nil
}

// accepted is the event of an acceptance.
func accepted(p person.Person, a *terms.Acceptance) []audit.Event {
	if a == nil {
		return nil
	}
	return []audit.Event{{At: a.At, Actor: p.ID, Subject: p.ID, Action: "terms.accepted", Detail: map[string]string{"edition": a.Edition}}}
}
