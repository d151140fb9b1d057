package session_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
)

// Security case 7: a cookie is worth nothing with any character changed, cut off or added,
// or put together from two others.
func TestTamperedCookies(t *testing.T) {
	w := newWorld(t)
	one, _ := w.signIn(t)
	two, _ := w.signIn(t)
	sid1, secret1, _ := strings.Cut(one, ".")
	sid2, secret2, _ := strings.Cut(two, ".")
	bad := []string{"", ".", sid1, sid1 + ".", "." + secret1, secret1 + "." + sid1, sid1 + "." + secret2, sid2 + "." + secret1, one + "." + secret1, one + " ", " " + one, one + "A", strings.ToUpper(one)}
	for i := range one {
		for _, r := range []string{"A", "b", "0", "_", "\x00", "é"} {
			if one[i:i+1] != r {
				bad = append(bad, one[:i]+r+one[i+1:])
			}
		}
		bad = append(bad, one[:i])
	}
	for _, b := range bad {
		if _, err := w.s.ByToken(t.Context(), b); !errors.Is(err, session.ErrNone) {
			t.Fatalf("%q: %v", b, err)
		}
		if _, _, err := w.s.Promote(t.Context(), b, nil); !errors.Is(err, session.ErrNone) {
			t.Fatalf("promote %q: %v", b, err)
		}
	}
	if _, err := w.s.ByToken(t.Context(), one); err != nil {
		t.Fatal("the untouched cookie:", err)
	}
}

// Opening may be repeated after an interruption: one session, the last cookie counts.
func TestOpenTwiceIsOneSession(t *testing.T) {
	w := newWorld(t)
	sid, proofs := w.s.NewID(), []policy.Proof{{Method: policy.Password, At: w.now()}}
	first, _, err := w.s.Open(t.Context(), sid, anna, proofs, session.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	second, sess, err := w.s.Open(t.Context(), sid, anna, proofs, session.Meta{})
	if err != nil || len(sess.Proofs) != 1 || sess.ID != sid {
		t.Fatalf("%+v %v", sess, err)
	}
	if _, err := w.s.ByToken(t.Context(), first); !errors.Is(err, session.ErrNone) {
		t.Fatal("the first cookie lives")
	}
	if _, err := w.s.ByToken(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	if l, _ := w.s.List(t.Context(), anna); len(l) != 1 {
		t.Fatalf("%d sessions", len(l))
	}
	if _, _, err := w.s.Open(t.Context(), sid, "n00otherone", proofs, session.Meta{}); !errors.Is(err, session.ErrNone) {
		t.Fatalf("another account took the session over: %v", err)
	}
	w.pass(session.Idle + time.Second)
	if _, _, err := w.s.Open(t.Context(), sid, anna, proofs, session.Meta{}); !errors.Is(err, session.ErrNone) {
		t.Fatalf("an ended session came back: %v", err)
	}
}

// A session that was revoked stays revoked, whoever promotes or renews it at that moment.
func TestRevokedStaysRevoked(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		token, sess := w.signIn(t)
		var wg sync.WaitGroup
		var ended atomic.Bool
		wg.Go(func() {
			if _, err := w.s.Revoke(t.Context(), sess.ID); err == nil {
				ended.Store(true)
			}
		})
		for range 3 {
			wg.Go(func() { _, _, _ = w.s.Promote(t.Context(), token, nil) })
			wg.Go(func() { _, _, _ = w.s.Renew(t.Context(), sess.ID) })
			wg.Go(func() { _ = w.s.AddClient(t.Context(), sess.ID, "cpms") })
		}
		wg.Wait()
		if _, err := w.s.ByID(t.Context(), sess.ID); !ended.Load() || !errors.Is(err, session.ErrNone) {
			t.Fatalf("ended %v, then %v", ended.Load(), err)
		}
	}
}

func TestRenewKillsTheOldCookie(t *testing.T) {
	w := newWorld(t)
	token, sess := w.signIn(t)
	fresh, _, err := w.s.Renew(t.Context(), sess.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.ByToken(t.Context(), token); !errors.Is(err, session.ErrNone) {
		t.Fatal("two cookies for one session")
	}
	if _, err := w.s.ByToken(t.Context(), fresh); err != nil {
		t.Fatal(err)
	}
}
