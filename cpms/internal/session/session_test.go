package session_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"eulogin.example/cpms/internal/session"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

func TestWhatASessionKeeps(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		in := session.Session{Issuer: idp, Subject: "anna", SID: "s1", ACR: "medium", AMR: []string{"pwd", "otp"}, AuthTime: w.now().Add(-time.Minute), IDToken: "hint"}
		token, err := w.s.Start(t.Context(), in, "")
		w.must(err)
		got, err := w.s.ByToken(t.Context(), token)
		w.must(err)
		if got.Issuer != idp || got.Subject != "anna" || got.SID != "s1" || got.ACR != "medium" || len(got.AMR) != 2 || got.IDToken != "hint" ||
			!got.AuthTime.Equal(in.AuthTime) || !got.Created.Equal(w.now()) || !got.Seen.Equal(w.now()) {
			t.Fatalf("%+v", got)
		}
	})
}

// A sign-in and a step-up each change the cookie, and the one before is dead.
func TestRotation(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		first := w.signIn("anna", "s1", "")
		other := w.signIn("anna", "s2", "") // in another browser
		second := w.signIn("anna", "s1", first)
		if first == second {
			t.Fatal("the cookie did not change")
		}
		w.lives(first, false)
		w.lives(second, true)
		w.lives(other, true)
		w.lives(w.signIn("anna", "s1", "a cookie that never was"), true)
	})
}

// A fixed cookie is worth nothing: the one that a sign-in gives is always new, and the one
// that the browser brought is dead afterwards.
func TestFixation(t *testing.T) {
	w := one(t)
	evil := w.signIn("eve", "s1", "")
	anna := w.signIn("anna", "s2", evil)
	w.lives(evil, false)
	if got, err := w.s.ByToken(t.Context(), anna); err != nil || got.Subject != "anna" {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestTamperedCookies(t *testing.T) {
	w := one(t)
	token := w.signIn("anna", "s1", "")
	bad := []string{"", " ", token + "A", " " + token, strings.ToLower(token) + "x", token + token, "session:" + token}
	for i := range token {
		bad = append(bad, token[:i], token[:i]+"!"+token[i+1:])
	}
	for _, b := range bad {
		if _, err := w.s.ByToken(t.Context(), b); !errors.Is(err, session.ErrNone) {
			t.Fatalf("%q: %v", b, err)
		}
	}
	w.lives(token, true)
}

func TestIdleEnd(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		token := w.signIn("anna", "s1", "")
		w.pass(session.Idle)
		w.lives(token, true)
		w.pass(session.Idle + time.Microsecond)
		w.lives(token, false)
		w.pass(-time.Hour) // an ended session was not touched, nor was it kept alive by asking
		w.lives(token, true)
	})
}

func TestAbsoluteEnd(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		token := w.signIn("anna", "s1", "")
		for range 24 {
			w.pass(30 * time.Minute)
			w.lives(token, true)
		}
		w.pass(time.Microsecond)
		w.lives(token, false)
	})
}

// A page view within five minutes of the last writes nothing; a later one does.
func TestSeenIsWrittenNowAndThen(t *testing.T) {
	w := one(t)
	token := w.signIn("anna", "s1", "")
	begun := w.now()
	for _, tt := range []struct{ pass, seen time.Duration }{{5 * time.Minute, 0}, {time.Microsecond, 5*time.Minute + time.Microsecond}, {time.Minute, 5*time.Minute + time.Microsecond}} {
		w.pass(tt.pass)
		for range 2 {
			if got, err := w.s.ByToken(t.Context(), token); err != nil || !got.Seen.Equal(begun.Add(tt.seen)) || !got.Created.Equal(begun) {
				t.Fatalf("after %v: %+v %v", tt.pass, got, err)
			}
		}
	}
}

// A store that does not answer signs nobody out, and nobody in.
func TestOutageIsNotSignedOut(t *testing.T) {
	db := backendtest.SQLite(t)
	w := newWorld(t, kv.NewEmbedded(db, time.Now))
	token := w.signIn("anna", "s1", "")
	w.must(db.Close())
	_, byToken := w.s.ByToken(t.Context(), token)
	_, start := w.s.Start(t.Context(), session.Session{Issuer: idp, Subject: "anna", SID: "s2"}, token)
	for name, err := range map[string]error{
		"ByToken": byToken, "Start": start, "End": w.s.End(t.Context(), token),
		"EndBySID": w.s.EndBySID(t.Context(), idp, "s1"), "EndBySubject": w.s.EndBySubject(t.Context(), idp, "anna"),
	} {
		if fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}
