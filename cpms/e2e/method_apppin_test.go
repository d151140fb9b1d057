package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
)

// Enrolled, used, failed, exhausted and removed, on a real page: the tenth wrong PIN disables
// the phone, which says so, and so does the owner's mail.
func TestMethodAppExhaustedAndRemoved(t *testing.T) {
	sys := startSystem(t)
	p := newAppPhone(t, sys, "app-exhaust")
	s := ofOnePhone(sys, p, anna("appexhaust"))
	s.atCPMS("app_pin")
	s.v.sees("Open the EU Login app")
	number := digits(s.v.text("#match-number"))
	p.b.sees("Is it you who is signing in?")
	p.enter("request-pin", s.who.pin)
	for _, left := range []int{2, 1} {
		p.enter("request-number", otherNumber(number))
		p.b.tap("Approve")
		p.b.sees(fmt.Sprintf("Tries left: %d", left))
	}
	p.look("wrong-number")
	p.enter("request-number", number)
	for left := 9; left > 0; left-- {
		p.enter("request-pin", "9753")
		p.b.tap("Approve")
		p.b.sees(fmt.Sprintf("This PIN is wrong. Tries left: %d.", left))
	}
	p.enter("request-pin", "9753")
	p.b.tap("Approve")
	p.b.sees("this device was disabled")
	p.look("disabled")
	sys.await(s.who.email, "a mobile device was disabled")
	p.b.tap("Continue")
	p.b.sees("This phone cannot confirm sign-ins")
	p.b.sees("Disabled")
	p.look("home-disabled")
	p.b.tap(s.who.email)
	p.b.sees("A wrong PIN was entered too often")
	p.look("account-disabled")
	if p.b.shows("Change PIN") {
		t.Error("a disabled phone offers another PIN")
	}
	p.b.tap("Unlink")
	p.b.sees("Unlink this account?")
	p.b.tap("Unlink")
	p.b.sees("The account was unlinked")
	p.b.tap("Continue")
	p.b.sees("Link this phone to your account")
	sys.await(s.who.email, "was removed from your account")
}

// The same by a phone that is no browser.
func TestMethodAppBySimPhone(t *testing.T) {
	sys := startSystem(t)
	sim := newSimPhone(t)
	s := ofOnePhone(sys, sim, anna("appsim"))
	s.atCPMS("app_pin")
	s.v.sees("Open the EU Login app")
	number := digits(s.v.text("#match-number"))
	if out := sim.fails("approve", "--number", otherNumber(number), "--pin", s.who.pin); !strings.Contains(out, "phone.number_wrong (2 tries left)") {
		t.Errorf("wrong number: %s", out)
	}
	sim.must("biometrics", "--pin", s.who.pin, "on")
	sim.must("approve", "--number", number, "--finger")
	s.v.sees("Welcome, guest")
	sim.must("pin", "--pin", s.who.pin, "--new", "8246")
	s.atCPMS("app_pin")
	s.v.sees("Open the EU Login app")
	number = digits(s.v.text("#match-number"))
	for left := 9; left > 0; left-- {
		if out := sim.fails("approve", "--number", number, "--pin", s.who.pin); !strings.Contains(out, fmt.Sprintf("phone.pin_wrong (%d tries left)", left)) {
			t.Fatalf("the former PIN: %s", out)
		}
	}
	sim.fails("approve", "--number", number, "--pin", s.who.pin)
	if out := sim.fails("approve", "--number", number, "--pin", "8246"); !strings.Contains(out, "phone.device_disabled") {
		t.Errorf("the tenth: %s", out)
	}
	if out := sim.must("devices"); !strings.Contains(out, "disabled") {
		t.Errorf("devices: %s", out)
	}
	sim.must("unlink")
	sys.await(s.who.email, "was removed from your account")
}

// fails runs a command that has to be refused.
func (p *simPhone) fails(args ...string) string {
	p.t.Helper()
	out, ok := p.say(args...)
	if ok {
		p.t.Fatalf("phonesim %s: %s", args[0], out)
	}
	return out
}

func otherNumber(n string) string {
	if n == "10" {
		return "11"
	}
	return "10"
}

// The app can be installed, starts without a network, and speaks three languages on every
// screen, at the width of a small phone.
func TestMethodAppInstalledOfflineAndInThreeLanguages(t *testing.T) {
	sys := startSystem(t)
	p := newAppPhone(t, sys, "app-shell")
	p.b.open(sys.idp.url + "/app")
	p.b.sees("Link this phone to your account")
	manifest := call(p.b, page.GetAppManifest, page.GetAppManifestParams{})
	if len(manifest.Errors) > 0 || !strings.HasSuffix(manifest.URL, "/app/manifest.webmanifest") {
		t.Errorf("manifest %s: %v", manifest.URL, manifest.Errors)
	}
	for _, e := range call(p.b, page.GetInstallabilityErrors, cdp.Empty{}).InstallabilityErrors {
		if e.ErrorID != "in-incognito" { // the test's browser has no profile of its own to install into
			t.Errorf("not installable: %s", e.ErrorID)
		}
	}
	ofOnePhone(sys, p, anna("appshell"))
	for lang, says := range map[string][]string{
		"fr": {"Prêt pour la connexion", "Modifier le code PIN", "Code PIN oublié ?", "Retour"},
		"de": {"Bereit zur Anmeldung", "PIN ändern", "PIN vergessen?", "Zurück"},
		"en": {"Ready to sign in", "Change PIN", "Forgotten PIN?", "Back"},
	} {
		eval[bool](p.b, `(() => { const l = document.getElementById("language"); l.value = `+q(lang)+`; l.dispatchEvent(new Event("change")); return true; })()`)
		p.b.sees(says[0])
		p.look("home-" + lang)
		p.b.tap("Anna's phone")
		p.b.sees(says[1])
		p.look("account-" + lang)
		p.b.tap(says[1])
		p.look("pin-" + lang)
		p.b.tap(says[2])
		p.look("forgot-" + lang)
		p.b.tap(says[3])
		p.b.sees(says[1])
		if wide := eval[float64](p.b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
			t.Errorf("%s is %v px too wide", lang, wide)
		}
		p.b.tap(says[3])
		p.b.sees(says[0])
		q := &qrPhone{webPhone: p.webPhone}
		q.cut()
		p.b.open(sys.idp.url + "/app") // from the service worker's store, in the language that was chosen
		p.b.sees(says[0])
		p.b.sees("Anna's phone")
		q.mend()
	}
}
