package codelogin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/codetest"
	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
)

func is(t testing.TB, p *browse.Page, status int, heading string) {
	t.Helper()
	if p.Status != status || p.Text("h1") != heading {
		t.Fatalf("%s: %d %q, want %d %q\n%s", p.Path, p.Status, p.Text("h1"), status, heading, p.Text("main"))
	}
}

func answer(p *browse.Page, code string) *browse.Page {
	return p.Send("/login/answer", map[string]string{"code": code})
}

// number registers a number by its challenge.
func number(t *testing.T, h *codetest.House, a account.Account, typed string) {
	t.Helper()
	p := manage.Person{Account: a.ID, Session: "s", Address: "192.0.2.1"}
	if err := h.Manage.BeginNumber(t.Context(), p, typed); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Manage.ConfirmNumber(t.Context(), a.ID, h.Text(t)); err != nil {
		t.Fatal(err)
	}
	h.Clock.Pass(time.Second)
}

func TestSignInWithAnAuthenticatorApp(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	app := h.Add(t, anna, "Aegis")
	v := h.Visit(t)
	p := h.Password(v, anna.Email, codetest.Guarded, policy.TOTP)
	is(t, p, http.StatusOK, "Code of your authenticator app")
	if p.Attr("input", "name", "code", "inputmode") != "numeric" || p.Attr("input", "name", "code", "autocomplete") != "one-time-code" {
		t.Error("phones show no keyboard of digits, or do not offer the code")
	}
	p = answer(p, app.Wrong())
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Error("code"), "Tries left: 4") || p.Value("code") != "" {
		t.Errorf("%d %q", p.Status, p.Error("code"))
	}
	if p = answer(p, app.Code(-1)); !strings.Contains(p.Error("code"), "used already") {
		t.Errorf("the code that added the app: %q", p.Error("code"))
	}
	is(t, answer(p, app.Code(0)), http.StatusOK, "Inside")
	other := h.Password(h.Visit(t), anna.Email, codetest.Guarded, policy.TOTP)
	if got := answer(other, app.Code(0)); !strings.Contains(got.Error("code"), "used already") {
		t.Errorf("the same code in another browser: %d %s", got.Status, got.Text("main"))
	}
}

func TestAfterFiveWrongCodesAMethodIsChosenAgain(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	app := h.Add(t, anna, "Aegis")
	v := h.Visit(t)
	p := h.Password(v, anna.Email, codetest.Guarded, policy.TOTP)
	for range challenge.MaxTries {
		p = answer(p, app.Wrong())
	}
	is(t, p, http.StatusOK, "Verification method")
	if m := h.Last(t); m.Kind != notify.SignInWasGuessed || m.To != anna.Email {
		t.Errorf("the person is told %+v", m)
	}
	if past, err := h.Store.Attempts(t.Context(), anna.ID, 10); err != nil || len(past) != challenge.MaxTries || past[0].Outcome != login.WrongCode {
		t.Errorf("history %+v %v", past, err)
	}
	if !strings.Contains(p.Text("main"), "The code no longer counts") {
		t.Error(p.Text("main"))
	}
	p = p.Send("/login/method", map[string]string{"method": string(policy.TOTP)})
	is(t, answer(p, app.Code(0)), http.StatusOK, "Inside")
	h.Clock.Pass(totp.Period)
	p = h.Password(h.Visit(t), anna.Email, codetest.Guarded, policy.TOTP)
	h.Clock.Pass(challenge.ValidFor + time.Second)
	is(t, answer(p, app.Code(0)), http.StatusConflict, "You were already past this step")
}

