package webauthn_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/notify"
)

// A challenge belongs to one purpose, one account, five minutes and five answers.
func TestAChallengeIsForOne(t *testing.T) {
	w := newWorld(t, nil)
	a := device(t)
	w.add(w.anna.ID, "key", a)
	bert := w.Person(t, "Bert", "bert@example.org")
	ch := w.ask(w.anna.ID)
	for name, who := range map[string]account.ID{"another account": bert.ID, "nobody": ""} {
		if _, err := w.keys.Answer(t.Context(), ch.ID, who, a.Get(t, ch.Options)); !errors.Is(err, webauthn.ErrOver) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.keys.Finish(t.Context(), w.anna.ID, ch.ID, a.Get(t, ch.Options)); !errors.Is(err, webauthn.ErrOver) {
		t.Errorf("as a registration: %v", err)
	}
	for range webauthn.AnswerTries {
		if _, err := w.keys.Answer(t.Context(), ch.ID, w.anna.ID, "{}"); why(err) != "keys.answer.malformed" {
			t.Errorf("%v", err)
		}
	}
	if _, err := w.keys.Answer(t.Context(), ch.ID, w.anna.ID, a.Get(t, ch.Options)); !errors.Is(err, webauthn.ErrOver) {
		t.Errorf("a sixth answer: %v", err)
	}
	late := w.ask(w.anna.ID)
	w.Clock.Pass(webauthn.ChallengeFor)
	if _, err := w.keys.Answer(t.Context(), late.ID, w.anna.ID, a.Get(t, late.Options)); !errors.Is(err, webauthn.ErrOver) {
		t.Errorf("after five minutes: %v", err)
	}
	for _, id := range []string{"", "x", strings.Repeat("0", 26), "../../etc/passwd"} {
		if _, err := w.keys.Answer(t.Context(), id, w.anna.ID, "{}"); !errors.Is(err, webauthn.ErrOver) {
			t.Errorf("challenge %q: %v", id, err)
		}
	}
}

func TestOneAssertionSignsInOnce(t *testing.T) {
	w := newWorld(t, nil)
	a := device(t)
	a.Counter = 0 // no counter that could catch a replay
	w.add(w.anna.ID, "key", a)
	ch := w.ask("")
	answer := a.Get(t, ch.Options)
	var all sync.WaitGroup
	var won atomic.Int64
	for range 100 {
		all.Go(func() {
			_, err := w.keys.Answer(t.Context(), ch.ID, "", answer)
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, webauthn.ErrOver):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Fatalf("%d of a hundred signed in", won.Load())
	}
	again := w.ask("")
	if _, err := w.keys.Answer(t.Context(), again.ID, "", answer); why(err) != "keys.answer.wrong" {
		t.Errorf("replayed to the next challenge: %v", err)
	}
}

// A counter that goes back is a copy, until its owner has looked.
func TestACounterThatGoesBackDisables(t *testing.T) {
	w := newWorld(t, nil)
	a := device(t)
	k := w.add(w.anna.ID, "blue key", a)
	copied := *a
	for range 3 {
		ch := w.ask(w.anna.ID)
		_, err := w.keys.Answer(t.Context(), ch.ID, w.anna.ID, a.Get(t, ch.Options))
		must(t, err)
	}
	ch := w.ask(w.anna.ID)
	if _, err := w.keys.Answer(t.Context(), ch.ID, w.anna.ID, copied.Get(t, ch.Options)); why(err) != "keys.answer.counter" {
		t.Fatalf("the copy: %v", err)
	}
	if m := w.Last(t); m.Kind != notify.KeyWasDisabled || m.Data["what"] != "blue key" || m.To != w.anna.Email {
		t.Errorf("the mail: %+v", m)
	}
	if got := w.Actions(t); !slices.Contains(got, "key.disabled") {
		t.Errorf("audited: %v", got)
	}
	now, err := w.keys.Credential(t.Context(), w.anna.ID, k.ID)
	if err != nil || now.Status != webauthn.Disabled {
		t.Errorf("%+v, %v", now, err)
	}
	if got, _ := w.keys.Enrolled(t.Context(), w.anna.ID); len(got) != 0 {
		t.Errorf("still enrolled: %v", got)
	}
	if _, err := w.keys.Ask(t.Context(), "flow", w.anna.ID); !errors.Is(err, webauthn.ErrNone) {
		t.Errorf("it is still asked for: %v", err)
	}
	direct := w.ask("")
	if _, err := w.keys.Answer(t.Context(), direct.ID, "", a.Get(t, direct.Options)); why(err) != "keys.answer.disabled" {
		t.Errorf("the right one, afterwards: %v", err)
	}
}

func TestChallengesOfOneSignInAreLimited(t *testing.T) {
	w := newWorld(t, nil)
	w.add(w.anna.ID, "key", device(t))
	var err error
	n := 0
	for ; err == nil && n < 100; n++ {
		_, err = w.keys.Ask(t.Context(), "one-flow", w.anna.ID)
	}
	if why(err) != "limit.reached" || n != 61 {
		t.Errorf("after %d: %v", n, err)
	}
	w.Clock.Pass(6 * time.Minute)
	if _, err := w.keys.Ask(t.Context(), "one-flow", w.anna.ID); err != nil {
		t.Errorf("after the pause: %v", err)
	}
}

// The page and its script ask at the same moment: they are given the same challenge.
func TestOneSignInHasOneOpenChallenge(t *testing.T) {
	w := newWorld(t, nil)
	var all sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]bool{}
	for range 20 {
		all.Go(func() {
			c, err := w.keys.Ask(t.Context(), "one-flow", "")
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			seen[c.ID] = true
			mu.Unlock()
		})
	}
	all.Wait()
	if len(seen) != 1 {
		t.Errorf("%d challenges", len(seen))
	}
	a := device(t)
	w.add(w.anna.ID, "key", a)
	c, err := w.keys.Ask(t.Context(), "one-flow", "")
	must(t, err)
	if !seen[c.ID] {
		t.Error("a fresh challenge is not kept")
	}
	_, _ = w.keys.Answer(t.Context(), c.ID, "", "{}")
	if next, err := w.keys.Ask(t.Context(), "one-flow", ""); err != nil || seen[next.ID] {
		t.Errorf("one that was answered wrong is given again, %v", err)
	}
}
