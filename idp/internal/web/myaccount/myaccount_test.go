package myaccount_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/notify"
)

const secret = "Kvlr tzm 4qd"

func is(t testing.TB, p *browse.Page, status int, heading string) {
	t.Helper()
	if p.Status != status || p.Text("h1") != heading {
		t.Fatalf("%s: %d %q, want %d %q\n%s", p.Path, p.Status, p.Text("h1"), status, heading, p.Text("main"))
	}
}

// anna opens a browser in which Anna is signed in.
func anna(t testing.TB, h *browse.House) *browse.Visitor {
	t.Helper()
	v := h.Visit(t)
	p := v.Get("/account").Send("/login/identify", map[string]string{"email": "anna@example.org"})
	is(t, p.Send("/login/password", map[string]string{"password": accounttest.Secret}), http.StatusOK, "My account")
	return v
}

// Every page wants a sign-in; every change a fresh one.
func TestPagesWantASignIn(t *testing.T) {
	h := browse.New(t)
	h.Anna(t)
	changes := []string{"/account/details", "/account/numbers/add", "/account/numbers/confirm", "/account/numbers/x/delete", "/account/password"}
	posts := append([]string{"/account/numbers/resend", "/account/numbers/cancel"}, changes...)
	stranger := h.Visit(t)
	for _, path := range append([]string{"/account", "/account/numbers"}, changes...) {
		if p := stranger.Get(path); !strings.HasPrefix(p.Path, "/login?flow=") {
			t.Errorf("GET %s without a sign-in: %s", path, p.Path)
		}
	}
	for _, path := range posts {
		if p := stranger.Post(path, nil); !strings.HasPrefix(p.Path, "/login?flow=") {
			t.Errorf("POST %s without a sign-in: %s", path, p.Path)
		}
	}
	v := anna(t, h)
	h.Clock.Pass(21 * time.Minute)
	is(t, v.Get("/account"), http.StatusOK, "My account")
	is(t, v.Get("/account/numbers"), http.StatusOK, "Manage my mobile phone numbers")
	for _, path := range changes {
		if p := v.Get(path); !strings.HasPrefix(p.Path, "/login?flow=") {
			t.Errorf("GET %s with an old sign-in: %s", path, p.Path)
		}
	}
	for _, path := range posts {
		if p := v.Post(path, nil); !strings.HasPrefix(p.Path, "/login?flow=") {
			t.Errorf("POST %s with an old sign-in: %s", path, p.Path)
		}
	}
}

// A password alone is not enough once a second factor is enrolled.
func TestChangesWantTheFactorIfThereIsOne(t *testing.T) {
	h := browse.New(t)
	h.Anna(t)
	v := anna(t, h)
	is(t, v.Get("/account/password"), http.StatusOK, "Change my password")
	h.Factors.On.Store(true)
	for _, p := range []*browse.Page{
		v.Get("/account/password"),
		v.Post("/account/password", map[string][]string{"current": {accounttest.Secret}, "password": {secret}, "confirm": {secret}}),
	} {
		if p.Path == "/account/password" || p.Text("h1") == "Change my password" || p.Text("h1") == "My account" {
			t.Errorf("%s %d %s", p.Path, p.Status, p.Text("h1"))
		}
	}
}

// The guide's screens, word for word, one after the other.
func TestAddAMobilePhoneNumber(t *testing.T) {
	h := browse.New(t)
	h.Anna(t)
	v := anna(t, h)
	p := v.Get("/account/numbers")
	if !strings.Contains(p.Text("main"), "You have not registered any mobile phone number.") {
		t.Errorf("%s", p.Text("main"))
	}
	p = v.Get("/account/numbers/add")
	is(t, p, http.StatusOK, "Add a mobile phone number")
	if !strings.Contains(p.Text("main"), "International format including country code, e.g. for Belgium: +32 123 45 67 89") || !p.Has("a", "href", "/account/numbers") {
		t.Errorf("%s", p.Text("main"))
	}
	p = p.Send("/account/numbers/add", map[string]string{"number": "0123 45 67 89"})
	is(t, p, http.StatusUnprocessableEntity, "Add a mobile phone number")
	if !strings.Contains(p.Error("number"), "a plus sign") || p.Value("number") != "0123 45 67 89" {
		t.Errorf("%q %q", p.Error("number"), p.Value("number"))
	}
	p = p.Send("/account/numbers/add", map[string]string{"number": "+32 123 45 67 90"})
	is(t, p, http.StatusOK, "Challenge code for adding a mobile phone number, sent by text message")
	for _, want := range []string{
		"Please enter the challenge code that was texted to your mobile phone. It might take up to 8 minutes for the message to reach your mobile phone.",
		"Text message challenge code", "Cancel", "until 23 November 2026 at 13:10 CET",
	} {
		if !strings.Contains(p.Text("main"), want) {
			t.Errorf("missing %q in %s", want, p.Text("main"))
		}
	}
	if p.Value("number") != "+32123456790" {
		t.Errorf("number %q", p.Value("number"))
	}
	text := h.Last(t)
	p = p.Send("/account/numbers/confirm", map[string]string{"code": "111-111-111"})
	is(t, p, http.StatusUnprocessableEntity, "Challenge code for adding a mobile phone number, sent by text message")
	if p.Error("code") == "" {
		t.Error("the wrong code is not named")
	}
	p = p.Send("/account/numbers/confirm", map[string]string{"code": strings.ToLower(strings.ReplaceAll(accounttest.Code(t, text), "-", ""))})
	is(t, p, http.StatusOK, "Manage my mobile phone numbers")
	if !strings.Contains(p.Text("main"), "Number successfully registered") || !strings.Contains(p.Text("main"), "+32 ••• •• 90") || strings.Contains(p.Body, "123456790") {
		t.Errorf("%s", p.Text("main"))
	}
	if h.Last(t).Kind != notify.FactorWasAdded {
		t.Error("the person is not told by mail")
	}
	if strings.Contains(h.Log.String(), accounttest.Code(t, text)) || strings.Contains(h.Log.String(), "123456790") {
		t.Error("code or number was logged")
	}
	deleteNumber(t, h, v, p)
}