func TestSignInByTextMessage(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	number(t, h, anna, "+32 123 45 67 01")
	number(t, h, anna, "+32 123 45 67 02")
	v := h.Visit(t)
	p := h.Password(v, anna.Email, codetest.Guarded, policy.SMS)
	is(t, p, http.StatusOK, "Text message challenge")
	for _, want := range []string{"up to 8 minutes", "+32 ••• •• 02", "the weakest verification method"} {
		if !strings.Contains(p.Text("main"), want) {
			t.Errorf("%q is missing in %s", want, p.Text("main"))
		}
	}
	first := h.Text(t)
	if strings.Contains(p.Body, first) || strings.Contains(p.Body, "+3212345670") {
		t.Error("the page shows the code or a whole number")
	}
	numbers, err := h.Manage.Numbers(t.Context(), anna.ID)
	if err != nil || !p.Has("input", "value", numbers[0].ID) || !strings.Contains(p.Text("main"), "Send the code to +32 ••• •• 01 instead") {
		t.Errorf("the other number is not offered: %v", err)
	}
	p = p.Send("/login/method", map[string]string{"factor": numbers[0].ID})
	if !strings.Contains(p.Text("main"), "The code was sent to +32 ••• •• 01") {
		t.Fatal(p.Text("main"))
	}
	if got := answer(p, first); !strings.Contains(got.Error("code"), "not the right code") {
		t.Errorf("the code before: %s", got.Text("main"))
	}
	is(t, answer(p, strings.ToLower(strings.ReplaceAll(h.Text(t), "-", ""))), http.StatusOK, "Inside")
}

// Nobody gets a code sent to a number that is not their own, whatever they post.
func TestTheNumberIsOnesOwn(t *testing.T) {
	h := codetest.New(t)
	anna, bob := h.Anna(t), h.Person(t, "Bob", "bob@example.org")
	number(t, h, anna, "+32 123 45 67 01")
	number(t, h, bob, "+32 123 45 67 99")
	bobs, _ := h.Manage.Numbers(t.Context(), bob.ID)
	p := h.Password(h.Visit(t), anna.Email, codetest.Guarded, policy.SMS)
	p = p.Send("/login/method", map[string]string{"method": string(policy.SMS), "factor": bobs[0].ID})
	is(t, p, http.StatusOK, "Text message challenge")
	if to := h.Last(t).To; to != "+32123456701" {
		t.Errorf("sent to %s", to)
	}
}

// Wrong codes of one account count together, whatever the method and the browser, so nobody
// gets five more tries by changing either (security case 31).
func TestWrongCodesCountOverAllMethods(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	app := h.Add(t, anna, "Aegis")
	number(t, h, anna, "+32 123 45 67 01")
	wrong := map[policy.Method]string{policy.TOTP: app.Wrong(), policy.SMS: "000-000-000"}
	tries := 0
	for _, m := range []policy.Method{policy.TOTP, policy.SMS, policy.TOTP, policy.SMS} {
		p := h.Password(h.Visit(t), anna.Email, codetest.Guarded, m)
		for range 4 {
			if p = answer(p, wrong[m]); p.Status == http.StatusUnprocessableEntity {
				tries++
			}
		}
	}
	if tries != 10 {
		t.Errorf("%d tries were looked at", tries)
	}
	p := h.Password(h.Visit(t), anna.Email, codetest.Guarded, policy.TOTP)
	is(t, answer(p, app.Code(0)), http.StatusTooManyRequests, "Code of your authenticator app")
	h.Clock.Pass(16 * time.Minute)
	p = h.Password(h.Visit(t), anna.Email, codetest.Guarded, policy.TOTP)
	is(t, answer(p, app.Code(0)), http.StatusOK, "Inside")
}

