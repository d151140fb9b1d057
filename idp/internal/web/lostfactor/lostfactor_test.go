package lostfactor_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/codetest"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
)

const (
	root   = "/lost-factor"
	title  = "Lost second factor"
	manage = "/account/authenticators"
)

func is(t testing.TB, p *browse.Page, status int, heading string) {
	t.Helper()
	if p.Status != status || p.Text("h1") != heading {
		t.Fatalf("%s: %d %q, want %d %q\n%s", p.Path, p.Status, p.Text("h1"), status, heading, p.Text("main"))
	}
}

func says(t testing.TB, p *browse.Page, text string) {
	t.Helper()
	if !strings.Contains(p.Text("main"), text) {
		t.Fatalf("%s does not say %q: %s", p.Path, text, p.Text("main"))
	}
}

// lost is a house in which Anna's only factor is gone, as after ten wrong PINs or a thief's
// removal: it was not she who removed it with the factor in her hand.
func lost(t testing.TB) (*codetest.House, account.Account) {
	t.Helper()
	h := codetest.New(t)
	anna := h.Anna(t)
	app := h.Add(t, anna, "Tablet")
	if err := h.TOTP.Remove(t.Context(), anna.ID, app.ID, false); err != nil {
		t.Fatal(err)
	}
	return h, anna
}

// begin shows the password in a browser and comes to the state page.
func begin(t testing.TB, h *codetest.House, v *browse.Visitor, email string) *browse.Page {
	t.Helper()
	p := v.Get(root).Send(root, nil).Send("/login/identify", map[string]string{"email": email})
	if options := p.All("option"); len(options) != 1 {
		t.Errorf("more than the password is offered: %v", options)
	}
	p = p.Send("/login/password", map[string]string{"password": accounttest.Secret, "method": "password"})
	is(t, p, http.StatusOK, title)
	return p
}

// started is the state page after the wait has begun, and the message that told of it.
func started(t testing.TB, h *codetest.House, v *browse.Visitor, email string) (*browse.Page, notify.Message) {
	t.Helper()
	p := begin(t, h, v, email)
	says(t, p.Send(p.Path+"/mail", nil), "We have sent you a mail")
	says(t, v.Get(h.Last(t).Data["url"]).Send(root+"/link", nil), "The wait has begun")
	return v.Get(p.Path), last(t, h, notify.LossIsWaiting)
}

func last(t testing.TB, h *codetest.House, kind notify.Kind) (out notify.Message) {
	t.Helper()
	for _, m := range h.Sent(t) {
		if m.Kind == kind {
			out = m
		}
	}
	if out.Kind == "" {
		t.Fatalf("no message %s", kind)
	}
	return out
}

func TestThePasswordAloneNeitherManagesNorReplacesALostFactor(t *testing.T) {
	h, anna := lost(t)
	for _, path := range []string{codetest.Guarded, manage + "/add", "/account/recovery-codes/new", "/account/numbers/add"} {
		v := h.Visit(t)
		p := h.Password(v, anna.Email, path, policy.Password)
		is(t, p, http.StatusOK, "Your second factor is lost")
		if again := v.Get(path); again.Path == path {
			t.Errorf("%s opens with the password alone: %s", path, again.Text("h1"))
		}
	}
	if p := h.SignIn(t, anna.Email).Get("/account"); p.Status != http.StatusOK { // the password still shows the account
		t.Error(p.Status)
	}
}

func TestAPersonStartsAnewAfterThreeDays(t *testing.T) {
	h, anna := lost(t)
	v := h.Visit(t)
	p, _ := started(t, h, v, anna.Email)
	says(t, p, "You can go on from")
	if p.Has("form", "action", p.Path+"/confirm") {
		t.Error("it can be confirmed at once")
	}
	h.Clock.Pass(72*time.Hour - time.Second)
	early := begin(t, h, v, anna.Email)
	if v.Post(early.Path+"/confirm", nil); h.Ended.All.Load() != 0 {
		t.Fatal("confirmed a second too early")
	}
	h.Clock.Pass(time.Second)
	check(t, h.Lost.Tick(t.Context()))
	if m := last(t, h, notify.LossIsDue); m.To != anna.Email {
		t.Error(m.To)
	}
	due := begin(t, h, v, anna.Email)
	is(t, due.Send(due.Path+"/confirm", nil), http.StatusOK, "You can start anew")
	if n := h.Ended.All.Load(); n != 2 {
		t.Errorf("sessions ended %d times, want before and after", n)
	}
	is(t, h.SignIn(t, anna.Email).Get(manage+"/add"), http.StatusOK, "Add an authenticator app")
	if p := v.Post(due.Path+"/confirm", nil); p.Text("h1") == "You can start anew" {
		t.Error("confirmed twice")
	}
}

