package authenticators_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/codetest"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/policy"
)

const (
	root  = "/account/authenticators"
	title = "Manage my authenticator apps"
)

func is(t testing.TB, p *browse.Page, status int, heading string) {
	t.Helper()
	if p.Status != status || p.Text("h1") != heading {
		t.Fatalf("%s: %d %q, want %d %q\n%s", p.Path, p.Status, p.Text("h1"), status, heading, p.Text("main"))
	}
}

func says(t testing.TB, p *browse.Page, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.Text("main"), text) {
			t.Errorf("%s: %q is missing in\n%s", p.Path, text, p.Text("main"))
		}
	}
}

var key = regexp.MustCompile(`(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}`)

// action is the form of the page that a setup is on.
func action(p *browse.Page) string {
	path, _, _ := strings.Cut(p.Path, "?")
	return path
}

func TestAddAnAuthenticatorApp(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	v := h.SignIn(t, anna.Email)
	p := v.Get(root)
	is(t, p, http.StatusOK, title)
	says(t, p, "You have not added any authenticator app.")
	p = v.Get(root+"/add").Send(root+"/add", map[string]string{"name": ""})
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Error("name"), "1 to 50 characters") {
		t.Errorf("no name: %d %q", p.Status, p.Error("name"))
	}
	p = p.Send(root+"/add", map[string]string{"name": "Aegis"})
	is(t, p, http.StatusOK, "Connect your authenticator app")
	typed := key.FindString(p.Text("main"))
	app := h.Read(t, typed)
	if !p.Has("svg", "role", "img") || !strings.Contains(p.Body, `href="otpauth://totp/EU%20Login:anna%40example.org?secret=`+strings.ReplaceAll(typed, " ", "")) {
		t.Error("QR code or link is missing")
	}
	if p.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page with the key may be kept by a cache")
	}
	p = p.Send(action(p), map[string]string{"code": app.Wrong()})
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Error("code"), "Tries left: 4") || p.Value("code") != "" {
		t.Errorf("a wrong code: %d %q", p.Status, p.Error("code"))
	}
	setup := action(p)
	p = p.Send(setup, map[string]string{"code": app.Code(0)})
	is(t, p, http.StatusOK, title)
	says(t, p, "“Aegis” was added", "not yet")
	again := v.Post(setup, url.Values{"code": {app.Code(0)}}) // the form sent twice, with the password alone
	if !strings.HasPrefix(again.Path, "/login?flow=") {
		t.Errorf("changing goes on with the password alone: %s", again.Path)
	}
	for _, page := range []*browse.Page{v.Get(root), v.Get("/account")} {
		if key.MatchString(page.Text("main")) {
			t.Errorf("%s shows a key", page.Path)
		}
	}
	if log := strings.ReplaceAll(h.Log.String(), " ", ""); strings.Contains(log, strings.ReplaceAll(typed, " ", "")) || strings.Contains(log, "otpauth") {
		t.Error("the key is in the log")
	}
}

func TestOnlyTheBrowserThatBeganSeesTheKey(t *testing.T) {
	h := codetest.New(t)
	anna, bob := h.Anna(t), h.Person(t, "Bob", "bob@example.org")
	p := h.SignIn(t, anna.Email).Get(root+"/add").Send(root+"/add", map[string]string{"name": "Aegis"})
	setup := action(p)
	for name, v := range map[string]*browse.Visitor{"Anna elsewhere": h.SignIn(t, anna.Email), "Bob": h.SignIn(t, bob.Email)} {
		other := v.Get(setup)
		if other.Status != http.StatusGone || key.MatchString(other.Body) || strings.Contains(other.Body, "otpauth") {
			t.Errorf("%s: %d %s", name, other.Status, other.Text("main"))
		}
		app := h.Read(t, key.FindString(p.Text("main")))
		if done := v.Post(setup, url.Values{"code": {app.Code(0)}}); done.Status != http.StatusGone {
			t.Errorf("%s confirms: %d", name, done.Status)
		}
		v.Post(setup[:len(setup)-len("setup")]+"cancel", nil)
	}
	is(t, h.SignIn(t, anna.Email).Get(root), http.StatusOK, title)
	h.Clock.Pass(totp.SetupFor + time.Second)
	if late := p.Send(setup, map[string]string{"code": "000000"}); late.Status != http.StatusGone {
		t.Errorf("after ten minutes: %d", late.Status)
	}
}

