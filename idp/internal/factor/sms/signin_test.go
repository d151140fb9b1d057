package sms_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

type world struct {
	*accounttest.World
	SMS  *sms.SignIn
	anna account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, clock := backendtest.SQLite(t, sqlstore.Migrations()), accounttest.NewClock()
	return with(t, db, kv.NewEmbedded(db, clock.Now), clock)
}

func with(t *testing.T, db *sqldb.DB, store kv.Store, clock *accounttest.Clock) *world {
	t.Helper()
	w := &world{World: accounttest.With(t, db, store, clock)}
	var err error
	w.SMS, err = sms.NewSignIn(sms.SignInConfig{
		Numbers: w.Numbers, KV: store, Limits: w.Limits, People: sqlstore.NewDevices(w.Store, w.Store), Recorder: w.Store, Product: "EU Login",
		Now: clock.Now, Rand: rand.Reader,
	})
	check(t, err)
	w.anna = w.Anna(t)
	return w
}

// add registers a number, by its challenge.
func (w *world) add(t *testing.T, a account.Account, number string) string {
	t.Helper()
	p := manage.Person{Account: a.ID, Session: "session", Address: "192.0.2.1"}
	check(t, w.Manage.BeginNumber(t.Context(), p, number))
	_, err := w.Manage.ConfirmNumber(t.Context(), a.ID, accounttest.Code(t, w.newest(t)))
	check(t, err)
	have, err := w.Manage.Numbers(t.Context(), a.ID)
	check(t, err)
	w.Clock.Pass(time.Minute)
	return have[len(have)-1].ID
}

// newest is the last text message.
func (w *world) newest(t *testing.T) notify.Message {
	t.Helper()
	all := w.Sent(t)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Channel() == notify.BySMS {
			return all[i]
		}
	}
	t.Fatal("no text message")
	return notify.Message{}
}

