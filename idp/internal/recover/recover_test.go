package recover_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/recover"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/sqldb"
)

const secret = "Kvlr tzm 4qd"

var desk = recover.Visitor{Browser: "desk", Address: "192.0.2.1", Lang: "fr"}

// asked asks for a new password and uses the link up.
func asked(t testing.TB, w *accounttest.World, email string) (ticket string) {
	t.Helper()
	if err := w.Recover.Ask(t.Context(), email, "flow-1", desk); err != nil {
		t.Fatal(err)
	}
	ticket, err := w.Recover.Confirm(t.Context(), accounttest.Token(t, w.Last(t)), "desk")
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func TestNewPassword(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	ticket := asked(t, w, "Anna@example.org")
	if c, err := w.Recover.Choosing(t.Context(), ticket, "desk"); err != nil || c.NeedFactor {
		t.Fatalf("%+v %v", c, err)
	}
	for plain, want := range map[string]*fault.Error{"Password1!": password.ErrRefused, "Anna.Peeters1": password.ErrRefused} {
		if _, err := w.Recover.Finish(t.Context(), ticket, "desk", plain, plain); !errors.Is(err, want) {
			t.Errorf("%q: %v", plain, err)
		}
	}
	if _, err := w.Recover.Finish(t.Context(), ticket, "desk", secret, "x"); !errors.Is(err, recover.ErrMismatch) {
		t.Errorf("%v", err)
	}
	if _, err := w.Recover.Finish(t.Context(), ticket, "phone", secret, secret); !errors.Is(err, mailproof.ErrUnknown) {
		t.Errorf("another browser: %v", err)
	}
	if w.Ended.All.Load() != 0 {
		t.Error("refused tries must end nothing")
	}
	flow, err := w.Recover.Finish(t.Context(), ticket, "desk", secret, secret)
	if err != nil || flow != "flow-1" {
		t.Fatalf("%q %v", flow, err)
	}
	if ok, _ := w.Passwords.Verify(t.Context(), anna.ID, secret); !ok {
		t.Error("the new password does not work")
	}
	if ok, _ := w.Passwords.Verify(t.Context(), anna.ID, accounttest.Secret); ok {
		t.Error("the old password still works")
	}
	if w.Ended.All.Load() == 0 || w.Last(t).Kind != notify.RecoverDone {
		t.Error("sessions end, and the person is told")
	}
	if got := fmt.Sprint(w.Actions(t)); got != "[password.recovered recovery.asked]" {
		t.Errorf("audit %s", got)
	}
	if _, err := w.Recover.Finish(t.Context(), ticket, "desk", "Other 4 pass word", "Other 4 pass word"); !errors.Is(err, mailproof.ErrUsed) {
		t.Errorf("again: %v", err)
	}
}

// The answer is the same for all; the mail alone tells.
func TestAskTellsNothing(t *testing.T) {
	w := accounttest.New(t)
	w.Anna(t)
	off := w.Person(t, "Off", "off@example.org")
	if _, err := w.DB.ExecContext(t.Context(), `UPDATE accounts SET status = $1 WHERE id = $2`, string(account.Disabled), string(off.ID)); err != nil {
		t.Fatal(err)
	}
	for email, want := range map[string]notify.Kind{
		"anna@example.org": notify.RecoverLink, "nobody@example.org": notify.RecoverUnknown, "off@example.org": notify.RecoverDisabled,
	} {
		before := writes(t, w.DB)
		if err := w.Recover.Ask(t.Context(), email, "", desk); err != nil {
			t.Errorf("%s: %v", email, err)
		}
		m := w.Last(t)
		if m.Kind != want || m.To != email {
			t.Errorf("%s: %+v", email, m)
		}
		if want != notify.RecoverLink && m.Data["code"] != "" {
			t.Errorf("%s: a secret in %+v", email, m)
		}
		if want == notify.RecoverUnknown && m.Lang != "fr" {
			t.Errorf("the page's language is the only one known: %s", m.Lang)
		}
		if n := writes(t, w.DB) - before; n != 2 { // one event, one message
			t.Errorf("%s: %d rows written", email, n)
		}
	}
	if err := w.Recover.Ask(t.Context(), "no address", "", desk); !errors.Is(err, recover.ErrForm) {
		t.Errorf("%v", err)
	}
}

func writes(t testing.TB, db *sqldb.DB) (n int) {
	t.Helper()
	err := db.QueryRowContext(t.Context(), `SELECT (SELECT COUNT(*) FROM audit_events) + (SELECT COUNT(*) FROM outbox WHERE kind = 'mail')`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Security case 1: no order of events reaches "set password" of an account with a second
// factor without that factor, proved in this browser after the link was used.
func TestSecondFactorComesFirst(t *testing.T) {
	w := accounttest.New(t)
	anna, bob := w.Anna(t), w.Person(t, "Bob", "bob@example.org")
	w.Factors.On.Store(true)
	w.Proofs.Prove("early", anna.ID, "desk", w.Clock.Now())
	w.Clock.Pass(time.Second)
	ticket := asked(t, w, "anna@example.org")
	finish := func() error {
		_, err := w.Recover.Finish(t.Context(), ticket, "desk", secret, secret)
		return err
	}
	if c, _ := w.Recover.Choosing(t.Context(), ticket, "desk"); !c.NeedFactor {
		t.Fatal("the factor is not asked for")
	}
	if err := finish(); !errors.Is(err, recover.ErrFactorNeeded) {
		t.Fatalf("without the factor: %v", err)
	}
	w.Proofs.Prove("bobs", bob.ID, "desk", w.Clock.Now())
	w.Proofs.Prove("elsewhere", anna.ID, "phone", w.Clock.Now())
	for _, id := range []string{"early", "bobs", "elsewhere", "none", ""} {
		if err := w.Recover.FactorProved(t.Context(), ticket, "desk", id); fault.KindOf(err) != fault.Denied {
			t.Errorf("proof %q: %v", id, err)
		}
	}
	if err := finish(); !errors.Is(err, recover.ErrFactorNeeded) {
		t.Fatalf("after wrong proofs: %v", err)
	}
	next, err := w.Recover.ProveFactor(t.Context(), ticket, "desk", "/password/factor/"+ticket)
	if err != nil || next == "" || w.Proofs.Begun[0] != anna.ID {
		t.Fatalf("%q %v %v", next, w.Proofs.Begun, err)
	}
	w.Proofs.Prove("right", anna.ID, "desk", w.Clock.Now())
	if err := w.Recover.FactorProved(t.Context(), ticket, "phone", "right"); !errors.Is(err, mailproof.ErrUnknown) {
		t.Errorf("the proof in another browser: %v", err)
	}
	if err := w.Recover.FactorProved(t.Context(), ticket, "desk", "right"); err != nil {
		t.Fatal(err)
	}
	w.Clock.Pass(2 * time.Minute)
	if err := finish(); err != nil {
		t.Fatal(err)
	}
	if ok, _ := w.Passwords.Verify(t.Context(), anna.ID, secret); !ok {
		t.Error("the new password does not work")
	}
}

// A renewed ticket starts from nothing: the old link's proof and factor do not carry over.
func TestNewMailDropsTheProof(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	w.Factors.On.Store(true)
	ticket := asked(t, w, "anna@example.org")
	token := accounttest.Token(t, w.Last(t))
	w.Proofs.Prove("right", anna.ID, "desk", w.Clock.Now())
	if err := w.Recover.FactorProved(t.Context(), ticket, "desk", "right"); err != nil {
		t.Fatal(err)
	}
	w.Clock.Pass(2 * time.Minute)
	thief := recover.Visitor{Browser: "thief", Address: "203.0.113.9"}
	if err := w.Recover.Again(t.Context(), token, "anna@example.org", thief); err != nil {
		t.Fatal(err)
	}
	again, err := w.Recover.Confirm(t.Context(), accounttest.Token(t, w.Last(t)), "thief")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := w.Recover.Choosing(t.Context(), again, "thief"); err != nil || !c.NeedFactor {
		t.Fatalf("the factor proved in another browser counts: %+v %v", c, err)
	}
	if _, err := w.Recover.Finish(t.Context(), again, "thief", secret, secret); !errors.Is(err, recover.ErrFactorNeeded) {
		t.Errorf("%v", err)
	}
}

func TestFactorEnrolledMeanwhile(t *testing.T) {
	w := accounttest.New(t)
	w.Anna(t)
	ticket := asked(t, w, "anna@example.org")
	w.Factors.On.Store(true)
	if _, err := w.Recover.Finish(t.Context(), ticket, "desk", secret, secret); !errors.Is(err, recover.ErrFactorNeeded) {
		t.Errorf("%v", err)
	}
}

// A store of sessions that does not answer stops everything while nothing has happened.
func TestSessionsEndOrNothingHappens(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	ticket := asked(t, w, "anna@example.org")
	var down error = fault.New(fault.Unavailable, "kv.unavailable")
	w.Ended.Fail.Store(&down)
	if _, err := w.Recover.Finish(t.Context(), ticket, "desk", secret, secret); !errors.Is(err, down) {
		t.Fatalf("%v", err)
	}
	if ok, _ := w.Passwords.Verify(t.Context(), anna.ID, accounttest.Secret); !ok {
		t.Error("the password was changed although sessions live on")
	}
	w.Ended.Fail.Store(nil)
	if _, err := w.Recover.Finish(t.Context(), ticket, "desk", secret, secret); err != nil {
		t.Errorf("second try: %v", err)
	}
}

func TestDeadLinksLeadOn(t *testing.T) {
	w := accounttest.New(t)
	w.Anna(t)
	if err := w.Recover.Ask(t.Context(), "anna@example.org", "", desk); err != nil {
		t.Fatal(err)
	}
	token := accounttest.Token(t, w.Last(t))
	w.Clock.Pass(5*time.Minute + time.Second)
	if err := w.Recover.Look(t.Context(), token, "desk"); !errors.Is(err, mailproof.ErrExpired) {
		t.Fatalf("%v", err)
	}
	if err := w.Recover.Again(t.Context(), token, "bob@example.org", desk); !errors.Is(err, recover.ErrForm) {
		t.Errorf("another address: %v", err)
	}
	if err := w.Recover.Again(t.Context(), token, "anna@example.org", desk); err != nil {
		t.Fatal(err)
	}
	if err := w.Recover.Look(t.Context(), token, "desk"); !errors.Is(err, mailproof.ErrReplaced) {
		t.Errorf("%v", err)
	}
	token = accounttest.Token(t, w.Last(t))
	ticket, err := w.Recover.Confirm(t.Context(), token, "desk")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = w.Recover.Finish(t.Context(), ticket, "desk", secret, secret); err != nil {
		t.Fatal(err)
	}
	w.Clock.Pass(2 * time.Minute)
	if err := w.Recover.Look(t.Context(), token, "desk"); !errors.Is(err, mailproof.ErrUsed) {
		t.Errorf("%v", err)
	}
	if err := w.Recover.Again(t.Context(), token, "anna@example.org", desk); err != nil || w.Last(t).Kind != notify.RecoverLink {
		t.Errorf("from a used link: %v", err)
	}
}

func TestMailsAreLimited(t *testing.T) {
	w := accounttest.New(t)
	sent := 0
	for range 10 {
		if err := w.Recover.Ask(t.Context(), "nobody@example.org", "", desk); fault.KindOf(err) == fault.TooMany {
			w.Clock.Pass(61 * time.Second)
			continue
		}
		sent++
	}
	if sent != 5 {
		t.Errorf("%d mails", sent)
	}
}