func deleteNumber(t *testing.T, h *browse.House, v *browse.Visitor, list *browse.Page) {
	_, rest, _ := strings.Cut(list.Body, `href="/account/numbers/`)
	for strings.HasPrefix(rest, "add") {
		_, rest, _ = strings.Cut(rest, `href="/account/numbers/`)
	}
	id, _, _ := strings.Cut(rest, "/")
	action := "/account/numbers/" + id + "/delete"
	p := v.Get(action)
	is(t, p, http.StatusOK, "Delete this mobile phone number?")
	p = p.Send(action, nil)
	is(t, p, http.StatusOK, "Manage my mobile phone numbers")
	if strings.Contains(p.Text("main"), "+32") || h.Last(t).Kind != notify.FactorWasRemoved {
		t.Errorf("%s", p.Text("main"))
	}
	is(t, v.Post(action, nil), http.StatusNotFound, "This number is not registered")
}

func TestChallengeEndsWithAWayOn(t *testing.T) {
	h := browse.New(t)
	h.Anna(t)
	v := anna(t, h)
	begin := func() *browse.Page {
		p := v.Get("/account/numbers/add").Send("/account/numbers/add", map[string]string{"number": "+32 123 45 67 90"})
		is(t, p, http.StatusOK, "Challenge code for adding a mobile phone number, sent by text message")
		return p
	}
	p := begin()
	for range 5 {
		p = v.Post("/account/numbers/confirm", map[string][]string{"code": {"111-111-111"}})
	}
	is(t, p, http.StatusGone, "Add a mobile phone number")
	if !strings.Contains(p.Error("number"), "5 times") || p.Value("number") != "+32123456790" {
		t.Errorf("%q %q", p.Error("number"), p.Value("number"))
	}
	begin()
	h.Clock.Pass(10*time.Minute + time.Second)
	p = v.Post("/account/numbers/confirm", map[string][]string{"code": {accounttest.Code(t, h.Last(t))}})
	is(t, p, http.StatusGone, "Add a mobile phone number")
	if !strings.Contains(p.Error("number"), "expired") {
		t.Errorf("%q", p.Error("number"))
	}
	p = begin().Send("/account/numbers/resend", nil)
	if !strings.Contains(p.Text("main"), "A new code is on its way") {
		t.Errorf("%s", p.Text("main"))
	}
	is(t, p.Send("/account/numbers/cancel", nil), http.StatusOK, "Manage my mobile phone numbers")
	is(t, v.Get("/account/numbers/confirm"), http.StatusGone, "Add a mobile phone number")
}

func TestMailLanguage(t *testing.T) {
	h := browse.New(t)
	a := h.Anna(t)
	v := anna(t, h)
	p := v.Get("/account/details")
	is(t, p, http.StatusOK, "Configure my account")
	for _, want := range []string{"Anna", "Peeters", "anna@example.org", string(a.ID)} {
		if !strings.Contains(p.Text("main"), want) {
			t.Errorf("missing %q", want)
		}
	}
	old := p
	p = p.Send("/account/details", map[string]string{"mail_lang": "fr"})
	is(t, p, http.StatusOK, "My account")
	if !strings.Contains(p.Text("main"), "Your details were saved.") || h.Last(t).Lang != "fr" {
		t.Errorf("%s %+v", p.Text("main"), h.Last(t))
	}
	is(t, old.Send("/account/details", map[string]string{"mail_lang": "de"}), http.StatusConflict, "Your account was changed meanwhile")
	p = v.Get("/account/details").Send("/account/details", map[string]string{"mail_lang": "xx"})
	is(t, p, http.StatusUnprocessableEntity, "Configure my account")
}

func TestChangePassword(t *testing.T) {
	h := browse.New(t)
	h.Anna(t)
	v, other := anna(t, h), anna(t, h)
	p := v.Get("/account/password")
	is(t, p, http.StatusOK, "Change my password")
	p = p.Send("/account/password", map[string]string{"current": "wrong", "password": secret, "confirm": secret})
	is(t, p, http.StatusUnprocessableEntity, "Change my password")
	if p.Error("current") == "" || p.Has("input", "value", "wrong") || p.Has("input", "value", secret) {
		t.Error("the message is missing, or a password came back")
	}
	p = p.Send("/account/password", map[string]string{"current": accounttest.Secret, "password": secret, "confirm": secret})
	is(t, p, http.StatusOK, "My account")
	if !strings.Contains(p.Text("main"), "Your password was changed.") || h.Last(t).Kind != notify.PasswordWasSet {
		t.Errorf("%s", p.Text("main"))
	}
	is(t, v.Get("/account"), http.StatusOK, "My account")  // this session stays
	is(t, other.Get("/account"), http.StatusOK, "Sign in") // the others end
}

func TestNoticesAreOurs(t *testing.T) {
	h := browse.New(t)
	h.Anna(t)
	p := anna(t, h).Get("/account?done=kit.demo")
	if p.Has("div", "role", "status") {
		t.Errorf("%s", p.Text("main"))
	}
}
