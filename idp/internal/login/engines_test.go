package login_test

import (
	"crypto/rand"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
)

// The same sign-in on every engine of the expiring store: one proof of one approval, one
// session and one outcome, however many look, finish and redeem at once.
func TestOnEveryEngine(t *testing.T) {
	backendtest.KV(t, func(t *testing.T, s kv.Store) {
		w := newWorld(t)
		w.at.Store(time.Now().UnixMicro())
		w.KV, w.Limits, w.Sessions = s, limit.New(s, w.now), session.New(s, w.now, rand.Reader)
		id := w.asks(t, policy.Medium)
		w.named(t, id, annaMail)
		if err := w.try(t, id, secret, policy.AppPIN); err != nil {
			t.Fatal(err)
		}
		w.phone.does(login.Proved)
		crowd(func() { _, _ = w.Look(t.Context(), id, here) })
		v, err := w.Look(t.Context(), id, here)
		if err != nil || v.Step != login.Done || len(v.Flow.Proofs) != 2 {
			t.Fatalf("%+v %v", v, err)
		}
		crowd(func() { _, _ = w.Finish(t.Context(), id, here, "", meta) })
		if l, err := w.Sessions.List(t.Context(), anna); err != nil || len(l) != 1 {
			t.Fatalf("%d sessions, %v", len(l), err)
		}
		var won atomic.Int64
		crowd(func() {
			if o, err := w.Outcome(t.Context(), id, here); err == nil && o.Decision.Level == policy.Medium {
				won.Add(1)
			}
		})
		if won.Load() != 1 {
			t.Fatalf("%d outcomes", won.Load())
		}
	})
}

func crowd(do func()) {
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(do)
	}
	wg.Wait()
}