// Everybody who is told can stop it, with a link that scanners may open.
func TestEveryChannelCanStopIt(t *testing.T) {
	h, anna := lost(t)
	v := h.Visit(t)
	_, m := started(t, h, v, anna.Email)
	thief := begin(t, h, h.Visit(t), anna.Email)
	link := m.Data["url"]
	for range 2 {
		is(t, h.Visit(t).Get(link), http.StatusOK, "Was this not you?")
	}
	owner := h.Visit(t).Get(link)
	is(t, owner.Send(strings.TrimPrefix(link, accounttest.Issuer), nil), http.StatusOK, "The request was stopped")
	is(t, h.Visit(t).Get(link), http.StatusGone, title)
	h.Clock.Pass(72 * time.Hour)
	if p := v.Post(thief.Path+"/confirm", nil); p.Text("h1") == "You can start anew" {
		t.Error("confirmed after it was stopped")
	}
	says(t, begin(t, h, h.Visit(t), anna.Email), "can be removed, so that you can add new ones")
}

func TestTheNumbersAreToldToo(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	h.Add(t, anna, "Tablet")
	check(t, h.Numbers.AddNumber(t.Context(), anna.ID, sms.Registered{ID: "n1", Number: "+32470123456", AddedAt: h.Clock.Now()}, factor.Record{}))
	started(t, h, h.Visit(t), anna.Email)
	m := last(t, h, notify.SMSLoss)
	is(t, h.Visit(t).Get(m.Data["what"]), http.StatusOK, "Was this not you?")
}

func TestWhoShowsASecondFactorHasNotLostIt(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	app := h.Add(t, anna, "Tablet")
	v := h.Visit(t)
	p, _ := started(t, h, v, anna.Email)
	other := h.Password(h.Visit(t), anna.Email, codetest.Guarded, policy.TOTP)
	is(t, other.Send("/login/answer", map[string]string{"code": app.Code(0)}), http.StatusOK, "Inside")
	last(t, h, notify.LossWasStopped)
	says(t, v.Get(p.Path), "These methods can still be used")
}

func TestOnlyTheBrowserThatShowedThePasswordGoesOn(t *testing.T) {
	h, anna := lost(t)
	v := h.Visit(t)
	p := begin(t, h, v, anna.Email)
	stranger := h.Visit(t)
	is(t, stranger.Get(p.Path), http.StatusGone, title)
	for _, do := range []string{"/mail", "/stop", "/confirm"} {
		if q := stranger.Post(p.Path+do, nil); q.Status < 400 {
			t.Errorf("%s: %d %s", do, q.Status, q.Text("h1"))
		}
		if q := v.Get(p.Path + do); q.Status < 400 {
			t.Errorf("GET %s: %d", do, q.Status)
		}
	}
	h.Clock.Pass(21 * time.Minute)
	is(t, v.Get(p.Path), http.StatusGone, title)
	if q := v.Get(root + "/back?id=made-up"); q.Path != root {
		t.Errorf("a made-up proof leads to %s", q.Path)
	}
	is(t, v.Get(root+"/link?t=made-up.token"), http.StatusNotFound, title)
	is(t, v.Get(root+"/stop/made-up"), http.StatusGone, title)
}

// A sign-in for something else is no password for this, and this signs nobody in.
func TestThePasswordShownHereSignsNobodyIn(t *testing.T) {
	h, anna := lost(t)
	v := h.Visit(t)
	begin(t, h, v, anna.Email)
	is(t, v.Get("/account"), http.StatusOK, "Sign in")
	w := h.Visit(t)
	p := w.Get(codetest.Guarded)
	flow := strings.TrimPrefix(p.Path, "/login?flow=")
	if q := w.Get(root + "/back?id=" + flow); q.Path != root {
		t.Errorf("a sign-in serves as proof: %s", q.Path)
	}
}

func TestWhoAlwaysWantsTwoFactorsIsNotLockedOutForEver(t *testing.T) {
	h, anna := lost(t)
	a, err := h.Store.ByID(t.Context(), anna.ID)
	check(t, err)
	a.AlwaysMFA = true
	check(t, h.Store.Update(t.Context(), h.Clock.Now(), a, nil, nil))
	v := h.Visit(t)
	started(t, h, v, anna.Email)
	h.Clock.Pass(72 * time.Hour)
	due := begin(t, h, v, anna.Email)
	is(t, due.Send(due.Path+"/confirm", nil), http.StatusOK, "You can start anew")
	p := h.Password(h.Visit(t), anna.Email, manage+"/add", policy.TOTP)
	if p.Text("h1") == "Your second factor is lost" {
		t.Error("the account is still guarded")
	}
}

func TestAnAccountThatNeverHadAFactorHasLostNone(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	v := h.Visit(t)
	p := begin(t, h, v, anna.Email)
	says(t, p, "This account has no second factor yet")
	v.Post(p.Path+"/mail", nil)
	if h.Sent(t) != nil && h.Last(t).Kind == notify.LossAsked {
		t.Error("a mail was sent")
	}
}

func TestAskingOftenIsSaidToBeOften(t *testing.T) {
	h, anna := lost(t)
	v := h.Visit(t)
	p := begin(t, h, v, anna.Email)
	for range 3 {
		says(t, v.Post(p.Path+"/mail", nil), "We have sent you a mail")
	}
	if q := v.Post(p.Path+"/mail", nil); q.Status != http.StatusTooManyRequests {
		t.Errorf("%d", q.Status)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
