package manage_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

func who(a account.Account) manage.Person {
	return manage.Person{Account: a.ID, Session: "session-1", Address: "192.0.2.1"}
}

func TestRequirement(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	pw := func(ago time.Duration) policy.Proof { return policy.Proof{Method: policy.Password, At: now.Add(-ago)} }
	pin := func(ago time.Duration) policy.Proof { return policy.Proof{Method: policy.AppPIN, At: now.Add(-ago)} }
	for _, tt := range []struct {
		name      string
		hasFactor bool
		proofs    []policy.Proof
		met       bool
	}{
		{"password, 20 minutes", false, []policy.Proof{pw(20 * time.Minute)}, true},
		{"password, 21 minutes", false, []policy.Proof{pw(21 * time.Minute)}, false},
		{"password alone although a factor is enrolled", true, []policy.Proof{pw(0)}, false},
		{"both, fresh", true, []policy.Proof{pw(time.Minute), pin(time.Minute)}, true},
		{"factor too old", true, []policy.Proof{pw(time.Minute), pin(21 * time.Minute)}, false},
	} {
		if got := policy.Evaluate(tt.proofs, manage.Requirement(tt.hasFactor), now).Met; got != tt.met {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestNumberFromFormToList(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	p := who(anna)
	for _, bad := range []string{"0123456789", "+32 12a", ""} {
		if err := w.Manage.BeginNumber(t.Context(), p, bad); fault.As(err) == nil || fault.As(err).Fields["number"].Key != "myaccount.error.number" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := w.Manage.BeginNumber(t.Context(), p, "+32 123 45 67 90"); err != nil {
		t.Fatal(err)
	}
	text := w.Last(t)
	if text.Kind != notify.SMSChallenge || text.To != "+32123456790" || text.Channel() != notify.BySMS {
		t.Fatalf("%+v", text)
	}
	if ch, err := w.Manage.PendingNumber(t.Context(), anna.ID); err != nil || ch.Number != "+32123456790" {
		t.Errorf("%+v %v", ch, err)
	}
	if _, err := w.Manage.ConfirmNumber(t.Context(), anna.ID, "000-000-000"); !errors.Is(err, sms.ErrWrong) {
		t.Errorf("%v", err)
	}
	if have, _ := w.Manage.Numbers(t.Context(), anna.ID); len(have) != 0 {
		t.Error("registered without the code")
	}
	if n, err := w.Manage.ConfirmNumber(t.Context(), anna.ID, strings.ToLower(accounttest.Code(t, text))); err != nil || n != "+32123456790" {
		t.Fatalf("%q %v", n, err)
	}
	m := w.Last(t)
	if m.Kind != notify.FactorWasAdded || m.To != anna.Email || strings.Contains(fmt.Sprint(m.Data), "123456790") {
		t.Errorf("the notice goes by mail, with the number masked: %+v", m)
	}
	if err := w.Manage.BeginNumber(t.Context(), p, "+32.123.45.67.90"); fault.As(err).Fields["number"].Key != "myaccount.error.number_duplicate" {
		t.Errorf("duplicate: %v", err)
	}
	have, _ := w.Manage.Numbers(t.Context(), anna.ID)
	bob := w.Person(t, "Bob", "bob@example.org")
	if err := w.Manage.RemoveNumber(t.Context(), bob.ID, have[0].ID, true); !errors.Is(err, sms.ErrUnknown) {
		t.Errorf("somebody else's number (security case 40): %v", err)
	}
	if err := w.Manage.RemoveNumber(t.Context(), anna.ID, have[0].ID, true); err != nil || w.Last(t).Kind != notify.FactorWasRemoved {
		t.Errorf("%v", err)
	}
	if got := fmt.Sprint(w.Actions(t)); got != "[factor.added factor.removed]" {
		t.Errorf("audit %s", got)
	}
}

func TestFiveNumbersAtMost(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	for i := range sms.MaxNumbers {
		n := sms.Registered{ID: fmt.Sprint("id", i), Number: sms.Number(fmt.Sprintf("+3212345670%d", i)), AddedAt: w.Clock.Now()}
		if err := w.Numbers.AddNumber(t.Context(), anna.ID, n, factor.Record{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Manage.BeginNumber(t.Context(), who(anna), "+32 123 45 67 90"); fault.As(err).Fields["number"].Key != "myaccount.error.number_full" {
		t.Errorf("%v", err)
	}
	if len(w.Sent(t)) != 0 {
		t.Error("a text message was sent for nothing")
	}
}

func TestResendAndCancel(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	p := who(anna)
	if err := w.Manage.ResendNumber(t.Context(), p); !errors.Is(err, sms.ErrExpired) {
		t.Errorf("nothing pending: %v", err)
	}
	if err := w.Manage.BeginNumber(t.Context(), p, "+32123456790"); err != nil {
		t.Fatal(err)
	}
	old := accounttest.Code(t, w.Last(t))
	if err := w.Manage.ResendNumber(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Manage.ConfirmNumber(t.Context(), anna.ID, old); !errors.Is(err, sms.ErrWrong) {
		t.Errorf("the old code: %v", err)
	}
	sent := 2
	for range 10 {
		if w.Manage.ResendNumber(t.Context(), p) == nil {
			sent++
		}
	}
	if sent > 5 {
		t.Errorf("%d text messages", sent)
	}
	if err := w.Manage.CancelNumber(t.Context(), anna.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Manage.PendingNumber(t.Context(), anna.ID); !errors.Is(err, sms.ErrExpired) {
		t.Errorf("%v", err)
	}
}

func TestMailLanguage(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	if err := w.Manage.SetMailLang(t.Context(), anna.ID, anna.Version, "fr"); err != nil {
		t.Fatal(err)
	}
	if m := w.Last(t); m.Kind != notify.DetailsWereSet || m.Lang != "fr" {
		t.Errorf("%+v", m)
	}
	if err := w.Manage.SetMailLang(t.Context(), anna.ID, anna.Version, "de"); !errors.Is(err, account.ErrChanged) {
		t.Errorf("an old form: %v", err)
	}
	if err := w.Manage.SetMailLang(t.Context(), anna.ID, anna.Version+1, "xx"); !errors.Is(err, manage.ErrDetails) {
		t.Errorf("%v", err)
	}
	if err := w.Manage.SetMailLang(t.Context(), anna.ID, anna.Version+1, "fr"); err != nil || len(w.Sent(t)) != 1 {
		t.Errorf("no change, no mail: %v, %d mails", err, len(w.Sent(t)))
	}
}

const secret = "Kvlr tzm 4qd"

func TestChangePassword(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	p := who(anna)
	for _, tt := range []struct {
		name, current, plain, confirm string
		want                          *fault.Error
	}{
		{"wrong current one", "nope", secret, secret, manage.ErrCurrent},
		{"mismatch", accounttest.Secret, secret, "x", manage.ErrMismatch},
		{"the same again", accounttest.Secret, accounttest.Secret, accounttest.Secret, manage.ErrSame},
		{"against the rule", accounttest.Secret, "Password1!", "Password1!", password.ErrRefused},
	} {
		if err := w.Manage.ChangePassword(t.Context(), p, tt.current, tt.plain, tt.confirm); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if w.Ended.Others.Load() != 0 || len(w.Sent(t)) != 0 {
		t.Error("refused changes must have no effect")
	}
	if err := w.Manage.ChangePassword(t.Context(), p, accounttest.Secret, secret, secret); err != nil {
		t.Fatal(err)
	}
	if ok, _ := w.Passwords.Verify(t.Context(), anna.ID, secret); !ok {
		t.Error("the new password does not work")
	}
	if w.Ended.Others.Load() != 1 || w.Ended.Kept.Load() != "session-1" || w.Last(t).Kind != notify.PasswordWasSet {
		t.Error("other sessions end, this one stays, the person is told")
	}
}

// Guessing the current password is limited per session, whatever happens elsewhere.
func TestGuessingTheCurrentPassword(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	p := who(anna)
	for range 5 {
		_ = w.Manage.ChangePassword(t.Context(), p, "nope", secret, secret)
	}
	if err := w.Manage.ChangePassword(t.Context(), p, accounttest.Secret, secret, secret); fault.KindOf(err) != fault.TooMany {
		t.Errorf("the sixth try, even a right one: %v", err)
	}
	other := p
	other.Session = "session-2"
	if err := w.Manage.ChangePassword(t.Context(), other, accounttest.Secret, secret, secret); err != nil {
		t.Errorf("another session: %v", err)
	}
}

func TestOverview(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	o, err := w.Manage.Overview(t.Context(), anna.ID)
	if err != nil || o.Checkup.Factors != 0 || o.Numbers != 0 || !reflect.DeepEqual(o.Account, anna) {
		t.Errorf("%+v %v", o, err)
	}
	w.Factors.On.Store(true)
	if o, _ = w.Manage.Overview(t.Context(), anna.ID); o.Checkup.State != manage.Fragile {
		t.Error("the factor is not seen")
	}
	if has, err := w.Manage.Enrolled(t.Context(), anna.ID); err != nil || !has {
		t.Errorf("%v %v", has, err)
	}
	if _, err := w.Manage.Overview(t.Context(), "n00none"); !errors.Is(err, account.ErrUnknown) {
		t.Errorf("%v", err)
	}
}
