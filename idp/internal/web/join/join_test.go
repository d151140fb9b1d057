package join_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
)

const secret = "Kvlr tzm 4qd"

func form(email string) map[string]string {
	return map[string]string{
		"given": "Jörg", "family": "O'Neill", "email": email, "email_again": email, "mail_lang": "de", "privacy": "on",
	}
}

func is(t testing.TB, p *browse.Page, status int, heading string) {
	t.Helper()
	if p.Status != status || p.Text("h1") != heading {
		t.Fatalf("%s: %d %q, want %d %q\n%s", p.Path, p.Status, p.Text("h1"), status, heading, p.Text("main"))
	}
}

// register sends the form and gives the page "check your mail" with the mail itself.
func register(t testing.TB, h *browse.House, v *browse.Visitor, email string) (*browse.Page, notify.Message) {
	t.Helper()
	p := v.Get("/register").Send("/register", form(email))
	is(t, p, http.StatusOK, "Check your mail")
	return p, h.Last(t)
}

// Steps 1 to 4 of the journey, without scripts.
func TestCreateAnAccount(t *testing.T) {
	h := browse.New(t)
	v := h.Visit(t)
	p, m := register(t, h, v, "jorg@example.org")
	if text := p.Text("main"); !strings.Contains(text, "jorg@example.org") || !strings.Contains(text, "valid until 23 November 2026 at 13:05 CET") {
		t.Errorf("%s", text)
	}
	p = v.Get(m.Data["url"])
	is(t, p, http.StatusOK, "Confirm your e-mail address")
	p = p.Send("/register/confirm", nil)
	is(t, p, http.StatusOK, "New password")
	if p.Value("user") != "jorg@example.org" || !strings.Contains(p.Text("main"), "(External)") || p.Value("password") != "" || p.Has("input", "value", secret) {
		t.Error("the page shows the person's address and nothing in the password fields")
	}
	rule := p.Text("main")
	for _, want := range []string{
		"at least 8 characters chosen from at least 3 of the following four character groups (white space permitted)",
		"Upper Case: A to Z", "Lower Case: a to z", "Numeric: 0 to 9", "Special Characters: !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "Generate other sample passwords",
	} {
		if !strings.Contains(strings.ToLower(rule), strings.ToLower(want)) {
			t.Errorf("missing %q in %s", want, rule)
		}
	}
	action := p.Path
	p = p.Send(action, map[string]string{"password": "Password1!", "confirm": "Password1!"})
	is(t, p, http.StatusUnprocessableEntity, "New password")
	if !strings.Contains(p.Error("password"), "Many people use this password") || p.Value("password") != "" {
		t.Errorf("%q", p.Error("password"))
	}
	p = p.Send(action, map[string]string{"password": secret, "confirm": secret + "x"})
	if p.Error("confirm") == "" {
		t.Error("the mismatch is not named")
	}
	p = p.Send(action, map[string]string{"password": secret, "confirm": secret})
	is(t, p, http.StatusOK, "Your account is ready")
	if !p.Has("a", "href", "/account/keys/add?to=%2Faccount") {
		t.Error("no passkey is offered") // domain.md row 11: right after the first password
	}
	p = v.Get("/account")
	is(t, p, http.StatusOK, "My account")
	if !strings.Contains(p.Text("main"), "Jörg O'Neill (jorg@example.org)") || !strings.Contains(p.Text("main"), "no second factor") {
		t.Errorf("%s", p.Text("main"))
	}
	p = v.Get(m.Data["url"])
	is(t, p, http.StatusGone, "This link was used already")
	if !p.Has("a", "href", "/account") {
		t.Error("a used link of a ready account leads to signing in")
	}
	for _, secretText := range []string{secret, accounttest.Token(t, m)[27:], accounttest.Code(t, m)} {
		if strings.Contains(h.Log.String(), secretText) {
			t.Errorf("%q was logged", secretText)
		}
	}
}

func TestTypedCode(t *testing.T) {
	h := browse.New(t)
	v := h.Visit(t)
	p, m := register(t, h, v, "jorg@example.org")
	action := p.Path + "/code"
	p = p.Send(action, map[string]string{"code": "0000-0000"})
	is(t, p, http.StatusUnprocessableEntity, "Check your mail")
	if p.Error("code") == "" {
		t.Error("the wrong code is not named")
	}
	is(t, p.Send(action, map[string]string{"code": strings.ToLower(accounttest.Code(t, m))}), http.StatusOK, "New password")
}

