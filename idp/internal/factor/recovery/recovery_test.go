package recovery_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/factor/recovery"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

func TestTenCodesOfEightyBits(t *testing.T) {
	w := newWorld(t)
	if set, err := w.Codes.Current(t.Context(), w.anna.ID); err != nil || set.Left() != 0 {
		t.Errorf("%+v %v", set, err)
	}
	set, codes := w.issue(t, "")
	seen := map[string]bool{}
	for _, c := range codes {
		if len(c) != 19 || strings.Count(c, "-") != 3 || seen[c] {
			t.Errorf("code %q", c)
		}
		seen[c] = true
	}
	if len(codes) != recovery.Count || set.Left() != recovery.Count {
		t.Errorf("%d codes", len(codes))
	}
	if m := w.Last(t); m.Kind != notify.FactorWasAdded || m.Data["method"] != "recovery_code" {
		t.Errorf("%+v", m)
	}
	everything := strings.ToUpper(accounttest.Dump(t, w.DB))
	for _, c := range codes {
		if strings.Contains(everything, c) || strings.Contains(everything, strings.ReplaceAll(c, "-", "")) {
			t.Errorf("the code %s is in the database", c)
		}
	}
}

func TestACodeIsGoodOnceHoweverItIsTyped(t *testing.T) {
	w := newWorld(t)
	set, codes := w.issue(t, "")
	for i, typed := range []string{codes[0], strings.ToLower(codes[1]), strings.ReplaceAll(codes[2], "-", " "), strings.ReplaceAll(codes[3], "0", "O")} {
		if id, err := w.Codes.Answer(t.Context(), w.ask(t), w.anna.ID, typed); err != nil || id != set.ID {
			t.Errorf("%q: %s %v", typed, id, err)
		}
		left := recovery.Count - i - 1
		if m := w.Last(t); m.Kind != notify.RecoveryWasUsed || m.Data["what"] != string(rune('0'+left)) || m.To != w.anna.Email {
			t.Errorf("%+v", m)
		}
	}
	for name, code := range map[string]string{"used": codes[0], "none": "", "hyphens": "----", "of somebody": "AAAA-BBBB-CCCC-DDDD"} {
		if _, err := w.Codes.Answer(t.Context(), w.ask(t), w.anna.ID, code); !errors.Is(err, recovery.ErrWrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	now, err := w.Codes.Current(t.Context(), w.anna.ID)
	if err != nil || now.Left() != 6 || !now.LastUsedAt.Equal(w.Clock.Now()) {
		t.Errorf("%d left, %v", now.Left(), err)
	}
}

func TestNewCodesEndTheOldOnes(t *testing.T) {
	w := newWorld(t)
	first, old := w.issue(t, "")
	if _, _, err := w.Codes.Issue(t.Context(), w.anna.ID, ""); !errors.Is(err, recovery.ErrIssued) {
		t.Errorf("from a page that showed none: %v", err)
	}
	_, fresh := w.issue(t, first.ID)
	question := w.ask(t)
	if _, err := w.Codes.Answer(t.Context(), question, w.anna.ID, old[0]); !errors.Is(err, recovery.ErrWrong) {
		t.Errorf("an old code: %v", err)
	}
	if _, err := w.Codes.Answer(t.Context(), question, w.anna.ID, fresh[0]); err != nil {
		t.Errorf("a new one: %v", err)
	}
	if _, _, err := w.Codes.Issue(t.Context(), w.anna.ID, first.ID); !errors.Is(err, recovery.ErrIssued) {
		t.Errorf("the form sent twice: %v", err)
	}
}

func TestAHundredWithOneRecoveryCodeHaveOneWinner(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		w := with(t, db, store, accounttest.NewClock())
		_, codes := w.issue(t, "")
		questions := make([]string, 10)
		for i := range questions {
			questions[i] = w.ask(t)
		}
		var won atomic.Int64
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				_, err := w.Codes.Answer(t.Context(), questions[i%10], w.anna.ID, codes[5])
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, recovery.ErrWrong) && !errors.Is(err, challenge.ErrOver) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		set, _ := w.Codes.Current(t.Context(), w.anna.ID)
		if won.Load() != 1 || set.Left() != 9 || len(w.Sent(t)) != 2 {
			t.Errorf("%d won, %d left, %d mails", won.Load(), set.Left(), len(w.Sent(t)))
		}
	}, sqlstore.Migrations())
}

