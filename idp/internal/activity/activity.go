package activity

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

// PageSize is how many lines of the history one page shows.
const PageSize = 25

// ErrUnknown: the account has no such session, or no such line.
var ErrUnknown = fault.New(fault.NotFound, "activity.unknown")

// Sessions lists and finds living sessions.
type Sessions interface {
	List(ctx context.Context, id ident.AccountID) ([]session.Session, error)
	ByID(ctx context.Context, sid string) (session.Session, error)
}

// Ender ends sessions with all that belongs to them; services are told.
type Ender interface {
	EndSession(ctx context.Context, sess session.Session, why string) error
	EndService(ctx context.Context, sess session.Session, client string) error
	EndOthers(ctx context.Context, id ident.AccountID, keepSession string) error
}

// History reads the sign-in history.
type History interface {
	// AttemptsBefore gives an account's lines that are older than (at, id), newest first.
	AttemptsBefore(ctx context.Context, id account.ID, at time.Time, line string, most int) ([]login.Attempt, error)
	// Attempt gives one line of an account; ErrUnknown is a fault.NotFound.
	Attempt(ctx context.Context, id account.ID, line string) (login.Attempt, error)
}

// Recorder writes events and messages that no other write belongs to.
type Recorder interface {
	Record(ctx context.Context, at time.Time, events []audit.Event, messages []notify.Message) error
}

// Service shows and ends; every field is required.
type Service struct {
	Sessions Sessions
	Ender    Ender
	History  History
	Accounts account.Reader
	Recorder Recorder
	LostURL  string // where a password is replaced, for mails
	Now      func() time.Time
}

// Living is one session as its owner sees it.
type Living struct {
	session.Session
	Level policy.Level // what its proofs amount to now
	Own   bool         // the session that looks
}

// Living lists the sessions of an account, newest first; own is the one that looks.
func (s *Service) Living(ctx context.Context, id account.ID, own string) ([]Living, error) {
	all, err := s.Sessions.List(ctx, id)
	var out []Living
	for _, sess := range all {
		d := policy.Evaluate(sess.Proofs, policy.Anyone(), s.Now())
		out = append(out, Living{Session: sess, Level: d.Level, Own: sess.ID == own})
	}
	return out, err
}

// End ends one session of the account.
func (s *Service) End(ctx context.Context, id account.ID, sid string) error {
	sess, err := s.own(ctx, id, sid)
	if err != nil {
		return err
	}
	return s.Ender.EndSession(ctx, sess, "ended_by_owner")
}

// EndService signs one session of the account out of one service; ErrUnknown when it is not signed in
// there.
func (s *Service) EndService(ctx context.Context, id account.ID, sid, client string) error {
	sess, err := s.own(ctx, id, sid)
	if err == nil && !slices.Contains(sess.Clients, client) {
		err = ErrUnknown
	}
	if err != nil {
		return err
	}
	return s.Ender.EndService(ctx, sess, client)
}

// own finds a living session of the account.
func (s *Service) own(ctx context.Context, id account.ID, sid string) (session.Session, error) {
	sess, err := s.Sessions.ByID(ctx, sid)
	if fault.KindOf(err) == fault.Unauthenticated || err == nil && sess.Account != id {
		err = ErrUnknown
	}
	return sess, err
}

// EndOthers ends all sessions but one, and every refresh token; keep "" ends all.
func (s *Service) EndOthers(ctx context.Context, id account.ID, keep string) error {
	return s.Ender.EndOthers(ctx, id, keep)
}

// Past gives one page of the history and, when there is more, the mark of the next one. A
// mark that is none of ours is the first page.
func (s *Service) Past(ctx context.Context, id account.ID, mark string) ([]login.Attempt, string, error) {
	at, line := parseMark(mark)
	if at.IsZero() {
		at = s.Now().Add(time.Second)
	}
	all, err := s.History.AttemptsBefore(ctx, id, at, line, PageSize+1)
	if err != nil || len(all) <= PageSize {
		return all, "", err
	}
	last := all[PageSize-1]
	return all[:PageSize], strconv.FormatInt(last.At.UnixMicro(), 10) + "." + last.ID, nil
}

// parseMark reads "<microseconds>.<id>".
func parseMark(mark string) (time.Time, string) {
	micros, line, ok := strings.Cut(mark, ".")
	n, err := strconv.ParseInt(micros, 10, 64)
	if !ok || err != nil || n <= 0 || !ident.IsID(line) {
		return time.Time{}, ""
	}
	return time.UnixMicro(n), line
}

// Line gives one line of the account's history.
func (s *Service) Line(ctx context.Context, id account.ID, line string) (login.Attempt, error) {
	if !ident.IsID(line) {
		return login.Attempt{}, ErrUnknown
	}
	a, err := s.History.Attempt(ctx, id, line)
	if fault.KindOf(err) == fault.NotFound {
		return a, ErrUnknown
	}
	return a, err
}

// Disown is "this wasn't me": every session but the person's own ends, with every refresh
// token, and it is put on record and mailed. The person then chooses a new password.
func (s *Service) Disown(ctx context.Context, id account.ID, own, line string) error {
	a, err := s.Line(ctx, id, line)
	if err != nil {
		return err
	}
	acc, err := s.Accounts.ByID(ctx, id)
	if err != nil {
		return err
	}
	if err := s.Ender.EndOthers(ctx, id, own); err != nil {
		return err
	}
	at := s.Now()
	return s.Recorder.Record(ctx, at, []audit.Event{audit.SignInDisowned(id, a.ID, a.Outcome)},
		[]notify.Message{notify.SignInDisowned(acc.Person(), a.At, s.LostURL)})
}