// What was typed stays, but for a tick that was not set.
func TestFormKeepsWhatWasTyped(t *testing.T) {
	h := browse.New(t)
	f := form("jorg@example.org")
	f["email_again"], f["privacy"], f["given"] = "other@example.org", "", "x9"
	p := h.Visit(t).Get("/register?flow=f1").Send("/register", f)
	is(t, p, http.StatusUnprocessableEntity, "Create an account")
	for name, want := range map[string]string{"given": "x9", "family": "O'Neill", "email": "jorg@example.org", "email_again": "other@example.org", "flow": "f1"} {
		if p.Value(name) != want {
			t.Errorf("%s: %q", name, p.Value(name))
		}
	}
	for _, name := range []string{"given", "email_again", "privacy"} {
		if p.Error(name) == "" || !p.Has("a", "href", "#f-"+name) {
			t.Errorf("%s has no message, or the summary does not name it", name)
		}
	}
	if len(h.Sent(t)) != 0 {
		t.Error("a mail was sent")
	}
}

// A mail scanner opens the link first, in a browser of its own, and presses no button.
func TestScannerUsesNothingUp(t *testing.T) {
	h := browse.New(t)
	v := h.Visit(t)
	_, m := register(t, h, v, "jorg@example.org")
	for range 3 {
		is(t, h.Visit(t).Get(m.Data["url"]), http.StatusOK, "Confirm your e-mail address")
	}
	is(t, v.Get(m.Data["url"]).Send("/register/confirm", nil), http.StatusOK, "New password")
}

// Expired, used and replaced each say what they are, and lead on as the guide's mail promises.
func TestDeadLinks(t *testing.T) {
	h := browse.New(t)
	v := h.Visit(t)
	_, first := register(t, h, v, "jorg@example.org")
	confirm := v.Get(first.Data["url"])
	h.Clock.Pass(5*time.Minute + time.Second)
	p := v.Get(first.Data["url"])
	is(t, p, http.StatusGone, "This link has expired")
	is(t, confirm.Send("/register/confirm", nil), http.StatusGone, "This link has expired")
	p = p.Send("/register/again", map[string]string{"email": "bob@example.org"})
	is(t, p, http.StatusUnprocessableEntity, "This link has expired")
	if p.Error("email") == "" || p.Value("email") != "bob@example.org" {
		t.Errorf("%q %q", p.Error("email"), p.Value("email"))
	}
	is(t, p.Send("/register/again", map[string]string{"email": "jorg@example.org"}), http.StatusOK, "Check your mail")
	second := h.Last(t)
	p = v.Get(first.Data["url"])
	is(t, p, http.StatusGone, "This link was replaced by a newer one")
	p = p.Send("/register/again", map[string]string{"email": "jorg@example.org"})
	is(t, p, http.StatusTooManyRequests, "This link was replaced by a newer one")
	if !strings.Contains(p.Text("main"), "You can ask for the next one in 60 seconds") || p.Header.Get("Retry-After") != "60" {
		t.Errorf("%s", p.Text("main"))
	}
	is(t, v.Get(second.Data["url"]).Send("/register/confirm", nil), http.StatusOK, "New password")
	other := h.Visit(t)
	p = other.Get(second.Data["url"])
	is(t, p, http.StatusGone, "This link was used already")
	h.Clock.Pass(2 * time.Minute)
	is(t, p.Send("/register/again", map[string]string{"email": "jorg@example.org"}), http.StatusOK, "Check your mail")
	is(t, other.Get(h.Last(t).Data["url"]).Send("/register/confirm", nil), http.StatusOK, "New password")
	is(t, v.Get("/register/confirm?t=garbage"), http.StatusNotFound, "This link or page cannot be used here")
}

func TestResend(t *testing.T) {
	h := browse.New(t)
	v := h.Visit(t)
	p, _ := register(t, h, v, "jorg@example.org")
	action := p.Path + "/resend"
	if !p.Has("p", "data-countdown", "60") {
		t.Error("no countdown")
	}
	p = p.Send(action, nil)
	is(t, p, http.StatusTooManyRequests, "Check your mail")
	h.Clock.Pass(61 * time.Second)
	p = p.Send(action, nil)
	is(t, p, http.StatusOK, "Check your mail")
	if !strings.Contains(p.Text("main"), "A new mail is on its way") || len(h.Sent(t)) != 2 {
		t.Errorf("%d mails\n%s", len(h.Sent(t)), p.Text("main"))
	}
	is(t, h.Visit(t).Get(strings.Split(p.Path, "?")[0]), http.StatusNotFound, "This link or page cannot be used here")
}

// Security case 32: page, status and shape are the same for an address with an account.
func TestKnownAddressLooksTheSame(t *testing.T) {
	h := browse.New(t)
	h.Anna(t)
	shape := func(email string) (string, int) {
		p, _ := register(t, h, h.Visit(t), email)
		ticket := strings.TrimPrefix(p.Path, "/register/sent/")
		body := strings.NewReplacer(email, "EMAIL", ticket, "TICKET").Replace(p.Body)
		wrong := p.Send(p.Path+"/code", map[string]string{"code": "0000-0000"})
		return body + wrong.Error("code"), wrong.Status
	}
	known, knownStatus := shape("anna@example.org")
	unknown, unknownStatus := shape("jorg@example.org")
	if known != unknown || knownStatus != unknownStatus {
		t.Errorf("%d %d\n%s\n---\n%s", knownStatus, unknownStatus, known, unknown)
	}
	if kinds := []notify.Kind{h.Sent(t)[0].Kind, h.Sent(t)[1].Kind}; kinds[0] != notify.RegisterKnown || kinds[1] != notify.RegisterConfirm {
		t.Errorf("%v", kinds)
	}
}

