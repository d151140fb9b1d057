package signup_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/signup"
	"eulogin.example/proto/kit/fault"
)

const secret = "Kvlr tzm 4qd"

var desk = signup.Visitor{Browser: "desk", Address: "192.0.2.1"}

func form(email string) signup.Form {
	return signup.Form{
		GivenName: " Jörg ", FamilyName: "O'Neill", Email: email, EmailAgain: email, MailLang: "de", Privacy: true, Flow: "flow-1",
	}
}

func register(t testing.TB, w *accounttest.World, email string) (ticket string, m notify.Message) {
	t.Helper()
	ticket, err := w.Signup.Register(t.Context(), form(email), desk)
	if err != nil {
		t.Fatal(err)
	}
	return ticket, w.Last(t)
}

func TestFromFormToAccount(t *testing.T) {
	w := accounttest.New(t)
	ticket, m := register(t, w, "jorg@example.org")
	if m.Kind != notify.RegisterConfirm || m.To != "jorg@example.org" || m.Lang != "de" || m.Data["name"] != "Jörg O'Neill" {
		t.Fatalf("mail %+v", m)
	}
	if !strings.HasPrefix(m.Data["url"], accounttest.Issuer+"/register/confirm?t=") {
		t.Errorf("the link starts with the configured issuer: %s", m.Data["url"])
	}
	id, err := w.Signup.Confirm(t.Context(), accounttest.Token(t, m), "phone")
	if err != nil || id != ticket {
		t.Fatalf("%s %v", id, err)
	}
	if _, err := w.Signup.Choosing(t.Context(), ticket, "desk"); !errors.Is(err, mailproof.ErrUnknown) {
		t.Errorf("the browser that did not prove it: %v", err)
	}
	if c, err := w.Signup.Choosing(t.Context(), ticket, "phone"); err != nil || c.Email != "jorg@example.org" {
		t.Errorf("%+v %v", c, err)
	}
	for _, bad := range []struct {
		plain, confirm string
		want           *fault.Error
	}{{secret, secret + "x", signup.ErrMismatch}, {"short", "short", password.ErrRefused}, {"Jorg@example.org1", "Jorg@example.org1", password.ErrRefused}} {
		if _, err := w.Signup.Finish(t.Context(), ticket, "phone", bad.plain, bad.confirm); !errors.Is(err, bad.want) {
			t.Errorf("%q: %v", bad.plain, err)
		}
	}
	done, err := w.Signup.Finish(t.Context(), ticket, "phone", secret, secret)
	if err != nil || done.Flow != "flow-1" || !done.At.Equal(w.Clock.Now()) {
		t.Fatalf("%+v %v", done, err)
	}
	a, err := w.Store.ByID(t.Context(), done.Account.ID)
	if err != nil || a.Name() != "Jörg O'Neill" || a.Email != "jorg@example.org" || a.MailLang != "de" || !a.Usable() ||
		a.Assurance != account.AssuranceSelfRegistered || a.PrivacyVersion != "test" {
		t.Errorf("%+v %v", a, err)
	}
	if ok, _ := w.Passwords.Verify(t.Context(), a.ID, secret); !ok {
		t.Error("the password does not work")
	}
	if m := w.Last(t); m.Kind != notify.RegisterDone || m.Lang != "de" {
		t.Errorf("last mail %s", m.Kind)
	}
	if got := fmt.Sprint(w.Actions(t)); got != "[account.created]" {
		t.Errorf("audit %s", got)
	}
	if _, err := w.Signup.Finish(t.Context(), ticket, "phone", secret, secret); !errors.Is(err, mailproof.ErrUsed) {
		t.Errorf("again: %v", err)
	}
}

