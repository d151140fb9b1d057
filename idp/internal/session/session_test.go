package session_test

import (
	"crypto/rand"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

const anna = "n00aaaaaaaa"

type world struct {
	at atomic.Int64
	s  *session.Service
	kv kv.Store
}

func (w *world) now() time.Time       { return time.UnixMicro(w.at.Load()).UTC() }
func (w *world) pass(d time.Duration) { w.at.Add(d.Microseconds()) }

func newWorld(t *testing.T) *world {
	w := &world{}
	w.at.Store(time.Now().UnixMicro())
	w.kv = kv.NewEmbedded(backendtest.SQLite(t), w.now)
	w.s = session.New(w.kv, w.now, rand.Reader)
	return w
}

func (w *world) signIn(t *testing.T) (string, session.Session) {
	t.Helper()
	token, sess, err := w.s.Start(t.Context(), anna, []policy.Proof{{Method: policy.Password, At: w.now()}}, session.Meta{Browser: "Firefox", Address: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	return token, sess
}

func TestIdleAndAbsoluteEnd(t *testing.T) {
	w := newWorld(t)
	token, _ := w.signIn(t)
	for range 15 {
		w.pass(47 * time.Minute)
		if _, err := w.s.ByToken(t.Context(), token); err != nil {
			t.Fatalf("after %v: %v", 47*time.Minute, err)
		}
	}
	w.pass(20 * time.Minute)
	if _, err := w.s.ByToken(t.Context(), token); !errors.Is(err, session.ErrNone) {
		t.Fatalf("lived longer than 12 h: %v", err)
	}
	token, _ = w.signIn(t)
	w.pass(session.Idle + time.Second)
	if _, err := w.s.ByToken(t.Context(), token); !errors.Is(err, session.ErrNone) {
		t.Fatalf("idle: %v", err)
	}
}

// Security case 9: the cookie changes at step-up and the old one is dead; sid stays.
func TestPromoteRotates(t *testing.T) {
	w := newWorld(t)
	token, before := w.signIn(t)
	w.pass(time.Minute)
	fresh, after, err := w.s.Promote(t.Context(), token, []policy.Proof{{Method: policy.AppPIN, FactorID: "d", At: w.now()}})
	if err != nil || fresh == token || after.ID != before.ID || len(after.Proofs) != 2 {
		t.Fatalf("%v %+v", err, after)
	}
	if _, err := w.s.ByToken(t.Context(), token); !errors.Is(err, session.ErrNone) {
		t.Fatalf("the old cookie lives: %v", err)
	}
	if got, err := w.s.ByToken(t.Context(), fresh); err != nil || len(got.Proofs) != 2 {
		t.Fatalf("%v", err)
	}
	again, sess, err := w.s.Promote(t.Context(), fresh, []policy.Proof{{Method: policy.AppPIN, FactorID: "d", At: w.now().Add(time.Second)}})
	if err != nil || len(sess.Proofs) != 2 || again == fresh {
		t.Fatalf("a newer proof replaces the older: %+v %v", sess.Proofs, err)
	}
}

func TestListAndRevoke(t *testing.T) {
	w := newWorld(t)
	t1, _ := w.signIn(t)
	t2, s2 := w.signIn(t)
	if l, err := w.s.List(t.Context(), anna); err != nil || len(l) != 2 || l[0].ID != s2.ID {
		t.Fatalf("%v %v", l, err)
	}
	for range 2 {
		if err := w.s.AddClient(t.Context(), s2.ID, "cpms"); err != nil {
			t.Fatal(err)
		}
	}
	ended, err := w.s.Revoke(t.Context(), s2.ID)
	if err != nil || ended.ID != s2.ID || len(ended.Clients) != 1 {
		t.Fatalf("%+v %v", ended, err)
	}
	if _, err := w.s.ByToken(t.Context(), t2); !errors.Is(err, session.ErrNone) {
		t.Fatal("a revoked session lives")
	}
	if _, err := w.s.ByToken(t.Context(), t1); err != nil {
		t.Fatal("the kept session ended", err)
	}
	if err := w.s.AddClient(t.Context(), s2.ID, "cpms"); !errors.Is(err, session.ErrNone) {
		t.Fatalf("a revoked session came back: %v", err)
	}
	if _, err := w.s.Revoke(t.Context(), "nonsense"); !errors.Is(err, session.ErrNone) {
		t.Fatal(err)
	}
}

// A store that does not answer signs nobody out.
func TestOutageIsNotSignedOut(t *testing.T) {
	db := backendtest.SQLite(t)
	s := session.New(kv.NewEmbedded(db, time.Now), time.Now, rand.Reader)
	token, _, err := s.Start(t.Context(), anna, nil, session.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	if _, err := s.ByToken(t.Context(), token); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("%v", err)
	}
}

// A proof from before the password was replaced makes no session, not even in a race.
func TestDistrust(t *testing.T) {
	w := newWorld(t)
	_, kept := w.signIn(t)
	old := []policy.Proof{{Method: policy.Password, At: w.now()}}
	w.pass(time.Second)
	living, err := w.s.Distrust(t.Context(), anna)
	if err != nil || len(living) != 1 || living[0].ID != kept.ID {
		t.Fatalf("%+v %v", living, err)
	}
	if _, _, err := w.s.Start(t.Context(), anna, old, session.Meta{}); !errors.Is(err, session.ErrNone) {
		t.Fatalf("a session from an old proof: %v", err)
	}
	if l, _ := w.s.List(t.Context(), anna); len(l) != 1 {
		t.Fatalf("%d sessions", len(l))
	}
	if _, err := w.s.ByID(t.Context(), kept.ID); err != nil {
		t.Fatal("the one that the caller keeps:", err)
	}
	if _, _, err := w.s.Start(t.Context(), "n00bobbobbo", old, session.Meta{}); err != nil {
		t.Fatal("somebody else:", err)
	}
	if _, _, err := w.s.Start(t.Context(), anna, []policy.Proof{{Method: policy.Password, At: w.now()}}, session.Meta{}); err != nil {
		t.Fatal("with the new password:", err)
	}
}
