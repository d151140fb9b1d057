package totp_test

import (
	"encoding/base32"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

func TestAnAuthenticatorCountsOnlyAfterACodeOfIt(t *testing.T) {
	w := newWorld(t)
	one := w.begin(t, w.anna, " Work phone ")
	if on, err := w.TOTP.Enrolled(t.Context(), w.anna.ID); on || err != nil {
		t.Fatalf("enrolled before the code: %v", err)
	}
	_, err := w.TOTP.Confirm(t.Context(), person(w.anna), one.id, one.wrong())
	if !errors.Is(err, totp.ErrForm) || fault.As(err).Fields["code"].Args[0] != 4 {
		t.Errorf("a wrong code: %v", err)
	}
	a, err := w.TOTP.Confirm(t.Context(), person(w.anna), one.id, one.code(0)[:3]+" "+one.code(0)[3:])
	if err != nil || a.Name != "Work phone" || a.ID != one.id {
		t.Fatalf("%+v %v", a, err)
	}
	if m := w.Last(t); m.Kind != notify.FactorWasAdded || m.To != w.anna.Email || !strings.Contains(m.Data["what"], "Work phone") {
		t.Errorf("%+v", m)
	}
	if _, err := w.TOTP.Setup(t.Context(), person(w.anna), one.id); !errors.Is(err, totp.ErrSetup) {
		t.Errorf("the seed is shown after it was confirmed: %v", err)
	}
	if _, err := w.TOTP.Answer(t.Context(), w.ask(t), w.anna.ID, one.code(0)); !errors.Is(err, totp.ErrUsed) {
		t.Errorf("the code that added the app signs in: %v", err)
	}
}

func TestASetupBelongsToOneSessionAndEnds(t *testing.T) {
	w := newWorld(t)
	bob := w.Person(t, "Bob", "bob@example.org")
	one := w.begin(t, w.anna, "one")
	other := person(w.anna)
	other.Session = "another session of Anna's"
	for name, p := range map[string]totp.Person{"Bob": person(bob), "another session": other, "nobody": {}} {
		if _, err := w.TOTP.Setup(t.Context(), p, one.id); !errors.Is(err, totp.ErrSetup) {
			t.Errorf("%s sees the seed: %v", name, err)
		}
		if _, err := w.TOTP.Confirm(t.Context(), p, one.id, one.code(0)); !errors.Is(err, totp.ErrSetup) {
			t.Errorf("%s confirms: %v", name, err)
		}
		if err := w.TOTP.Discard(t.Context(), p, one.id); err != nil {
			t.Errorf("%s discards: %v", name, err)
		}
	}
	for range totp.SetupTries - 1 {
		if _, err := w.TOTP.Confirm(t.Context(), person(w.anna), one.id, one.wrong()); !errors.Is(err, totp.ErrForm) {
			t.Fatalf("a wrong code: %v", err)
		}
	}
	if _, err := w.TOTP.Confirm(t.Context(), person(w.anna), one.id, one.wrong()); !errors.Is(err, totp.ErrSetup) {
		t.Errorf("the fifth wrong code: %v", err)
	}
	if _, err := w.TOTP.Confirm(t.Context(), person(w.anna), one.id, one.code(0)); !errors.Is(err, totp.ErrSetup) {
		t.Errorf("the right code after five wrong ones: %v", err)
	}
	two := w.begin(t, w.anna, "two")
	w.Clock.Pass(totp.SetupFor + time.Second)
	if _, err := w.TOTP.Confirm(t.Context(), person(w.anna), two.id, two.code(0)); !errors.Is(err, totp.ErrSetup) {
		t.Errorf("at 10:01: %v", err)
	}
	three := w.begin(t, w.anna, "three")
	if err := w.TOTP.Discard(t.Context(), person(w.anna), three.id); err != nil {
		t.Fatal(err)
	}
	if _, err := w.TOTP.Confirm(t.Context(), person(w.anna), three.id, three.code(0)); !errors.Is(err, totp.ErrSetup) {
		t.Errorf("discarded: %v", err)
	}
	if _, err := w.TOTP.Setup(t.Context(), person(w.anna), "../../other"); !errors.Is(err, totp.ErrSetup) {
		t.Errorf("%v", err)
	}
}

func TestAHundredConfirmationsAddOneAuthenticator(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		one := w.begin(t, w.anna, "one")
		var won atomic.Int64
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if _, err := w.TOTP.Confirm(t.Context(), person(w.anna), one.id, one.code(0)); err == nil {
					won.Add(1)
				} else if !errors.Is(err, totp.ErrSetup) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		have, err := w.TOTP.List(t.Context(), w.anna.ID)
		if err != nil || won.Load() != 1 || len(have) != 1 || len(w.Sent(t)) != 1 {
			t.Errorf("%d won, %d authenticators, %d mails, %v", won.Load(), len(have), len(w.Sent(t)), err)
		}
	})
}

