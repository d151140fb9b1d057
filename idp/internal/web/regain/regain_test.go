package regain_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/notify"
)

const secret = "Kvlr tzm 4qd"

func is(t testing.TB, p *browse.Page, status int, heading string) {
	t.Helper()
	if p.Status != status || p.Text("h1") != heading {
		t.Fatalf("%s: %d %q, want %d %q\n%s", p.Path, p.Status, p.Text("h1"), status, heading, p.Text("main"))
	}
}

// asked asks for a new password and gives the mail.
func asked(t testing.TB, v *browse.Visitor, h *browse.House, email string) notify.Message {
	t.Helper()
	is(t, v.Get("/password/lost").Send("/password/lost", map[string]string{"email": email}), http.StatusOK, "Check your mail")
	return h.Last(t)
}

// signIn signs Anna in on the two pages.
func signIn(t testing.TB, v *browse.Visitor, password string) *browse.Page {
	t.Helper()
	p := v.Get("/account").Send("/login/identify", map[string]string{"email": "anna@example.org"})
	return p.Send("/login/password", map[string]string{"password": password})
}

func TestLostPassword(t *testing.T) {
	h := browse.New(t)
	h.Anna(t)
	elsewhere := h.Visit(t)
	is(t, signIn(t, elsewhere, accounttest.Secret), http.StatusOK, "My account")
	v := h.Visit(t)
	m := asked(t, v, h, "anna@example.org")
	is(t, h.Visit(t).Get(m.Data["url"]), http.StatusOK, "Choose a new password") // a scanner
	p := v.Get(m.Data["url"]).Send("/password/reset", nil)
	is(t, p, http.StatusOK, "New password")
	action := p.Path
	p = p.Send(action, map[string]string{"password": "short", "confirm": "short"})
	is(t, p, http.StatusUnprocessableEntity, "New password")
	if !strings.Contains(p.Error("password"), "at least 8 characters") {
		t.Errorf("%q", p.Error("password"))
	}
	p = p.Send(action, map[string]string{"password": secret, "confirm": secret})
	is(t, p, http.StatusOK, "Your password was changed")
	if h.Last(t).Kind != notify.RecoverDone {
		t.Error("the person is not told by mail")
	}
	is(t, v.Get("/account"), http.StatusOK, "Sign in") // nobody is signed in by this
	is(t, elsewhere.Get("/account"), http.StatusOK, "Sign in")
	if p = signIn(t, h.Visit(t), accounttest.Secret); p.Text("h1") == "My account" {
		t.Error("the old password still works")
	}
	is(t, signIn(t, h.Visit(t), secret), http.StatusOK, "My account")
	if strings.Contains(h.Log.String(), secret) || strings.Contains(h.Log.String(), accounttest.Token(t, m)[27:]) {
		t.Error("a secret was logged")
	}
}

// Security case 32: the same page for every address.
func TestAskLooksTheSame(t *testing.T) {
	h := browse.New(t)
	h.Anna(t)
	bodies := map[string]bool{}
	for _, email := range []string{"anna@example.org", "nobody@example.org"} {
		p := h.Visit(t).Get("/password/lost").Send("/password/lost", map[string]string{"email": email})
		is(t, p, http.StatusOK, "Check your mail")
		bodies[p.Path+p.Body] = true
	}
	if len(bodies) != 1 {
		t.Error("the pages differ")
	}
	p := h.Visit(t).Get("/password/lost?email=typed").Send("/password/lost", map[string]string{"email": "typed"})
	is(t, p, http.StatusUnprocessableEntity, "Lost your password?")
	if p.Error("email") == "" || p.Value("email") != "typed" {
		t.Errorf("%q %q", p.Error("email"), p.Value("email"))
	}
	p = h.Visit(t).Get("/password/lost").Send("/password/lost", map[string]string{"email": "nobody@example.org"})
	is(t, p, http.StatusTooManyRequests, "Lost your password?")
}

// domain.md row 22: a reset is possible while wrong guesses have locked signing in.
func TestPossibleWhileLocked(t *testing.T) {
	h := browse.New(t)
	h.Anna(t)
	for range 6 {
		signIn(t, h.Visit(t), "wrong")
	}
	if p := signIn(t, h.Visit(t), accounttest.Secret); p.Text("h1") == "My account" {
		t.Fatal("signing in is not locked")
	}
	v := h.Visit(t)
	p := v.Get(asked(t, v, h, "anna@example.org").Data["url"]).Send("/password/reset", nil)
	is(t, p.Send(p.Path, map[string]string{"password": secret, "confirm": secret}), http.StatusOK, "Your password was changed")
}

func TestDeadLinks(t *testing.T) {
	h := browse.New(t)
	h.Anna(t)
	v := h.Visit(t)
	m := asked(t, v, h, "anna@example.org")
	confirm := v.Get(m.Data["url"])
	h.Clock.Pass(5 * time.Minute)
	is(t, v.Get(m.Data["url"]), http.StatusOK, "Choose a new password") // at 5:00
	h.Clock.Pass(time.Second)
	is(t, confirm.Send("/password/reset", nil), http.StatusGone, "This link has expired")
	p := v.Get(m.Data["url"])
	is(t, p.Send("/password/reset/again", map[string]string{"email": "bob@example.org"}), http.StatusUnprocessableEntity, "This link has expired")
	is(t, p.Send("/password/reset/again", map[string]string{"email": "anna@example.org"}), http.StatusOK, "Check your mail")
	is(t, v.Get(m.Data["url"]), http.StatusGone, "This link was replaced by a newer one")
	m = h.Last(t)
	is(t, v.Get(m.Data["url"]).Send("/password/reset", nil), http.StatusOK, "New password")
	is(t, h.Visit(t).Get(m.Data["url"]), http.StatusGone, "This link was used already")
	is(t, v.Get("/password/reset?t=garbage"), http.StatusNotFound, "This link or page cannot be used here")
}

