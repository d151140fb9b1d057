package session_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"eulogin.example/cpms/internal/session"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
)

func TestEnd(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		a, b := w.signIn("anna", "s1", ""), w.signIn("anna", "s2", "")
		for range 2 { // twice: one that is gone is no error
			w.must(w.s.End(t.Context(), a))
		}
		w.lives(a, false)
		w.lives(b, true)
	})
}

// Back-channel logout of one session at idp ends what came from it, in every browser, and
// nothing else.
func TestEndBySID(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		a, again, b, eve := w.signIn("anna", "s1", ""), w.signIn("anna", "s1", ""), w.signIn("anna", "s2", ""), w.signIn("eve", "s3", "")
		w.must(w.s.EndBySID(t.Context(), "https://other.example", "s1"))
		w.must(w.s.EndBySID(t.Context(), idp, "never was"))
		w.must(w.s.EndBySID(t.Context(), idp, "anna"))
		w.lives(a, true)
		for range 2 {
			w.must(w.s.EndBySID(t.Context(), idp, "s1"))
		}
		w.lives(a, false)
		w.lives(again, false)
		w.lives(b, true)
		w.lives(eve, true)
	})
}

func TestEndBySubject(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		a, eve := w.signIn("anna", "s1", ""), w.signIn("eve", "s3", "")
		b := w.signIn("anna", "s2", "")
		stepped := w.signIn("anna", "s2", b)
		none := w.signIn("anna", "", "") // idp named no session
		w.must(w.s.EndBySubject(t.Context(), "https://other.example", "anna"))
		w.must(w.s.EndBySubject(t.Context(), idp, "s1"))
		w.lives(a, true)
		w.must(w.s.EndBySubject(t.Context(), idp, "anna"))
		for _, token := range []string{a, b, stepped, none} {
			w.lives(token, false)
		}
		w.lives(eve, true)
		w.lives(w.signIn("anna", "s4", ""), true) // the next sign-in is a new matter
	})
}

// However often somebody signed in or stepped up, all of it ends.
func TestManySessionsAllEnd(t *testing.T) {
	w := one(t)
	var tokens []string
	for range 130 {
		tokens = append(tokens, w.signIn("anna", "s1", ""))
	}
	w.lives(tokens[129], true)
	w.must(w.s.EndBySubject(t.Context(), idp, "anna"))
	for _, token := range tokens {
		w.lives(token, false)
	}
}

// A session that begins while the others are ended is on the list that the next end reads.
func TestABeginningBetweenIsNotForgotten(t *testing.T) {
	b := &between{Store: kv.NewEmbedded(backendtest.SQLite(t), time.Now), do: func([]string) {}}
	w := newWorld(t, b)
	old, late := w.signIn("anna", "s1", ""), ""
	b.do = func([]string) {
		b.do = func([]string) {} // once
		late = w.signIn("anna", "s2", "")
	}
	w.must(w.s.EndBySubject(t.Context(), idp, "anna"))
	w.lives(old, false)
	w.lives(late, true)
	w.must(w.s.EndBySubject(t.Context(), idp, "anna"))
	w.lives(late, false)
}

// A session that idp ended never begins: the logout token may overtake the sign-in.
func TestLogoutOvertakesTheSignIn(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.must(w.s.EndBySID(t.Context(), idp, "s1"))
		if _, err := w.s.Start(t.Context(), session.Session{Issuer: idp, Subject: "anna", SID: "s1"}, ""); !errors.Is(err, session.ErrNone) {
			t.Fatalf("%v", err)
		}
		w.lives(w.signIn("anna", "s2", ""), true)
	})
}

// Whatever races, after a logout nothing of that session lives.
func TestLogoutRacesWithSignInAndUse(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		for i := range 10 {
			sid := fmt.Sprintf("s%d", i)
			tokens := []string{w.signIn("anna", sid, ""), "", "", ""}
			w.pass(6 * time.Minute) // so that the next use is written
			var wg sync.WaitGroup
			for n := 1; n < len(tokens); n++ {
				wg.Go(func() {
					tokens[n], _ = w.s.Start(context.Background(), session.Session{Issuer: idp, Subject: "anna", SID: sid}, "")
				})
				wg.Go(func() { _, _ = w.s.ByToken(context.Background(), tokens[0]) })
			}
			var ended error
			wg.Go(func() { ended = w.s.EndBySID(context.Background(), idp, sid) })
			wg.Wait()
			w.must(ended)
			for _, token := range tokens {
				w.lives(token, false)
			}
		}
	})
}

// Neither the store's keys nor its records hold a cookie.
func TestTheStoreHoldsNoCookie(t *testing.T) {
	db := backendtest.SQLite(t)
	w := newWorld(t, kv.NewEmbedded(db, time.Now))
	token := w.signIn("anna", "s1", "")
	rows, err := db.QueryContext(t.Context(), `SELECT * FROM expiring`)
	w.must(err)
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	w.must(err)
	n := 0
	for ; rows.Next(); n++ {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		w.must(rows.Scan(into...))
		if slices.ContainsFunc(values, func(v any) bool { return strings.Contains(fmt.Sprintf("%s", v), token) }) {
			t.Errorf("%s", values)
		}
	}
	if w.must(rows.Err()); n < 3 {
		t.Errorf("%d records", n)
	}
}
