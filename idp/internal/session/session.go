package session

import (
	"context"
	"io"
	"slices"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// The limits of a session (domain.md row 25).
const (
	Idle     = time.Hour
	Absolute = 12 * time.Hour
	touch    = 5 * time.Minute // "last seen" is written no more often
	most     = 50              // sessions that are listed for one account
)

// ErrNone says that there is no living session.
var ErrNone = fault.New(fault.Unauthenticated, "session.none")

// Session is one browser's sign-in.
type Session struct {
	ID      string          `json:"id"` // `sid`
	Account ident.AccountID `json:"account"`
	Proofs  []policy.Proof  `json:"proofs"`
	Created time.Time       `json:"created"`
	Seen    time.Time       `json:"seen"`
	Browser string          `json:"browser"` // "Firefox on Windows"
	Address string          `json:"address"`
	Clients []string        `json:"clients,omitempty"` // services that this session signed in to
}

// Meta is what a sign-in tells about its browser.
type Meta struct{ Browser, Address string }

// entry lists a session of an account: its public id and where it is kept.
type entry struct {
	ID  string `json:"id"`
	Key string `json:"key"`
}

type list struct {
	Entries []entry `json:"e"`
}

// Service starts, finds and ends sessions.
type Service struct {
	store  kv.Store
	now    func() time.Time
	random io.Reader
}

// New makes the service on an expiring store.
func New(store kv.Store, now func() time.Time, random io.Reader) *Service {
	return &Service{store: store, now: now, random: random}
}

// Start makes a session and gives the secret for its cookie.
func (s *Service) Start(ctx context.Context, account ident.AccountID, proofs []policy.Proof, m Meta) (string, Session, error) {
	now := s.now()
	sess := Session{ID: ident.NewID(s.random), Account: account, Proofs: proofs, Created: now, Seen: now, Browser: m.Browser, Address: m.Address}
	token, err := s.keep(ctx, sess, "")
	return token, sess, err
}

// Promote adds proofs to a living session and gives it a new cookie; the old one is dead.
func (s *Service) Promote(ctx context.Context, token string, proofs []policy.Proof) (string, Session, error) {
	sess, err := s.ByToken(ctx, token)
	if err != nil {
		return "", Session{}, err
	}
	sess.Proofs, sess.Seen = merge(sess.Proofs, proofs), s.now()
	fresh, err := s.keep(ctx, sess, key(token))
	return fresh, sess, err
}

// keep stores a session under a new cookie, lists it, and removes the old place.
func (s *Service) keep(ctx context.Context, sess Session, old string) (string, error) {
	token := ident.NewToken(s.random)
	k := key(token)
	if err := kv.PutJSON(ctx, s.store, k, sess, Absolute); err != nil {
		return "", err
	}
	if err := s.store.Put(ctx, sidKey(sess.ID), []byte(k), Absolute); err != nil {
		return "", err
	}
	_, err := kv.Update(ctx, s.store, listKey(sess.Account), Absolute, func(l *list) error {
		l.Entries = slices.DeleteFunc(l.Entries, func(e entry) bool { return e.ID == sess.ID })
		l.Entries = append(l.Entries, entry{sess.ID, k})
		l.Entries = l.Entries[max(0, len(l.Entries)-most):]
		return nil
	})
	if err != nil {
		return "", err
	}
	if old != "" {
		return token, s.store.Drop(ctx, old)
	}
	return token, nil
}

// ByToken finds the living session of a cookie, or ErrNone.
func (s *Service) ByToken(ctx context.Context, token string) (Session, error) {
	if token == "" {
		return Session{}, ErrNone
	}
	sess, err := s.at(ctx, key(token))
	if err != nil {
		return Session{}, err
	}
	if now := s.now(); now.Sub(sess.Seen) > touch {
		return s.change(ctx, key(token), func(sess *Session) { sess.Seen = now })
	}
	return sess, nil
}

// ByID finds the living session of a public id, or ErrNone.
func (s *Service) ByID(ctx context.Context, sid string) (Session, error) {
	k, err := s.place(ctx, sid)
	if err != nil {
		return Session{}, err
	}
	return s.at(ctx, k)
}

// AddClient notes that a session signed in to a service. It writes only the first time.
func (s *Service) AddClient(ctx context.Context, sid, client string) error {
	k, err := s.place(ctx, sid)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, k, func(sess *Session) {
		if !slices.Contains(sess.Clients, client) {
			sess.Clients = append(sess.Clients, client)
		}
	})
	return err
}