// Security case 1: no page sets a password without the mailed proof used in this browser.
func TestPasswordPageWantsTheProof(t *testing.T) {
	h := browse.New(t)
	v := h.Visit(t)
	p, m := register(t, h, v, "jorg@example.org")
	path := "/password/new/" + strings.TrimPrefix(p.Path, "/register/sent/")
	try := func(who *browse.Visitor, what string) {
		t.Helper()
		is(t, who.Get(path), http.StatusNotFound, "This link or page cannot be used here")
		p := who.Post(path, map[string][]string{"password": {secret}, "confirm": {secret}})
		if p.Status != http.StatusNotFound {
			t.Errorf("%s: %d %s", what, p.Status, p.Text("h1"))
		}
	}
	try(v, "before the proof")
	is(t, v.Get(m.Data["url"]).Send("/register/confirm", nil), http.StatusOK, "New password")
	try(h.Visit(t), "another browser")
	h.Clock.Pass(31 * time.Minute)
	if p := v.Get(path); p.Status != http.StatusGone {
		t.Errorf("half an hour later: %d", p.Status)
	}
}

// The service that sent the person gets them back: the flow goes on in the same browser.
func TestOnToTheServiceThatSentThem(t *testing.T) {
	h := browse.New(t)
	v := h.Visit(t)
	start := v.Get("/account") // any page that wants a sign-in begins a flow in this browser
	flow := strings.TrimPrefix(start.Path, "/login?flow=")
	v.Get("/register?flow="+flow).Send("/register", form("jorg@example.org"))
	p := v.Get(h.Last(t).Data["url"]).Send("/register/confirm", nil)
	p = p.Send(p.Path, map[string]string{"password": secret, "confirm": secret})
	is(t, p, http.StatusOK, "Your account is ready")
	if !p.Has("a", "href", "/account") {
		t.Errorf("where to? %s", p.Body)
	}
	// A flow of another browser, or none at all, is no way in: the account page it is.
	stranger, err := h.Login.Begin(t.Context(), login.Request{Kind: login.KindAccount, ReturnURL: "/elsewhere", Requirement: policy.Anyone()}, "another browser", nil)
	if err != nil {
		t.Fatal(err)
	}
	h.Clock.Pass(2 * time.Minute)
	v = h.Visit(t)
	v.Get("/register?flow="+stranger).Send("/register", form("bob@example.org"))
	p = v.Get(h.Last(t).Data["url"]).Send("/register/confirm", nil)
	p = p.Send(p.Path, map[string]string{"password": secret, "confirm": secret})
	if !p.Has("a", "href", "/account") || strings.Contains(p.Body, "/elsewhere") {
		t.Errorf("%s", p.Path)
	}
	if p = v.Get("/register/done?to=//evil.example/"); !p.Has("a", "href", "/account") {
		t.Error("the way on can lead to another site")
	}
}

func TestSamples(t *testing.T) {
	h := browse.New(t)
	v := h.Visit(t)
	_, m := register(t, h, v, "jorg@example.org")
	p := v.Get(m.Data["url"]).Send("/register/confirm", nil)
	seen := map[string]bool{}
	for range 5 {
		codes := p.All("code")
		if len(codes) != 4 { // the special characters, then three samples
			t.Fatalf("%q", codes)
		}
		for _, s := range codes[1:] {
			if seen[s] || h.Passwords.Rule().Check(s, password.About{}) != nil {
				t.Errorf("sample %q", s)
			}
			seen[s] = true
			if strings.Contains(h.Log.String(), s) {
				t.Errorf("sample %q was logged", s)
			}
		}
		if !p.Has("form", "method", "get") || !p.Has("button", "form", "samples") {
			t.Fatal("no button for other samples")
		}
		p = v.Get(p.Path) // what the button does without scripts
	}
	if p = v.Get("/password/samples"); p.Header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(p.Body, `{"samples":["`) {
		t.Errorf("%s", p.Body)
	}
}

func TestPrivacyInEveryLanguage(t *testing.T) {
	h := browse.New(t)
	for lang, title := range map[string]string{"en": "Privacy statement", "fr": "Déclaration de confidentialité", "de": "Datenschutzerklärung"} {
		is(t, h.Visit(t).Get("/privacy?lang="+lang), http.StatusOK, title)
	}
}
