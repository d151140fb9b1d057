// Package inbox applies what idp tells of accounts: each event once, those of one person in
// their order. What an event means for requests and grants is decided here; how it travels
// belongs to package rpc.
package inbox

import (
	"context"
	"time"

	"eulogin.example/proto/kit/fault"
)

// Kind is what happened.
type Kind string

// The kinds of events.
const (
	EmailChanged Kind = "email_changed"
	NameChanged  Kind = "name_changed"
	FactorsReset Kind = "factors_reset"
	Locked       Kind = "locked"
	Disabled     Kind = "disabled"
	Erased       Kind = "erased"
	SessionEnded Kind = "session_ended"
)

// Event is one thing that happened to an account at idp.
type Event struct {
	ID, Issuer, Subject   string
	Sequence              int64
	At                    time.Time
	Kind                  Kind
	Email                 string
	GivenName, FamilyName string
	SID                   string
}

// ErrGap says that events before this one are missing; Args[0] is the last that was applied.
var ErrGap = fault.New(fault.Gone, "inbox.gap")

// Store applies an event and remembers its number in one transaction.
type Store interface {
	// ApplyEvent gives the last applied sequence. An event that was applied before changes
	// nothing; one after a gap is ErrGap.
	ApplyEvent(ctx context.Context, e Event) (last int64, err error)
}

// Sessions ends sessions of cpms.
type Sessions interface {
	EndBySID(ctx context.Context, issuer, sid string) error
	EndBySubject(ctx context.Context, issuer, subject string) error
}

// Service takes events.
type Service struct {
	Store    Store
	Sessions Sessions
	Issuer   string // events of another issuer are refused
}

// ErrIssuer says that the event is about another issuer's subject.
var ErrIssuer = fault.New(fault.Invalid, "inbox.issuer")

// Apply takes one event. Sessions end first: ending them twice is harmless, not ending them
// is not.
func (s *Service) Apply(ctx context.Context, e Event) (int64, error) {
	if e.Issuer != s.Issuer || e.Subject == "" || e.Sequence < 1 {
		return 0, ErrIssuer
	}
	switch e.Kind {
	case SessionEnded:
		end := s.Sessions.EndBySubject
		if e.SID != "" {
			end = func(ctx context.Context, issuer, _ string) error { return s.Sessions.EndBySID(ctx, issuer, e.SID) }
		}
		if err := end(ctx, e.Issuer, e.Subject); err != nil {
			return 0, err
		}
	case Disabled, Erased, FactorsReset:
		if err := s.Sessions.EndBySubject(ctx, e.Issuer, e.Subject); err != nil {
			return 0, err
		}
	}
	return s.Store.ApplyEvent(ctx, e)
}