// A service asks for two factors and the person has none: number or app are added on the way,
// and the same sign-in goes on (domain.md row 27).
func TestAddedOnTheWay(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	v := h.Visit(t)
	p := h.Password(v, anna.Email, codetest.Guarded, policy.SMS)
	p = p.Send("/login/enrol", map[string]string{"method": string(policy.SMS)})
	is(t, p, http.StatusOK, "Add a mobile phone number")
	if !strings.Contains(p.Text("main"), "Your sign-in goes on by itself") {
		t.Error(p.Text("main"))
	}
	p = p.Send("/account/numbers/add", map[string]string{"number": "32 123"})
	p = p.Send("/account/numbers/add", map[string]string{"number": "+32 123 45 67 01"})
	p = p.Send("/account/numbers/resend", nil)
	p = p.Send("/account/numbers/confirm", map[string]string{"code": h.Text(t)})
	if !strings.HasPrefix(p.Path, "/login?flow=") {
		t.Fatalf("after the number: %s", p.Path)
	}
	p = p.Send("/login/method", map[string]string{"method": string(policy.SMS)})
	is(t, answer(p, h.Text(t)), http.StatusOK, "Inside")
}

// What stands on pages, in mails but the text message itself, and in the log, is no code.
func TestNoCodeStandsAnywhere(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	app := h.Add(t, anna, "Aegis")
	number(t, h, anna, "+32 123 45 67 01")
	v := h.Visit(t)
	var pages []string
	p := h.Password(v, anna.Email, codetest.Guarded, policy.SMS)
	pages = append(pages, p.Body, answer(p, "000-000-000").Body)
	code := h.Text(t)
	pages = append(pages, answer(p, code).Body, v.Get("/account").Body, v.Get("/account/numbers").Body, v.Get("/account/authenticators").Body, h.Log.String())
	for _, page := range pages {
		for _, secret := range []string{code, strings.ReplaceAll(code, "-", ""), app.Code(0), accounttest.Secret, "+32123456701"} {
			if strings.Contains(page, secret) {
				t.Errorf("%q is in\n%s", secret, page)
			}
		}
	}
}

// Before the password, the page is the same for an account with an app and a number, for one
// without anything, and for an address that belongs to nobody; and no text message goes out
// (security case 32, domain.md row 46).
func TestTypedCodesTellNothingBeforeThePassword(t *testing.T) {
	h := codetest.New(t)
	anna, bob := h.Anna(t), h.Person(t, "Bob", "bob@example.org")
	h.Add(t, anna, "Aegis")
	number(t, h, anna, "+32 123 45 67 01")
	if _, _, err := h.Codes.Issue(t.Context(), anna.ID, ""); err != nil {
		t.Fatal(err)
	}
	sent := len(h.Sent(t))
	var seen []string
	for _, email := range []string{anna.Email, bob.Email, "nobody@example.org"} {
		p := h.Visit(t).Get(codetest.Guarded).Send("/login/identify", map[string]string{"email": email})
		wrong := p.Send("/login/password", map[string]string{"password": "not it", "method": string(policy.SMS)})
		seen = append(seen, strings.ReplaceAll(p.Text("main")+wrong.Text("main"), email, "somebody"))
	}
	if seen[0] != seen[1] || seen[0] != seen[2] {
		t.Errorf("the pages differ:\n%s\n%s\n%s", seen[0], seen[1], seen[2])
	}
	if n := len(h.Sent(t)); n != sent {
		t.Errorf("%d messages went out", n-sent)
	}
}

// What is too much is said in the words of the method.
func TestTooManyQuestions(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	h.Add(t, anna, "Aegis")
	number(t, h, anna, "+32 123 45 67 01")
	for m, want := range map[policy.Method]string{policy.SMS: "Too many text messages", policy.TOTP: "Too many wrong codes"} {
		v := h.Visit(t)
		p := h.Password(v, anna.Email, codetest.Guarded, m)
		_, flow, _ := strings.Cut(p.Path, "flow=")
		for range 15 {
			if p.Status != http.StatusTooManyRequests {
				p = v.Get("/login/other?flow="+flow).Send("/login/method", map[string]string{"method": string(m)})
			}
		}
		if p.Status != http.StatusTooManyRequests || !strings.Contains(p.Text("main"), want) || p.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", m, p.Status, p.Text("main"))
		}
	}
}