// Revoke ends a session by its public id and gives what it was; ErrNone when it is gone.
func (s *Service) Revoke(ctx context.Context, sid string) (Session, error) {
	k, err := s.place(ctx, sid)
	if err != nil {
		return Session{}, err
	}
	sess, err := kv.TakeJSON[Session](ctx, s.store, k)
	if err != nil {
		return Session{}, none(err)
	}
	return sess, s.store.Drop(ctx, sidKey(sid))
}

// RevokeAll ends all sessions of an account but one ("" = really all) and gives them.
func (s *Service) RevokeAll(ctx context.Context, account ident.AccountID, except string) ([]Session, error) {
	living, err := s.List(ctx, account)
	if err != nil {
		return nil, err
	}
	var ended []Session
	for _, sess := range living {
		if sess.ID == except {
			continue
		}
		switch gone, err := s.Revoke(ctx, sess.ID); {
		case err == nil:
			ended = append(ended, gone)
		case fault.KindOf(err) != fault.Unauthenticated:
			return ended, err
		}
	}
	return ended, nil
}

// List gives the living sessions of an account, newest first.
func (s *Service) List(ctx context.Context, account ident.AccountID) ([]Session, error) {
	l, err := kv.GetJSON[list](ctx, s.store, listKey(account))
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return nil, nil
		}
		return nil, err
	}
	var out []Session
	for _, e := range slices.Backward(l.Entries) {
		sess, err := s.at(ctx, e.Key)
		switch {
		case err == nil && sess.Account == account:
			out = append(out, sess)
		case err != nil && fault.KindOf(err) != fault.Unauthenticated:
			return nil, err
		}
	}
	return out, nil
}

// at reads a session and holds it against its limits.
func (s *Service) at(ctx context.Context, k string) (Session, error) {
	sess, err := kv.GetJSON[Session](ctx, s.store, k)
	if err != nil {
		return Session{}, none(err)
	}
	if now := s.now(); now.Sub(sess.Seen) > Idle || now.Sub(sess.Created) > Absolute {
		return Session{}, ErrNone
	}
	return sess, nil
}

// change alters a session that is still there; one that ends meanwhile stays ended.
func (s *Service) change(ctx context.Context, k string, alter func(*Session)) (Session, error) {
	sess, err := kv.Update(ctx, s.store, k, Absolute, func(sess *Session) error {
		if sess.ID == "" {
			return ErrNone
		}
		alter(sess)
		return nil
	})
	return sess, err
}

func (s *Service) place(ctx context.Context, sid string) (string, error) {
	raw, err := s.store.Get(ctx, sidKey(sid))
	return string(raw), none(err)
}

// merge keeps of each method and factor the newest proof.
func merge(have, more []policy.Proof) []policy.Proof {
	out := slices.Clone(have)
	for _, p := range more {
		out = slices.DeleteFunc(out, func(o policy.Proof) bool {
			return o.Method == p.Method && o.FactorID == p.FactorID && !o.At.After(p.At)
		})
		out = append(out, p)
	}
	return out
}

func none(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return ErrNone
	}
	return err
}

func key(token string) string                { return "session:" + ident.Digest(token) }
func sidKey(sid string) string               { return "sid:" + ident.Digest(sid) }
func listKey(account ident.AccountID) string { return "sessions:" + string(account) }