func TestNamesRenamingRemoving(t *testing.T) {
	w := newWorld(t)
	bob := w.Person(t, "Bob", "bob@example.org")
	one := w.add(t, w.anna, "one")
	for typed, key := range map[string]string{"": "authenticators.error.name", strings.Repeat("x", 51): "authenticators.error.name", "a\u202eb": "authenticators.error.name", "one": "authenticators.error.taken"} {
		if _, err := w.TOTP.Begin(t.Context(), person(w.anna), typed); fault.As(err) == nil || fault.As(err).Fields["name"].Key != key {
			t.Errorf("%q: %v", typed, err)
		}
	}
	if err := w.TOTP.Rename(t.Context(), bob.ID, one.id, "mine"); !errors.Is(err, factor.ErrUnknown) {
		t.Errorf("Bob renames Anna's: %v", err)
	}
	if err := w.TOTP.Remove(t.Context(), bob.ID, one.id, true); !errors.Is(err, factor.ErrUnknown) {
		t.Errorf("Bob removes Anna's: %v", err)
	}
	for _, name := range []string{"one", "Tablet"} { // keeping the name is no fault
		if err := w.TOTP.Rename(t.Context(), w.anna.ID, one.id, name); err != nil {
			t.Error(err)
		}
	}
	if a, err := w.TOTP.One(t.Context(), w.anna.ID, one.id); err != nil || a.Name != "Tablet" {
		t.Errorf("%+v %v", a, err)
	}
	if err := w.TOTP.Remove(t.Context(), w.anna.ID, one.id, true); err != nil || w.Last(t).Kind != notify.FactorWasRemoved {
		t.Errorf("%v", err)
	}
	if _, err := w.TOTP.Ask(t.Context(), w.anna.ID); !errors.Is(err, totp.ErrNone) {
		t.Errorf("without any: %v", err)
	}
	for _, name := range []string{"1", "2", "3", "4", "5"} {
		w.add(t, w.anna, name)
	}
	if _, err := w.TOTP.Begin(t.Context(), person(w.anna), "6"); !errors.Is(err, totp.ErrFull) {
		t.Errorf("the sixth: %v", err)
	}
}

// Whoever reads database, expiring store, audit record or mails cannot compute a code.
func TestTheSeedIsNowhereInClear(t *testing.T) {
	w := newWorld(t)
	pending, added := w.begin(t, w.anna, "pending"), w.add(t, w.anna, "added")
	if _, err := w.TOTP.Answer(t.Context(), w.ask(t), w.anna.ID, added.code(1)); err != nil {
		t.Fatal(err)
	}
	everything := accounttest.Dump(t, w.DB)
	if !strings.Contains(everything, added.id) || !strings.Contains(everything, pending.id) {
		t.Fatal("the dump does not hold what is there")
	}
	for _, a := range []app{pending, added} {
		for _, form := range []string{string(a.seed), hex.EncodeToString(a.seed), base32.StdEncoding.EncodeToString(a.seed), totp.Typed(a.seed)} {
			if strings.Contains(strings.ToLower(everything), strings.ToLower(form)) {
				t.Errorf("the seed is in the database as %q", form)
			}
		}
	}
}