func TestAHundredIssuesMakeOneSet(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		w := with(t, db, store, accounttest.NewClock())
		var won atomic.Int64
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if _, _, err := w.Codes.Issue(t.Context(), w.anna.ID, ""); err == nil {
					won.Add(1)
				} else if !errors.Is(err, recovery.ErrIssued) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if set, err := w.Codes.Current(t.Context(), w.anna.ID); won.Load() != 1 || set.Left() != recovery.Count || err != nil {
			t.Errorf("%d won, %d codes, %v", won.Load(), set.Left(), err)
		}
	}, sqlstore.Migrations())
}

func TestGuessingRecoveryCodesEnds(t *testing.T) {
	w := newWorld(t)
	bob := w.Person(t, "Bob", "bob@example.org")
	_, codes := w.issue(t, "")
	question := w.ask(t)
	if _, err := w.Codes.Answer(t.Context(), question, bob.ID, codes[0]); !errors.Is(err, challenge.ErrOver) {
		t.Errorf("Bob answers Anna's question: %v", err)
	}
	for left := challenge.MaxTries - 1; left > 0; left-- {
		if _, err := w.Codes.Answer(t.Context(), question, w.anna.ID, "0000-0000-0000-0000"); !errors.Is(err, recovery.ErrWrong) || fault.As(err).Args[0] != left {
			t.Errorf("%d left: %v", left, err)
		}
	}
	for _, code := range []string{"0000-0000-0000-0000", codes[0]} {
		if _, err := w.Codes.Answer(t.Context(), question, w.anna.ID, code); !errors.Is(err, challenge.ErrOver) {
			t.Errorf("after five: %v", err)
		}
	}
	asked := 1
	for range 20 {
		if _, err := w.Codes.Ask(t.Context(), w.anna.ID); err == nil {
			asked++
		} else if fault.KindOf(err) != fault.TooMany {
			t.Fatal(err)
		}
	}
	if asked != 10 {
		t.Errorf("%d questions", asked)
	}
}

func TestAQuestionForRecoveryCodesExpires(t *testing.T) {
	w := newWorld(t)
	_, codes := w.issue(t, "")
	question := w.ask(t)
	w.Clock.Pass(challenge.ValidFor + time.Second)
	if _, err := w.Codes.Answer(t.Context(), question, w.anna.ID, codes[0]); !errors.Is(err, challenge.ErrOver) {
		t.Errorf("%v", err)
	}
}

func TestRemovedCodesCountForNothing(t *testing.T) {
	w := newWorld(t)
	set, codes := w.issue(t, "")
	question := w.ask(t)
	if err := w.Codes.Remove(t.Context(), w.anna.ID, ident.NewID(rand.Reader)); !errors.Is(err, factor.ErrUnknown) {
		t.Errorf("another set: %v", err)
	}
	if err := w.Codes.Remove(t.Context(), w.anna.ID, set.ID); err != nil || w.Last(t).Kind != notify.FactorWasRemoved {
		t.Errorf("%v", err)
	}
	if _, err := w.Codes.Answer(t.Context(), question, w.anna.ID, codes[0]); err == nil {
		t.Error("a removed code works")
	}
	if _, err := w.Codes.Ask(t.Context(), w.anna.ID); !errors.Is(err, recovery.ErrNone) {
		t.Errorf("%v", err)
	}
}

// Nothing typed but a code itself is taken for one.
func FuzzRecoveryCode(f *testing.F) {
	set := recovery.Set{ID: "set", Account: "n00anna"}
	const right = "0123456789ABCDEF"
	set.Digests[4] = ident.Digest("set " + right)
	for _, s := range []string{right, "0123-4567-89ab-cdef", "o123-4567-89ab-cdef", "", "\x00", strings.Repeat("0", 200), "0123456789ABCDEF0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		canonical := recovery.Canonical(typed)
		place, ok := recovery.Find(set, canonical)
		if ok != (canonical == right) || ok && place != 4 {
			t.Fatalf("%q: %d %v", typed, place, ok)
		}
	})
}
