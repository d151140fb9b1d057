package login_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
)

// Somebody who owns an account and a phone, and knows another person's password, names the
// other person in the moment in which the own challenge is opened. The own phone must not
// prove anything for the other person (security case 1).
func TestAChallengeBelongsToThePersonItWasOpenedFor(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Medium)
	w.named(t, id, annaMail)
	w.phone.onStart = func() { w.phone.onStart = nil; w.named(t, id, bobMail) }
	_ = w.try(t, id, secret, policy.AppPIN)
	w.phone.does(login.Proved)
	_ = w.try(t, id, secret, policy.AppPIN) // bob's password
	v, err := w.Look(t.Context(), id, here)
	if err != nil {
		t.Fatal(err)
	}
	if v.Flow.Account != bob || v.Step == login.Done || v.Decision.Level >= policy.Medium {
		t.Fatalf("%s reached %v at step %s with somebody else's phone", v.Flow.Account, v.Decision.Level, v.Step)
	}
}

// The same with the session: another person is named in the moment in which the sign-in is
// being finished.
func TestASessionBelongsToThePersonWhoseProofsItHolds(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Basic)
	w.named(t, id, annaMail)
	if err := w.try(t, id, secret, policy.Password); err != nil {
		t.Fatal(err)
	}
	w.store.onSwap = func(key string) {
		if strings.HasPrefix(key, "session:") {
			w.store.onSwap = nil
			w.named(t, id, bobMail)
		}
	}
	_, err := w.Finish(t.Context(), id, here, "", meta)
	if w.store.onSwap != nil {
		t.Fatal("the test did not step in")
	}
	o, oerr := w.Outcome(t.Context(), id, here)
	if oerr == nil && o.Refused == "" && o.Account != anna {
		t.Fatalf("anna's proofs signed %q in (finish: %v)", o.Account, err)
	}
}

// Security case 16, for sign-ins: of a hundred who redeem an outcome, one gets it.
func TestAnOutcomeIsGivenOnce(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Basic)
	w.named(t, id, annaMail)
	if err := w.try(t, id, secret, policy.Password); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Outcome(t.Context(), id, here); err == nil {
		t.Fatal("an outcome before the end")
	}
	if _, err := w.Finish(t.Context(), id, here, "", meta); err != nil {
		t.Fatal(err)
	}
	_, err := w.Outcome(t.Context(), id, "another-browser")
	wants(t, err, login.ErrOtherBrowser)
	var won atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if o, err := w.Outcome(t.Context(), id, here); err == nil && o.Account == anna {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d of 100 got the outcome", won.Load())
	}
}

// Two tabs that finish the same sign-in agree on one session.
func TestTwoTabsFinishOnce(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Basic)
	w.named(t, id, annaMail)
	if err := w.try(t, id, secret, policy.Password); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { _, _ = w.Finish(t.Context(), id, here, "", meta) })
	}
	wg.Wait()
	living, err := w.Sessions.List(t.Context(), anna)
	if err != nil || len(living) != 1 {
		t.Fatalf("%d sessions of one sign-in, %v", len(living), err)
	}
	if n := len(w.past.attempts); n != 1 {
		t.Fatalf("%d lines of history for one sign-in", n)
	}
}

// Security case 31: guesses at once get no more than the limit through.
func TestABurstOfGuessesIsCountedFirst(t *testing.T) {
	w := newWorld(t)
	id := w.asks(t, policy.Basic)
	w.named(t, id, annaMail)
	var looked atomic.Int64
	w.Passwords = counting{&looked}
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { _ = w.try(t, id, "wrong", policy.Password) })
	}
	wg.Wait()
	if n := looked.Load(); n != 5 {
		t.Fatalf("%d of 100 guesses were looked at", n)
	}
	if n := len(w.past.messages); n != 1 {
		t.Fatalf("%d mails about one pause", n)
	}
}