func TestCancelForgetsTheKey(t *testing.T) {
	h := codetest.New(t)
	v := h.SignIn(t, h.Anna(t).Email)
	p := v.Get(root+"/add").Send(root+"/add", map[string]string{"name": "Aegis"})
	setup := action(p)
	is(t, p.Send(strings.TrimSuffix(setup, "setup")+"cancel", nil), http.StatusOK, title)
	is(t, v.Get(setup), http.StatusGone, "This QR code is no longer valid")
}

func TestRenameAndRemove(t *testing.T) {
	h := codetest.New(t)
	anna, bob := h.Anna(t), h.Person(t, "Bob", "bob@example.org")
	app, other := h.Add(t, anna, "Aegis"), h.Add(t, anna, "Tablet")
	bobs := h.Add(t, bob, "Bob's")
	v := h.Visit(t)
	p := h.Password(v, anna.Email, root+"/add", policy.TOTP)
	is(t, p.Send("/login/answer", map[string]string{"code": app.Code(0)}), http.StatusOK, "Add an authenticator app")
	rename := root + "/" + app.ID + "/rename"
	if p = v.Get(rename).Send(rename, map[string]string{"name": "Tablet"}); !strings.Contains(p.Error("name"), "already") || p.Value("name") != "Tablet" {
		t.Errorf("%q", p.Error("name"))
	}
	p = p.Send(rename, map[string]string{"name": "<b>Phone</b>"})
	is(t, p, http.StatusOK, title)
	if !strings.Contains(p.Body, "&lt;b&gt;Phone&lt;/b&gt;") || strings.Contains(p.Body, "<b>Phone") {
		t.Error("the name is no text")
	}
	for _, what := range []string{"/rename", "/remove"} {
		if got := v.Get(root + "/" + bobs.ID + what); got.Status != http.StatusNotFound {
			t.Errorf("Anna asks to change Bob's: %d", got.Status)
		}
	}
	if got := v.Post(root+"/"+bobs.ID+"/rename", url.Values{"name": {"x"}}); got.Status != http.StatusNotFound {
		t.Errorf("Anna renames Bob's: %d", got.Status)
	}
	v.Post(root+"/"+bobs.ID+"/remove", nil)
	if have, _ := h.TOTP.List(t.Context(), bob.ID); len(have) != 1 {
		t.Error("Anna removed Bob's")
	}
	remove := root + "/" + other.ID + "/remove"
	is(t, v.Get(remove), http.StatusOK, "Remove this authenticator app?")
	if have, _ := h.TOTP.List(t.Context(), anna.ID); len(have) != 2 {
		t.Error("looking at the page removes")
	}
	is(t, v.Get(remove).Send(remove, nil), http.StatusOK, title)
	is(t, v.Post(remove, nil), http.StatusOK, title) // a second click
	if have, _ := h.TOTP.List(t.Context(), anna.ID); len(have) != 1 || have[0].ID != app.ID {
		t.Errorf("%+v", have)
	}
}

// Looking wants a sign-in, changing one with the factor that is there, no older than 20
// minutes.
func TestPagesOfAuthenticatorsWantASignIn(t *testing.T) {
	h := codetest.New(t)
	anna := h.Anna(t)
	stranger := h.Visit(t)
	for _, path := range []string{root, root + "/add", root + "/x/setup", root + "/x/rename", root + "/x/remove"} {
		if p := stranger.Get(path); !strings.HasPrefix(p.Path, "/login?flow=") {
			t.Errorf("GET %s: %s", path, p.Path)
		}
	}
	v := h.SignIn(t, anna.Email)
	is(t, v.Get(root+"/add"), http.StatusOK, "Add an authenticator app")
	h.Clock.Pass(21 * time.Minute)
	if p := v.Get(root + "/add"); !strings.HasPrefix(p.Path, "/login?flow=") {
		t.Errorf("an old sign-in adds: %s", p.Path)
	}
	app := h.Add(t, anna, "Aegis")
	v = h.SignIn(t, anna.Email)
	is(t, v.Get(root), http.StatusOK, title)
	for path, typed := range map[string]url.Values{"/add": {"name": {"x"}}, "/" + app.ID + "/rename": {"name": {"x"}}, "/" + app.ID + "/remove": nil} {
		if p := v.Post(root+path, typed); !strings.HasPrefix(p.Path, "/login?flow=") {
			t.Errorf("POST %s with the password alone: %s", path, p.Path)
		}
	}
	if have, _ := h.TOTP.List(t.Context(), anna.ID); len(have) != 1 || have[0].Name != "Aegis" {
		t.Errorf("%+v", have)
	}
}