// Security case 1, over HTTP: with a second factor no order of pages reaches the form.
func TestSecondFactorComesFirst(t *testing.T) {
	h := browse.New(t)
	anna := h.Anna(t)
	h.Factors.On.Store(true)
	v := h.Visit(t)
	p := v.Get(asked(t, v, h, "anna@example.org").Data["url"]).Send("/password/reset", nil)
	is(t, p, http.StatusOK, "Confirm with your mobile device")
	ticket := strings.TrimPrefix(p.Path, "/password/change/")
	closed := func(after string) {
		t.Helper()
		is(t, v.Get("/password/change/"+ticket), http.StatusOK, "Confirm with your mobile device")
		is(t, v.Post("/password/change/"+ticket, map[string][]string{"password": {secret}, "confirm": {secret}}), http.StatusOK, "Confirm with your mobile device")
		if ok, _ := h.Passwords.Verify(t.Context(), anna.ID, accounttest.Secret); !ok {
			t.Fatalf("%s: the password was changed", after)
		}
	}
	closed("at once")
	if got := v.Get("/password/factor/" + ticket + "?id=made-up"); got.Status < 400 {
		t.Errorf("a made-up proof: %d %s", got.Status, got.Text("h1"))
	}
	closed("a made-up proof")

	flow := begin(t, v, ticket)
	if got := v.Get("/password/factor/" + ticket + "?id=" + flow); got.Status < 400 {
		t.Errorf("a proof that is not finished: %d %s", got.Status, got.Text("h1"))
	}
	closed("an unfinished proof")
	h.Phone.Answer(login.Denied)
	v.Get("/login?flow=" + flow)
	closed("refused on the phone")

	flow = begin(t, v, ticket)
	h.Phone.Answer(login.Proved)
	if got := h.Visit(t).Get("/password/factor/" + ticket + "?id=" + flow); got.Status < 400 {
		t.Errorf("the proof in another browser: %d %s", got.Status, got.Text("h1"))
	}
	p = v.Get("/login?flow=" + flow) // what the waiting page does by itself
	is(t, p, http.StatusOK, "New password")
	is(t, v.Get("/account"), http.StatusOK, "Sign in") // the factor alone signs nobody in
	is(t, p.Send(p.Path, map[string]string{"password": secret, "confirm": secret}), http.StatusOK, "Your password was changed")
	if ok, _ := h.Passwords.Verify(t.Context(), anna.ID, secret); !ok {
		t.Error("the new password does not work")
	}
}

// begin starts the proof of the factor and gives its flow.
func begin(t testing.TB, v *browse.Visitor, ticket string) (flow string) {
	t.Helper()
	p := v.Get("/password/change/"+ticket).Send("/password/factor/"+ticket, nil)
	flow, ok := strings.CutPrefix(p.Path, "/login?flow=")
	if !ok {
		t.Fatalf("%s: %d %s", p.Path, p.Status, p.Text("h1"))
	}
	p = p.Send("/login/method", map[string]string{"method": "app_pin"})
	if !strings.Contains(p.Text("main"), "42") {
		t.Fatalf("the phone is not asked: %s", p.Text("main"))
	}
	return flow
}

func TestOtherBrowserGetsNothing(t *testing.T) {
	h := browse.New(t)
	h.Anna(t)
	v := h.Visit(t)
	p := v.Get(asked(t, v, h, "anna@example.org").Data["url"]).Send("/password/reset", nil)
	stranger := h.Visit(t)
	is(t, stranger.Get(p.Path), http.StatusNotFound, "This link or page cannot be used here")
	got := stranger.Post(p.Path, map[string][]string{"password": {secret}, "confirm": {secret}})
	is(t, got, http.StatusNotFound, "This link or page cannot be used here")
}

// domain.md row 18: who had a second factor and lost it does not get in with the mailbox alone,
// unless two persons of the helpdesk vouched.
func TestTheMailboxAloneDoesNotReplaceAPasswordThatAFactorGuarded(t *testing.T) {
	h := browse.New(t)
	anna := h.Anna(t)
	if _, err := h.DB.ExecContext(t.Context(), `UPDATE accounts SET guarded_at = 1 WHERE id = $1`, string(anna.ID)); err != nil {
		t.Fatal(err)
	}
	v := h.Visit(t)
	p := v.Get(asked(t, v, h, anna.Email).Data["url"]).Send("/password/reset", nil)
	is(t, p, http.StatusOK, "Confirm with your mobile device")
	is(t, v.Post(p.Path, map[string][]string{"password": {secret}, "confirm": {secret}}), http.StatusOK, "Confirm with your mobile device")
	is(t, p.Send(strings.Replace(p.Path, "change", "factor", 1), nil), http.StatusOK, "Your second factor is lost")
	if ok, _ := h.Passwords.Verify(t.Context(), anna.ID, accounttest.Secret); !ok {
		t.Fatal("the password was changed")
	}
	h.Factors.Vouches.Store(true)
	is(t, v.Get(p.Path), http.StatusOK, "New password")
}