func (w *world) send(t *testing.T, number string) (sms.Sent, string) {
	t.Helper()
	sent, err := w.SMS.Send(t.Context(), sms.Asked{Account: w.anna.ID, Service: "CPMS 2.0", Address: "192.0.2.1", Number: number})
	check(t, err)
	return sent, accounttest.Code(t, w.newest(t))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSignInByTextMessage(t *testing.T) {
	w := newWorld(t)
	if _, err := w.SMS.Send(t.Context(), sms.Asked{Account: w.anna.ID}); !errors.Is(err, sms.ErrNone) {
		t.Errorf("without a number: %v", err)
	}
	id := w.add(t, w.anna, "+32 123 45 67 90")
	sent, code := w.send(t, "")
	if m := w.newest(t); m.Kind != notify.SMSSignIn || m.To != "+32123456790" || m.Data["what"] != "CPMS 2.0" || sent.To.ID != id || len(sent.Others) != 0 {
		t.Errorf("%+v %+v", m, sent)
	}
	if strings.Contains(sent.Digest+sent.Salt, strings.ReplaceAll(code, "-", "")) {
		t.Error("the question holds the code in clear")
	}
	w.Clock.Pass(challenge.ValidFor)
	typed := strings.ToLower(strings.ReplaceAll(code, "-", ""))
	if got, err := w.SMS.Answer(t.Context(), sent.ID, w.anna.ID, typed); err != nil || got != id {
		t.Errorf("at 10:00, lower case, without hyphens: %s %v", got, err)
	}
	have, _ := w.Manage.Numbers(t.Context(), w.anna.ID)
	if !have[0].LastUsedAt.Equal(w.Clock.Now()) {
		t.Errorf("last used %s", have[0].LastUsedAt)
	}
	if _, err := w.SMS.Answer(t.Context(), sent.ID, w.anna.ID, code); !errors.Is(err, challenge.ErrOver) {
		t.Errorf("a second time: %v", err)
	}
	sent, code = w.send(t, "")
	w.Clock.Pass(challenge.ValidFor + time.Second)
	if _, err := w.SMS.Answer(t.Context(), sent.ID, w.anna.ID, code); !errors.Is(err, challenge.ErrOver) {
		t.Errorf("at 10:01: %v", err)
	}
}

func TestOneOfSeveralNumbers(t *testing.T) {
	w := newWorld(t)
	bob := w.Person(t, "Bob", "bob@example.org")
	first, second := w.add(t, w.anna, "+32123456701"), w.add(t, w.anna, "+32123456702")
	bobs := w.add(t, bob, "+32123456703")
	for name, c := range map[string]struct{ asked, to string }{
		"the newest": {"", second}, "the chosen one": {first, first}, "somebody else's": {bobs, second}, "none": {"x", second},
	} {
		sent, _ := w.send(t, c.asked)
		if sent.To.ID != c.to || len(sent.Others) != 1 || sent.Others[0].ID == c.to || sent.Others[0].ID == bobs {
			t.Errorf("%s: %+v", name, sent)
		}
	}
	sent, code := w.send(t, first)
	if _, err := w.SMS.Answer(t.Context(), sent.ID, w.anna.ID, code); err != nil {
		t.Fatal(err)
	}
	if sent, _ := w.send(t, ""); sent.To.ID != first {
		t.Error("the number used last is not the first choice")
	}
}

// A code that proves a new number is none that signs in, and the other way round, although
// both look alike (security case 1).
func TestCodesOfOnePurposeAreNoneOfAnother(t *testing.T) {
	w := newWorld(t)
	w.add(t, w.anna, "+32123456790")
	sent, signIn := w.send(t, "")
	p := manage.Person{Account: w.anna.ID, Session: "session", Address: "192.0.2.1"}
	check(t, w.Manage.BeginNumber(t.Context(), p, "+32123456791"))
	add := accounttest.Code(t, w.newest(t))
	if _, err := w.SMS.Answer(t.Context(), sent.ID, w.anna.ID, add); !errors.Is(err, sms.ErrWrong) {
		t.Errorf("the code for adding a number signs in: %v", err)
	}
	if _, err := w.Manage.ConfirmNumber(t.Context(), w.anna.ID, signIn); !errors.Is(err, sms.ErrWrong) {
		t.Errorf("the code for signing in adds a number: %v", err)
	}
	book := challenge.NewBook("totp", w.KV, w.Clock.Now, rand.Reader)
	if _, err := book.Try(t.Context(), sent.ID, w.anna.ID); !errors.Is(err, challenge.ErrOver) {
		t.Errorf("another method takes the question: %v", err)
	}
}

func TestWrongCodesByTextMessage(t *testing.T) {
	w := newWorld(t)
	bob := w.Person(t, "Bob", "bob@example.org")
	w.add(t, w.anna, "+32123456790")
	sent, code := w.send(t, "")
	if _, err := w.SMS.Answer(t.Context(), sent.ID, bob.ID, code); !errors.Is(err, challenge.ErrOver) {
		t.Errorf("Bob answers Anna's question: %v", err)
	}
	for left := challenge.MaxTries - 1; left > 0; left-- {
		if _, err := w.SMS.Answer(t.Context(), sent.ID, w.anna.ID, "000-000-000"); !errors.Is(err, sms.ErrWrong) || fault.As(err).Args[0] != left {
			t.Errorf("%d left: %v", left, err)
		}
	}
	for _, typed := range []string{strings.Repeat("0", 500), code} {
		if _, err := w.SMS.Answer(t.Context(), sent.ID, w.anna.ID, typed); !errors.Is(err, challenge.ErrOver) {
			t.Errorf("after five: %v", err)
		}
	}
}

func TestANumberRemovedMeanwhileSignsNobodyIn(t *testing.T) {
	w := newWorld(t)
	id := w.add(t, w.anna, "+32123456790")
	sent, code := w.send(t, "")
	check(t, w.Manage.RemoveNumber(t.Context(), w.anna.ID, id, true))
	if _, err := w.SMS.Answer(t.Context(), sent.ID, w.anna.ID, code); !errors.Is(err, challenge.ErrOver) {
		t.Errorf("%v", err)
	}
}

// A hundred at once with the right code: five tries are looked at and one signs in.
func TestAHundredWithOneTextMessageHaveOneWinner(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		w := with(t, db, store, accounttest.NewClock())
		w.add(t, w.anna, "+32123456790")
		sent, code := w.send(t, "")
		var won atomic.Int64
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if _, err := w.SMS.Answer(t.Context(), sent.ID, w.anna.ID, code); err == nil {
					won.Add(1)
				} else if !errors.Is(err, challenge.ErrOver) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 {
			t.Errorf("%d won", won.Load())
		}
	}, sqlstore.Migrations())
}

// Per account, per number and per network address (security case 31; domain.md row 46).
func TestTextMessagesAreLimited(t *testing.T) {
	send := func(w *world, id account.ID, address string) error {
		_, err := w.SMS.Send(t.Context(), sms.Asked{Account: id, Address: address})
		if err != nil && fault.KindOf(err) != fault.TooMany {
			t.Fatal(err)
		}
		return err
	}
	count := func(n int, send func(i int) error) (sent int) {
		for i := range n {
			if send(i) == nil {
				sent++
			}
		}
		return sent
	}
	w := newWorld(t)
	w.add(t, w.anna, "+32123456790")
	if n := count(15, func(i int) error { return send(w, w.anna.ID, strings.Repeat("1", i+1)) }); n != 10 {
		t.Errorf("%d messages to one account", n)
	}
	bob := w.Person(t, "Bob", "bob@example.org")
	w.add(t, bob, "+32123456790") // two people may share a phone; its bell has one limit
	if n := count(5, func(i int) error { return send(w, bob.ID, strings.Repeat("2", i+1)) }); n != 0 {
		t.Errorf("%d more messages to the same number", n)
	}
	w = newWorld(t)
	people := make([]account.Account, 8)
	for i := range people {
		people[i] = w.Person(t, "P", string(rune('a'+i))+"@example.org")
		check(t, w.Numbers.AddNumber(t.Context(), people[i].ID, sms.Registered{ID: "n" + string(rune('a'+i)), Number: sms.Number("+3212345670" + string(rune('0'+i))), AddedAt: w.Clock.Now()}, factor.Record{}))
	}
	if n := count(75, func(i int) error { return send(w, people[i%8].ID, "192.0.2.1") }); n != 60 {
		t.Errorf("%d messages from one address", n)
	}
}
