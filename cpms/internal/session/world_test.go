package session_test

import (
	"context"
	"crypto/rand"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/cpms/internal/session"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
)

const idp = "https://idp.example"

// world is the sessions of cpms on one expiring store, with a clock that the test moves. The
// store keeps its own time: what ends here ends by the record, not by the store's sweeping.
type world struct {
	t  *testing.T
	at atomic.Int64
	s  *session.Service
}

func (w *world) now() time.Time       { return time.UnixMicro(w.at.Load()).UTC() }
func (w *world) pass(d time.Duration) { w.at.Add(d.Microseconds()) }

// engines runs a story on every engine of the expiring store.
func engines(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	backendtest.KV(t, func(t *testing.T, s kv.Store) { f(t, newWorld(t, s)) })
}

// one runs a story where the engine does not matter.
func one(t *testing.T) *world { return newWorld(t, kv.NewEmbedded(backendtest.SQLite(t), time.Now)) }

func newWorld(t *testing.T, s kv.Store) *world {
	w := &world{t: t}
	w.at.Store(time.Now().UnixMicro())
	w.s = &session.Service{KV: s, Now: w.now, Random: rand.Reader}
	return w
}

// signIn starts a session of somebody that came from idp's session sid.
func (w *world) signIn(sub, sid, old string) string {
	w.t.Helper()
	token, err := w.s.Start(w.t.Context(), session.Session{Issuer: idp, Subject: sub, SID: sid, ACR: "basic", AuthTime: w.now()}, old)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// lives asserts whether a cookie is worth a session.
func (w *world) lives(token string, want bool) {
	w.t.Helper()
	_, err := w.s.ByToken(w.t.Context(), token)
	if want && err != nil || !want && !errors.Is(err, session.ErrNone) {
		w.t.Errorf("living %v expected: %v", want, err)
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// between does something just before a key is dropped: what another process may do then.
type between struct {
	kv.Store
	do func(keys []string)
}

func (b *between) Drop(ctx context.Context, keys ...string) error {
	b.do(keys)
	return b.Store.Drop(ctx, keys...)
}
