// Package signout ends sessions with all that hangs on them: services that the person was
// signed in to are told, and where a secret may be in other hands, refresh tokens end too.
//
// It owns the order: first what must be told is written, then the session goes. A crash in
// between leaves a session that can be ended again, never services that heard nothing. Services that the session
// signs in to at that very moment are told after it went.
package signout

import (
	"context"
	"slices"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

// OutboxKind names back-channel logouts in the outbox.
const OutboxKind = "backchannel_logout"

// Notice is one logout token to be sent.
type Notice struct {
	Client  string          `json:"client"`
	Subject ident.AccountID `json:"sub"`
	SID     string          `json:"sid"`
}

// End is the end of one session as it is written down.
type End struct {
	At      time.Time
	Account ident.AccountID
	SID     string
	Why     string
	Clients []string // those to be sent a logout token
	Forget  bool     // refresh tokens of this session end too
}

// Leave is the sign-out of one service alone, as it is written down.
type Leave struct {
	At      time.Time
	Account ident.AccountID
	SID     string
	Client  string
	Tell    bool // the client is sent a logout token
}

// Store writes the end of a session.
type Store interface {
	RecordEnd(ctx context.Context, e End) error
	RecordLeave(ctx context.Context, l Leave) error
	RevokeFamilies(ctx context.Context, at time.Time, account ident.AccountID, sid, why string) error
}

// Service ends sessions.
type Service struct {
	Sessions *session.Service
	Store    Store
	Now      func() time.Time
	Listens  func(client string) bool // whether a client registered a logout address
	Kick     func()                   // wakes the outbox
}

// EndSession ends one session by its owner's wish. Refresh tokens of offline_access live on.
func (s *Service) EndSession(ctx context.Context, sess session.Session, why string) error {
	return s.end(ctx, sess, why, false)
}

func (s *Service) end(ctx context.Context, sess session.Session, why string, forget bool) error {
	e := End{At: s.Now(), Account: sess.Account, SID: sess.ID, Why: why, Forget: forget, Clients: s.listening(sess)}
	if err := s.Store.RecordEnd(ctx, e); err != nil {
		return err
	}
	was, err := s.Sessions.Revoke(ctx, sess.ID)
	if err == nil {
		err = s.tellLate(ctx, e, was)
	}
	s.Kick()
	if fault.KindOf(err) == fault.Unauthenticated {
		return nil
	}
	return err
}

// listening are the services of a session that are sent a logout token.
func (s *Service) listening(sess session.Session) []string {
	return slices.DeleteFunc(slices.Clone(sess.Clients), func(c string) bool { return !s.Listens(c) })
}

// tellLate tells the services that the session signed in to after its end began to be written down.
func (s *Service) tellLate(ctx context.Context, e End, was session.Session) error {
	for _, c := range s.listening(was) {
		if slices.Contains(e.Clients, c) {
			continue
		}
		if err := s.Store.RecordLeave(ctx, Leave{At: e.At.UTC().Truncate(time.Microsecond), Account: e.Account, SID: e.SID, Client: c, Tell: true}); err != nil {
			return err
		}
	}
	return nil
}

// EndService signs a session out of one service alone: what the session gave to it is dead, and it is told
// so. Refresh tokens of offline_access live on, as at the end of the whole session.
func (s *Service) EndService(ctx context.Context, sess session.Session, client string) error {
	l := Leave{At: s.Now().UTC().Truncate(time.Microsecond), Account: sess.Account, SID: sess.ID, Client: client, Tell: s.Listens(client)}
	if err := s.Store.RecordLeave(ctx, l); err != nil {
		return err
	}
	s.Kick()
	return s.Sessions.DropClient(ctx, sess.ID, client, l.At)
}

// EndAll ends every session and refresh token of an account.
func (s *Service) EndAll(ctx context.Context, id ident.AccountID) error {
	_, err := s.others(ctx, id, "", "secrets_changed")
	return err
}

// EndOthers ends all but one session of an account, and every refresh token.
func (s *Service) EndOthers(ctx context.Context, id ident.AccountID, keepSession string) error {
	_, err := s.others(ctx, id, keepSession, "secrets_changed")
	return err
}

// Revoke ends every session of an account for another service and says how many ended.
func (s *Service) Revoke(ctx context.Context, id ident.AccountID, why string) (int, error) {
	return s.others(ctx, id, "", why)
}

func (s *Service) others(ctx context.Context, id ident.AccountID, keep, why string) (ended int, err error) {
	living, err := s.Sessions.Distrust(ctx, id)
	if err != nil {
		return 0, err
	}
	for _, sess := range living {
		if sess.ID == keep {
			continue
		}
		if err := s.end(ctx, sess, why, true); err != nil {
			return ended, err
		}
		ended++
	}
	return ended, s.Store.RevokeFamilies(ctx, s.Now(), id, "", why)
}
