package rights

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/session"
)

// Cell is one value of a record: a string, a bool, an int64, a time.Time (zero: never), or a
// map[string]any of what was stored as JSON.
type Cell struct {
	Column string
	Value  any
}

// Table is what one table holds about a person.
type Table struct {
	Name    string
	Records [][]Cell
}

// Copy is everything that is stored about a person at a moment.
type Copy struct {
	MadeAt time.Time
	Tables []Table // empty ones too
}

// Store reads and records.
type Store interface {
	// Stored gives all that the tables hold about a person, in a fixed order.
	Stored(ctx context.Context, p person.Person) ([]Table, error)
	Record(ctx context.Context, at time.Time, events []audit.Event) error
}

// Sessions lists the living sessions of a person.
type Sessions interface {
	Of(ctx context.Context, issuer, subject string) ([]session.Session, error)
}

// Service gives people their data.
type Service struct {
	Store    Store
	Sessions Sessions
	Now      func() time.Time
}

// Export gives everything that is stored about a person, to that person alone: the caller knows that
// it is theirs. That it was taken is written down first. Errors: access.ErrLevel without a fresh
// MEDIUM sign-in.
func (s *Service) Export(ctx context.Context, p person.Person, st access.Strength, acr string) (Copy, error) {
	now := s.Now()
	if !st.Enough(now) {
		return Copy{}, access.ErrLevel
	}
	taken := audit.Event{At: now, Actor: p.ID, Subject: p.ID, Action: "rights.exported", Detail: map[string]string{"acr": acr}}
	if err := s.Store.Record(ctx, now, []audit.Event{taken}); err != nil {
		return Copy{}, err
	}
	return s.copy(ctx, p, now)
}

// ExportFor gives the same to idp, which knows that the person asks and showed fresh proofs there.
func (s *Service) ExportFor(ctx context.Context, p person.Person) (Copy, error) {
	now := s.Now()
	taken := audit.Event{At: now, Actor: audit.IDP, Subject: p.ID, Action: "rights.exported"}
	if err := s.Store.Record(ctx, now, []audit.Event{taken}); err != nil {
		return Copy{}, err
	}
	return s.copy(ctx, p, now)
}

func (s *Service) copy(ctx context.Context, p person.Person, now time.Time) (Copy, error) {
	tables, err := s.Store.Stored(ctx, p)
	if err != nil {
		return Copy{}, err
	}
	list, err := s.Sessions.Of(ctx, p.Issuer, p.Subject)
	return Copy{now, append(tables, sessions(list))}, err
}

// sessions tells of sign-ins that are under way. Their secrets are no data about the person: with
// them somebody else could act in their place.
func sessions(list []session.Session) Table {
	t := Table{Name: "sessions"}
	for _, s := range list {
		t.Records = append(t.Records, []Cell{
			{"acr", s.ACR}, {"amr", join(s.AMR)}, {"auth_time", s.AuthTime}, {"created", s.Created}, {"seen", s.Seen},
		})
	}
	return t
}
