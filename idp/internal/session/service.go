package session

import (
	"cmp"
	"context"
	"io"
	"slices"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

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

// NewID draws a public id, for a caller that has to know it before the session is there.
func (s *Service) NewID() string { return ident.NewID(s.random) }

// Start makes a session and gives the value of its cookie.
func (s *Service) Start(ctx context.Context, account ident.AccountID, proofs []policy.Proof, m Meta) (string, Session, error) {
	return s.Open(ctx, s.NewID(), account, proofs, m)
}

// Open makes the session of this public id, or adds proofs to it when it is there. Both ways
// the cookie is a new one and the old one is dead. So a caller that was interrupted may do it
// again. A session of another account, one past its limits, or a new one that rests on proofs
// from before Distrust, is ErrNone.
func (s *Service) Open(ctx context.Context, sid string, account ident.AccountID, proofs []policy.Proof, m Meta) (string, Session, error) {
	fresh := false
	token, sess, err := s.rotate(ctx, sid, func(r *record) error {
		now := s.now()
		if fresh = r.ID == ""; fresh {
			r.Session = Session{ID: sid, Account: account, Created: now, Browser: m.Browser, Address: m.Address}
		} else if r.Account != account || !r.alive(now) {
			return ErrNone
		}
		r.Proofs, r.Seen = merge(r.Proofs, proofs), now
		return nil
	})
	if err != nil || !fresh {
		return token, sess, err
	}
	// Distrust marks first and lists then; this lists first and looks at the mark then. So
	// one of the two sees the other.
	ended, err := s.DistrustedAt(ctx, account)
	if err != nil || slices.ContainsFunc(proofs, func(p policy.Proof) bool { return p.At.Before(ended) }) {
		_, gone := s.Revoke(ctx, sid)
		return "", Session{}, cmp.Or(err, gone, error(ErrNone))
	}
	return token, sess, nil
}

// Promote adds proofs to a living session and gives it a new cookie; the old one is dead.
func (s *Service) Promote(ctx context.Context, token string, proofs []policy.Proof) (string, Session, error) {
	sid, digest := split(token)
	return s.rotate(ctx, sid, func(r *record) error {
		if !r.alive(s.now()) || !ident.Same(r.Digest, digest) {
			return ErrNone
		}
		r.Proofs, r.Seen = merge(r.Proofs, proofs), s.now()
		return nil
	})
}

// Renew gives a living session a new cookie, for a browser that never got the last one.
func (s *Service) Renew(ctx context.Context, sid string) (string, Session, error) {
	return s.rotate(ctx, sid, func(r *record) error {
		if !r.alive(s.now()) {
			return ErrNone
		}
		return nil
	})
}

// rotate alters a session and gives it a new secret in the same write, then lists it.
func (s *Service) rotate(ctx context.Context, sid string, alter func(*record) error) (string, Session, error) {
	if !ident.IsID(sid) {
		return "", Session{}, ErrNone
	}
	secret := ident.NewToken(s.random)
	r, err := kv.Update(ctx, s.store, key(sid), Absolute, func(r *record) error {
		err := alter(r)
		r.Digest = ident.Digest(secret)
		return err
	})
	if err != nil {
		return "", Session{}, err
	}
	_, err = kv.Update(ctx, s.store, listKey(r.Account), Absolute, func(ids *[]string) error {
		if !slices.Contains(*ids, sid) {
			*ids = append(*ids, sid)
		}
		*ids = (*ids)[max(0, len(*ids)-most):]
		return nil
	})
	return sid + "." + secret, r.Session, err
}

// ByToken finds the living session of a cookie, or ErrNone.
func (s *Service) ByToken(ctx context.Context, token string) (Session, error) {
	sid, digest := split(token)
	r, err := s.at(ctx, kv.Mark{}, sid)
	if err != nil {
		return Session{}, err
	}
	if !ident.Same(r.Digest, digest) {
		return Session{}, ErrNone
	}
	if now := s.now(); now.Sub(r.Seen) > touch {
		return s.change(ctx, sid, func(r *record) { r.Seen = now })
	}
	return r.Session, nil
}

// ByID finds the living session of a public id, or ErrNone.
func (s *Service) ByID(ctx context.Context, sid string) (Session, error) {
	r, err := s.at(ctx, kv.Mark{}, sid)
	return r.Session, err
}

// Holds is ErrNone unless a session lives and has left none of these services since a moment. A mark is set in the
// same trip, if it is absent: else kv.ErrChanged.
func (s *Service) Holds(ctx context.Context, m kv.Mark, sid string, since time.Time, services ...string) error {
	sess, err := s.at(ctx, m, sid)
	if err == nil && slices.ContainsFunc(services, func(c string) bool { return sess.LeftSince(c, since) }) {
		err = ErrNone
	}
	return err
}

// AddClient notes that a session signed in to a service. It writes only the first time.
func (s *Service) AddClient(ctx context.Context, sid, client string) error {
	_, err := s.change(ctx, sid, func(r *record) {
		if !slices.Contains(r.Clients, client) {
			r.Clients = append(r.Clients, client)
		}
	})
	return err
}

// DropClient takes a service out of a session at a moment: what the session gave to it until then is
// dead. A session that ended has none.
func (s *Service) DropClient(ctx context.Context, sid, client string, at time.Time) error {
	_, err := s.change(ctx, sid, func(r *record) {
		r.Clients = slices.DeleteFunc(r.Clients, func(c string) bool { return c == client })
		if r.Left == nil {
			r.Left = map[string]time.Time{}
		}
		r.Left[client] = at
	})
	if fault.KindOf(err) == fault.Unauthenticated {
		return nil
	}
	return err
}

// Revoke ends a session by its public id and gives what it was; ErrNone when it is gone.
func (s *Service) Revoke(ctx context.Context, sid string) (Session, error) {
	if !ident.IsID(sid) {
		return Session{}, ErrNone
	}
	r, err := kv.TakeJSON[record](ctx, s.store, key(sid))
	return r.Session, none(err)
}

// at reads a session and holds it against its limits.
func (s *Service) at(ctx context.Context, m kv.Mark, sid string) (record, error) {
	if !ident.IsID(sid) {
		return record{}, ErrNone
	}
	r, err := kv.OnceJSON[record](ctx, s.store, m, key(sid), false)
	if err != nil {
		return record{}, none(err)
	}
	if !r.alive(s.now()) {
		return record{}, ErrNone
	}
	return r, nil
}

// change alters a session that is still there; one that ends meanwhile stays ended.
func (s *Service) change(ctx context.Context, sid string, alter func(*record)) (Session, error) {
	if !ident.IsID(sid) {
		return Session{}, ErrNone
	}
	r, err := kv.Update(ctx, s.store, key(sid), Absolute, func(r *record) error {
		if !r.alive(s.now()) {
			return ErrNone
		}
		alter(r)
		return nil
	})
	return r.Session, err
}

func none(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return ErrNone
	}
	return err
}
