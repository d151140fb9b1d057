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
	FactorsReset Kind = "factors_reset" // grants are suspended until the next MEDIUM sign-in
	Locked       Kind = "locked"        // idp pauses password sign-in; nothing changes here
	Disabled     Kind = "disabled"      // nothing is possible until idp lets the person in again
	Erased       Kind = "erased"        // a tombstone is left
	SessionEnded Kind = "session_ended"
)

// Event is one thing that happened to an account at idp.
type Event struct {
	ID, Issuer, Subject   string
	Sequence              int64 // position among the events of the subject, from 1
	At                    time.Time
	Kind                  Kind
	Email                 string
	GivenName, FamilyName string
	SID                   string // of SessionEnded; "" is all sessions of the subject
}

// ErrGap says that events before this one are missing; Args[0] is the last that was applied.
var ErrGap = fault.New(fault.Gone, "inbox.gap")

// ErrBusy says that another delivery about the same subject is under way; deliver again.
var ErrBusy = fault.New(fault.Unavailable, "inbox.busy")

// Store applies an event and remembers its number in one transaction.
type Store interface {
	// LastEvent gives the last applied sequence of a subject, 0 before the first.
	LastEvent(ctx context.Context, issuer, subject string) (int64, error)
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
	Now      func() time.Time
}

// ErrIssuer says that the event is not about a subject of our issuer, or has no number.
var ErrIssuer = fault.New(fault.Invalid, "inbox.issuer")

// Apply takes one event and gives the last sequence that is applied for its subject. An
// event that was applied before has no effect; one after a gap is ErrGap. Sessions end before
// the number moves on: ending them twice is harmless, not ending them is not.
func (s *Service) Apply(ctx context.Context, e Event) (int64, error) {
	if e.Issuer != s.Issuer || e.Subject == "" || e.Sequence < 1 {
		return 0, ErrIssuer
	}
	last, err := s.Store.LastEvent(ctx, e.Issuer, e.Subject)
	if err != nil || e.Sequence <= last {
		return last, err
	}
	if e.Sequence > last+1 {
		return last, ErrGap.WithArgs(last)
	}
	// A time that is missing or in the future would make a suspension that does not count.
	if now := s.Now(); e.At.Unix() <= 0 || e.At.After(now) {
		e.At = now
	}
	if err := s.endSessions(ctx, e); err != nil {
		return last, err
	}
	return s.Store.ApplyEvent(ctx, e)
}

func (s *Service) endSessions(ctx context.Context, e Event) error {
	switch e.Kind {
	case SessionEnded:
		if e.SID != "" {
			return s.Sessions.EndBySID(ctx, e.Issuer, e.SID)
		}
		return s.Sessions.EndBySubject(ctx, e.Issuer, e.Subject)
	case Disabled, Erased, FactorsReset:
		return s.Sessions.EndBySubject(ctx, e.Issuer, e.Subject)
	}
	return nil
}
