package totp_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/proto/kit/fault"
)

func TestACodeIsGoodOnceAndNoOlderOneAfterIt(t *testing.T) {
	w := newWorld(t)
	one := w.add(t, w.anna, "one")
	w.Clock.Pass(10 * totp.Period)
	used := one.code(0)
	if id, err := w.TOTP.Answer(t.Context(), w.ask(t), w.anna.ID, used); err != nil || id != one.id {
		t.Fatalf("%s %v", id, err)
	}
	a, _ := w.TOTP.One(t.Context(), w.anna.ID, one.id)
	if !a.LastUsedAt.Equal(w.Clock.Now()) {
		t.Errorf("last used %s", a.LastUsedAt)
	}
	question := w.ask(t)
	for name, code := range map[string]string{"the same": used, "the one before": one.code(-1)} {
		if _, err := w.TOTP.Answer(t.Context(), question, w.anna.ID, code); !errors.Is(err, totp.ErrUsed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.Clock.Pass(totp.Period)
	if _, err := w.TOTP.Answer(t.Context(), question, w.anna.ID, used); !errors.Is(err, totp.ErrUsed) {
		t.Errorf("the same within the clock's tolerance: %v", err)
	}
	if _, err := w.TOTP.Answer(t.Context(), question, w.anna.ID, one.code(0)); err != nil {
		t.Errorf("the next one: %v", err)
	}
	if _, err := w.TOTP.Answer(t.Context(), question, w.anna.ID, one.code(1)); !errors.Is(err, challenge.ErrOver) {
		t.Errorf("a question that was answered: %v", err)
	}
}

// A clock may be one step off, to the second, and no more (RFC 6238 §5.2).
func TestClockSkew(t *testing.T) {
	for steps, good := range map[int64]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		w := newWorld(t)
		one := w.add(t, w.anna, "one")
		w.Clock.Pass(10 * totp.Period)
		for _, within := range []time.Duration{0, totp.Period - time.Second} { // at both ends of a step
			w.Clock.Pass(within)
			_, err := w.TOTP.Answer(t.Context(), w.ask(t), w.anna.ID, one.code(steps))
			if good != (err == nil) {
				t.Errorf("%d steps off, %s into the step: %v", steps, within, err)
			}
			w.Clock.Pass(10*totp.Period + time.Second)
		}
	}
}

func TestAHundredWithOneCodeHaveOneWinner(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		one := w.add(t, w.anna, "one")
		w.Clock.Pass(10 * totp.Period)
		questions := make([]string, 10)
		for i := range questions {
			questions[i] = w.ask(t)
		}
		var won atomic.Int64
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				_, err := w.TOTP.Answer(t.Context(), questions[i%10], w.anna.ID, one.code(0))
				switch {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, totp.ErrUsed) && !errors.Is(err, challenge.ErrOver):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Errorf("%d won", won.Load())
		}
	})
}

func TestFiveWrongCodesEndTheQuestion(t *testing.T) {
	w := newWorld(t)
	one := w.add(t, w.anna, "one")
	w.Clock.Pass(10 * totp.Period)
	question := w.ask(t)
	for left := challenge.MaxTries - 1; left > 0; left-- {
		if _, err := w.TOTP.Answer(t.Context(), question, w.anna.ID, one.wrong()); !errors.Is(err, totp.ErrWrong) || fault.As(err).Args[0] != left {
			t.Errorf("%d left: %v", left, err)
		}
	}
	for _, code := range []string{one.wrong(), one.code(0)} { // the fifth, and the right one after it
		if _, err := w.TOTP.Answer(t.Context(), question, w.anna.ID, code); !errors.Is(err, challenge.ErrOver) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func TestQuestionsAreLimited(t *testing.T) {
	w := newWorld(t)
	one := w.add(t, w.anna, "one")
	for range 30 { // whoever answers right may ask as often as they like
		w.Clock.Pass(2 * totp.Period)
		if _, err := w.TOTP.Answer(t.Context(), w.ask(t), w.anna.ID, one.code(0)); err != nil {
			t.Fatal(err)
		}
	}
	asked := 0
	for range 20 {
		_, err := w.TOTP.Ask(t.Context(), w.anna.ID)
		if err == nil {
			asked++
		} else if fault.KindOf(err) != fault.TooMany {
			t.Fatal(err)
		}
	}
	if asked != 10 {
		t.Errorf("%d questions without an answer", asked)
	}
}

func TestAnotherPersonsQuestionOrApp(t *testing.T) {
	w := newWorld(t)
	bob := w.Person(t, "Bob", "bob@example.org")
	annas, bobs := w.add(t, w.anna, "one"), w.add(t, bob, "one")
	w.Clock.Pass(10 * totp.Period)
	question := w.ask(t)
	if _, err := w.TOTP.Answer(t.Context(), question, bob.ID, bobs.code(0)); !errors.Is(err, challenge.ErrOver) {
		t.Errorf("Bob answers Anna's question: %v", err)
	}
	if _, err := w.TOTP.Answer(t.Context(), question, w.anna.ID, bobs.code(0)); !errors.Is(err, totp.ErrWrong) {
		t.Errorf("Bob's app answers for Anna: %v", err)
	}
	if _, err := w.TOTP.Answer(t.Context(), question, w.anna.ID, annas.code(0)); err != nil {
		t.Errorf("Anna: %v", err)
	}
}

// Nothing but six digits is ever a code, and nothing typed makes the check fail in any other way.
func FuzzAnswer(f *testing.F) {
	for _, s := range []string{"123456", "123 456", "１２３４５６", "12345", "1234567", "\x00", "+1e5", strings.Repeat("9", 1000)} {
		f.Add(s)
	}
	seed := []byte("12345678901234567890")
	f.Fuzz(func(t *testing.T, typed string) {
		canonical := totp.Canonical(typed)
		if canonical != "" && (len(canonical) != 6 || strings.Trim(canonical, "0123456789") != "") {
			t.Fatalf("%q became %q", typed, canonical)
		}
		now := time.Unix(1111111109, 0)
		_, ok := totp.Match(seed, canonical, now)
		want := false
		for d := int64(-1); d <= 1; d++ {
			want = want || totp.Code(seed, totp.Step(now)+d) == canonical
		}
		if ok != want {
			t.Fatalf("%q: %v", typed, ok)
		}
	})
}
