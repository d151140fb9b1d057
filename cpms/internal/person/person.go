package person

import (
	"context"
	"io"
	"strings"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/proto/kit/fault"
)

// Status says what a person may do.
type Status string

// The statuses. An erased person keeps nothing but the key.
const (
	Active    Status = "active"
	Suspended Status = "suspended" // closed at idp for now
	Erased    Status = "erased"
)

// Person is one guest record.
type Person struct {
	ID, Issuer, Subject          string
	GivenName, FamilyName, Email string
	MailLang                     string
	Assurance                    int // identity assurance by idp, 0 to 40
	Status                       Status
	CreatedAt, UpdatedAt         time.Time
}

// Name gives the full name.
func (p Person) Name() string { return strings.TrimSpace(p.GivenName + " " + p.FamilyName) }

var (
	// ErrUnknown says that there is no such person.
	ErrUnknown = fault.New(fault.NotFound, "person.unknown")
	// ErrClosed says that the person's account is closed or erased.
	ErrClosed = fault.New(fault.Denied, "person.closed")
)

// Claims are what an ID token says of a person.
type Claims struct {
	Issuer, Subject, GivenName, FamilyName, Email, Locale string
	Assurance                                             int
}

// Store keeps people.
type Store interface {
	PersonByKey(ctx context.Context, issuer, subject string) (Person, error)
	PersonByID(ctx context.Context, id string) (Person, error)
	// PutPerson inserts or refreshes by (issuer, subject) and gives what is stored. A
	// tombstone stays one, whatever races: ErrClosed.
	PutPerson(ctx context.Context, p Person, events ...audit.Event) (Person, error)
}

// Service knows people.
type Service struct {
	Store  Store
	Now    func() time.Time
	Random io.Reader
}

// Ensure makes or refreshes the record of somebody who just signed in. Signing in shows that
// idp lets the account in, so a closed record opens again; an erased one never does
// (ErrClosed).
func (s *Service) Ensure(ctx context.Context, c Claims) (Person, error) {
	now := s.Now()
	p, err := s.Store.PersonByKey(ctx, c.Issuer, c.Subject)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		p = Person{ID: ident.NewID(s.Random), Issuer: c.Issuer, Subject: c.Subject, Status: Active, CreatedAt: now}
	case err != nil:
		return Person{}, err
	case p.Status == Erased:
		return Person{}, ErrClosed
	}
	fresh := p
	fresh.GivenName, fresh.FamilyName, fresh.Email, fresh.Assurance, fresh.Status = c.GivenName, c.FamilyName, c.Email, c.Assurance, Active
	if fresh.MailLang = c.Locale; fresh.MailLang == "" {
		fresh.MailLang = "en"
	}
	if err == nil && fresh == p {
		return p, nil
	}
	fresh.UpdatedAt = now
	return s.Store.PutPerson(ctx, fresh, audit.Event{At: now, Actor: p.ID, Subject: p.ID, Action: "person.signed_in"})
}

// Get finds an active person: ErrUnknown when nobody, ErrClosed when closed or erased.
func (s *Service) Get(ctx context.Context, issuer, subject string) (Person, error) {
	p, err := s.Store.PersonByKey(ctx, issuer, subject)
	if err == nil && p.Status != Active {
		err = ErrClosed
	}
	return p, err
}