func TestTypedCodeInsteadOfTheLink(t *testing.T) {
	w := accounttest.New(t)
	ticket, m := register(t, w, "jorg@example.org")
	if err := w.Signup.ConfirmCode(t.Context(), ticket, "phone", accounttest.Code(t, m)); !errors.Is(err, mailproof.ErrUnknown) {
		t.Errorf("in another browser: %v", err)
	}
	if err := w.Signup.ConfirmCode(t.Context(), ticket, "desk", accounttest.Code(t, m)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Signup.Finish(t.Context(), ticket, "desk", secret, secret); err != nil {
		t.Fatal(err)
	}
	if done, err := w.Signup.Look(t.Context(), accounttest.Token(t, m), "desk"); !errors.Is(err, mailproof.ErrUsed) || !done {
		t.Errorf("the link afterwards: %v %v", done, err)
	}
}

func TestFormFaultsComeAllAtOnce(t *testing.T) {
	w := accounttest.New(t)
	_, err := w.Signup.Register(t.Context(), signup.Form{GivenName: " ", FamilyName: "http://x", Email: "no", EmailAgain: "other", MailLang: "xx"}, desk)
	e := fault.As(err)
	if !errors.Is(err, signup.ErrForm) {
		t.Fatal(err)
	}
	for field, key := range map[string]string{
		"given": "join.error.given_empty", "family": "join.error.name_chars", "email": "join.error.email",
		"mail_lang": "join.error.mail_lang", "privacy": "join.error.privacy",
	} {
		if e.Fields[field].Key != key {
			t.Errorf("%s: %q", field, e.Fields[field].Key)
		}
	}
	f := form("a@example.org")
	f.EmailAgain = "b@example.org"
	if _, err := w.Signup.Register(t.Context(), f, desk); fault.As(err).Fields["email_again"].Key != "join.error.email_again" {
		t.Errorf("%v", err)
	}
	for _, email := range []string{"a@institution.example", "a@sub.Institution.EXAMPLE"} {
		if _, err := w.Signup.Register(t.Context(), form(email), desk); fault.As(err) == nil || fault.As(err).Fields["email"].Key != "join.error.domain" {
			t.Errorf("%s: %v", email, err)
		}
	}
	if _, err := w.Signup.Register(t.Context(), form("a@notinstitution.example"), desk); err != nil {
		t.Errorf("another domain with the same ending: %v", err)
	}
	if len(w.Sent(t)) != 1 {
		t.Error("a refused form must send nothing")
	}
}

// Security case 32: the answer for an address with an account is the same, and only the
// mailbox's owner learns of it.
func TestKnownAddressIsNotTold(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	for _, email := range []string{"anna@example.org", "ANNA@example.org"} {
		w.Clock.Pass(2 * time.Minute)
		ticket, m := register(t, w, email)
		if m.Kind != notify.RegisterKnown || m.To != anna.Email || m.Data["name"] != anna.Name() || m.Data["code"] != "" {
			t.Errorf("%s: %+v", email, m)
		}
		if waiting, err := w.Signup.Waiting(t.Context(), ticket, "desk"); err != nil || waiting.Email != email || waiting.TriesLeft != 5 {
			t.Errorf("%+v %v", waiting, err)
		}
		if err := w.Signup.ConfirmCode(t.Context(), ticket, "desk", "AAAA-AAAA"); !errors.Is(err, mailproof.ErrWrong) {
			t.Errorf("code: %v", err)
		}
		w.Clock.Pass(2 * time.Minute)
		if err := w.Signup.Resend(t.Context(), ticket, desk); err != nil || w.Last(t).Kind != notify.RegisterKnown {
			t.Errorf("resend: %v", err)
		}
	}
}

func TestResendReplacesAndIsLimited(t *testing.T) {
	w := accounttest.New(t)
	ticket, first := register(t, w, "jorg@example.org")
	err := w.Signup.Resend(t.Context(), ticket, desk)
	if e := fault.As(err); e == nil || e.Kind != fault.TooMany || e.RetryAfter > time.Minute {
		t.Fatalf("at once: %v", err)
	}
	if waiting, _ := w.Signup.Waiting(t.Context(), ticket, "desk"); waiting.ResendIn != time.Minute {
		t.Errorf("countdown %v", waiting.ResendIn)
	}
	if err := w.Signup.Resend(t.Context(), ticket, signup.Visitor{Browser: "other"}); !errors.Is(err, mailproof.ErrUnknown) {
		t.Errorf("another browser: %v", err)
	}
	sent := 1
	for range 8 {
		w.Clock.Pass(61 * time.Second)
		if w.Signup.Resend(t.Context(), ticket, desk) == nil {
			sent++
		}
	}
	if sent != 5 || len(w.Sent(t)) != 5 {
		t.Errorf("%d mails in an hour", sent)
	}
	if _, err := w.Signup.Look(t.Context(), accounttest.Token(t, first), "desk"); !errors.Is(err, mailproof.ErrReplaced) {
		t.Errorf("the first link: %v", err)
	}
	// The limit is the address's, not the browser's or the form's.
	w.Clock.Pass(61 * time.Second)
	if _, err := w.Signup.Register(t.Context(), form("JORG@example.org"), signup.Visitor{Browser: "new", Address: "198.51.100.7"}); fault.KindOf(err) != fault.TooMany {
		t.Errorf("a new form for the same address: %v", err)
	}
}

func TestExpiredUsedAndReplacedLinksLeadOn(t *testing.T) {
	w := accounttest.New(t)
	ticket, m := register(t, w, "jorg@example.org")
	token := accounttest.Token(t, m)
	w.Clock.Pass(5*time.Minute + time.Second)
	if _, err := w.Signup.Look(t.Context(), token, "home"); !errors.Is(err, mailproof.ErrExpired) {
		t.Fatalf("%v", err)
	}
	home := signup.Visitor{Browser: "home", Address: "192.0.2.9"}
	if _, err := w.Signup.Again(t.Context(), token, "bob@example.org", home); !errors.Is(err, signup.ErrOtherEmail) {
		t.Errorf("another address: %v", err)
	}
	id, err := w.Signup.Again(t.Context(), token, " Jorg@Example.org", home)
	if err != nil || id != ticket || len(w.Sent(t)) != 2 {
		t.Fatalf("%s %v", id, err)
	}
	if _, err := w.Signup.Waiting(t.Context(), id, "home"); err != nil {
		t.Errorf("the browser that asked again sees the page: %v", err)
	}
	if _, err := w.Signup.Look(t.Context(), token, "home"); !errors.Is(err, mailproof.ErrReplaced) {
		t.Errorf("%v", err)
	}
	used := accounttest.Token(t, w.Last(t))
	if _, err := w.Signup.Confirm(t.Context(), used, "home"); err != nil {
		t.Fatal(err)
	}
	w.Clock.Pass(2 * time.Minute)
	if done, err := w.Signup.Look(t.Context(), used, "desk"); !errors.Is(err, mailproof.ErrUsed) || done {
		t.Errorf("used elsewhere: %v %v", done, err)
	}
	if _, err := w.Signup.Again(t.Context(), used, "jorg@example.org", desk); err != nil {
		t.Fatalf("a used link leads on, too: %v", err)
	}
	if _, err := w.Signup.Confirm(t.Context(), accounttest.Token(t, w.Last(t)), "desk"); err != nil {
		t.Error(err)
	}
	if _, err := w.Signup.Again(t.Context(), "garbage", "jorg@example.org", desk); !errors.Is(err, mailproof.ErrUnknown) {
		t.Errorf("%v", err)
	}
}

// Two registrations of one address: the first to finish gets it, the other is told to sign in.
func TestTwoTicketsForOneAddress(t *testing.T) {
	w := accounttest.New(t)
	var tickets, browsers [2]string
	for i := range tickets {
		browsers[i] = fmt.Sprint("browser ", i)
		w.Clock.Pass(61 * time.Second)
		id, err := w.Signup.Register(t.Context(), form("jorg@example.org"), signup.Visitor{Browser: browsers[i], Address: "192.0.2.1"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = w.Signup.Confirm(t.Context(), accounttest.Token(t, w.Last(t)), browsers[i]); err != nil {
			t.Fatal(err)
		}
		tickets[i] = id
	}
	if _, err := w.Signup.Finish(t.Context(), tickets[1], browsers[1], secret, secret); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Signup.Finish(t.Context(), tickets[0], browsers[0], "Other 4 pass word", "Other 4 pass word"); !errors.Is(err, mailproof.ErrUsed) {
		t.Errorf("%v", err)
	}
	a, _ := w.Store.ByEmailKey(t.Context(), "jorg@example.org")
	if ok, _ := w.Passwords.Verify(t.Context(), a.ID, secret); !ok {
		t.Error("the first password was overwritten")
	}
}

func TestOneOfManySubmitsMakesTheAccount(t *testing.T) {
	w := accounttest.New(t)
	ticket, m := register(t, w, "jorg@example.org")
	if _, err := w.Signup.Confirm(t.Context(), accounttest.Token(t, m), "desk"); err != nil {
		t.Fatal(err)
	}
	var won atomic.Int64
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			switch _, err := w.Signup.Finish(t.Context(), ticket, "desk", secret, secret); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, mailproof.ErrUsed):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || len(w.Sent(t)) != 2 {
		t.Errorf("%d won, %d mails", won.Load(), len(w.Sent(t)))
	}
}

// Security case 8: what the browser gets never holds what only the mail may carry.
func TestNothingSecretComesBack(t *testing.T) {
	w := accounttest.New(t)
	ticket, m := register(t, w, "jorg@example.org")
	waiting, err := w.Signup.Waiting(t.Context(), ticket, "desk")
	if err != nil {
		t.Fatal(err)
	}
	answer := ticket + fmt.Sprintf("%+v", waiting)
	token := accounttest.Token(t, m)
	if strings.Contains(answer, token[27:]) || strings.Contains(answer, accounttest.Code(t, m)) {
		t.Error("the answer holds the mail's secret")
	}
}
