package session

import (
	"context"
	"io"
	"time"

	"eulogin.example/cpms/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// The limits of a session, the same as idp's (domain.md row 25).
const (
	Idle     = time.Hour
	Absolute = 12 * time.Hour
	// touch is how much older than this "last seen" must be before it is written again: a
	// page view costs one read, not a write.
	touch = 5 * time.Minute
)

// ErrNone says that there is no living session.
var ErrNone = fault.New(fault.Unauthenticated, "session.none")

// Session is one browser's sign-in.
type Session struct {
	Issuer   string    `json:"iss"`
	Subject  string    `json:"sub"`
	SID      string    `json:"sid"` // idp's name of its session, for back-channel logout
	ACR      string    `json:"acr"`
	AMR      []string  `json:"amr"`
	AuthTime time.Time `json:"auth_time"`
	IDToken  string    `json:"id_token"` // hint at sign-out; never leaves the server otherwise
	Created  time.Time `json:"created"`
	Seen     time.Time `json:"seen"`
}

// Service starts, finds and ends sessions.
type Service struct {
	KV     kv.Store
	Now    func() time.Time
	Random io.Reader
}

// Start makes a session and gives the secret for its cookie. A session that the browser had
// before (old, its cookie) ends: a sign-in and a step-up each rotate the cookie. ErrNone:
// idp has ended its session meanwhile.
func (s *Service) Start(ctx context.Context, sess Session, old string) (string, error) {
	sess.Created, sess.Seen = s.Now(), s.Now()
	token := ident.NewToken(s.Random)
	key := sessionKey(token)
	if err := kv.PutJSON(ctx, s.KV, key, sess, Absolute); err != nil {
		return "", err
	}
	for _, ix := range indexes(sess) {
		if err := s.enlist(ctx, ix, key); err != nil {
			return "", err
		}
	}
	if err := s.refuseEnded(ctx, sess, key); err != nil {
		return "", err
	}
	if old != "" {
		if err := s.End(ctx, old); err != nil {
			return "", err
		}
	}
	return token, nil
}

// ByToken finds the living session of a cookie, or ErrNone.
func (s *Service) ByToken(ctx context.Context, token string) (Session, error) {
	if token == "" {
		return Session{}, ErrNone
	}
	key := sessionKey(token)
	sess, err := kv.GetJSON[Session](ctx, s.KV, key)
	if fault.KindOf(err) == fault.NotFound {
		return Session{}, ErrNone
	}
	if err != nil {
		return Session{}, err
	}
	now := s.Now()
	if now.Sub(sess.Seen) > Idle || now.Sub(sess.Created) > Absolute {
		return Session{}, ErrNone
	}
	if now.Sub(sess.Seen) > touch {
		// Only an existing session is touched: one that ends meanwhile stays ended.
		updated, err := s.touch(ctx, key, now)
		if fault.KindOf(err) == fault.NotFound {
			return Session{}, ErrNone
		}
		if err != nil {
			return Session{}, err
		}
		sess = updated
	}
	return sess, nil
}

func (s *Service) touch(ctx context.Context, key string, now time.Time) (Session, error) {
	return kv.Update(ctx, s.KV, key, Absolute, func(sess *Session) error {
		if sess.Subject == "" { // Update starts from nothing when the record is gone
			return kv.ErrNotFound
		}
		sess.Seen = now
		return nil
	})
}

func sessionKey(token string) string       { return "session:" + ident.Digest(token) }
func sidKey(issuer, sid string) string     { return "session-sid:" + ident.Digest(issuer+" "+sid) }
func endedKey(issuer, sid string) string   { return "session-ended:" + ident.Digest(issuer+" "+sid) }
func subKey(issuer, subject string) string { return "session-sub:" + ident.Digest(issuer+" "+subject) }
