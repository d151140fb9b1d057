package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// qrPhone is the web app on a phone whose camera sees one screen after the other.
type qrPhone struct {
	*webPhone
	camera string // the film that the camera plays whenever it is switched on
}

func (p *qrPhone) initialise(computer visitor, pin string) {
	p.t.Helper()
	p.camera = film(p.t, computer.(*browser).shoot("svg.qr"))
	p.b = newBrowser(p.t, "appqr-phone", true, withCamera(p.camera)...)
	p.b.run(chromedp.EmulateViewport(360, 800))
	p.b.open(p.idp + "/app")
	p.b.tap("Initialise")
	p.b.sees("Confirm with your PIN")
	p.enter("confirm-pin", pin)
	p.b.tap("Confirm")
	p.b.sees("has been initialised")
	p.b.tap("Continue")
	p.b.sees("Ready to sign in")
	p.look("home")
}

// points the camera at the QR code on the computer's screen.
func (p *qrPhone) points(computer visitor) {
	p.t.Helper()
	raw, err := os.ReadFile(film(p.t, computer.(*browser).shoot("svg.qr")))
	if err == nil {
		err = os.WriteFile(p.camera, raw, 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.b.tap("Scan a QR code to sign in")
}

// cut takes the network away from the phone, from its service worker too.
func (p *qrPhone) cut() { p.t.Helper(); p.network(false) }

// mend gives it back.
func (p *qrPhone) mend() { p.t.Helper(); p.network(true) }

func (p *qrPhone) network(on bool) {
	p.t.Helper()
	off := !on
	call(p.b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		EmulateOfflineServiceWorker: &off, MatchedNetworkConditions: []*network.Conditions{{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}},
	})
	want := map[bool]string{true: "online", false: "offline"}[on]
	if !p.b.waitFor(func() bool {
		eval[bool](p.b, `(fetch("/app/api/device").then(() => { window.__net = "online"; }, () => { window.__net = "offline"; }), true)`)
		return eval[string](p.b, `window.__net || ""`) == want
	}, 5*time.Second) {
		p.t.Fatalf("the phone is not %s", want)
	}
}

// code scans the QR code and gives the eight digits.
func (p *qrPhone) code(computer visitor, pin string) string {
	p.t.Helper()
	p.points(computer)
	p.b.sees("Is it you who is signing in?")
	p.b.sees("CPMS 2.0")
	p.b.sees("Chrome") // the browser that asks
	p.look("asks")
	p.enter("offline-pin", pin)
	p.b.tap("Show the code")
	p.b.sees("Your one-time code")
	p.look("code")
	code := p.b.text("#onetime-code")
	p.b.tap("Continue")
	if left := eval[string](p.b, `document.getElementById("onetime-code").textContent`); left != "" {
		p.t.Errorf("the app keeps the code %s", left)
	}
	return code
}

// The desktop's browser shows a QR code, the phone has no network, the code is typed, and
// cpms gets MEDIUM.
func TestMethodAppQR(t *testing.T) {
	sys := startSystem(t)
	p := &qrPhone{webPhone: newWebPhone(t, sys.idp.url)}
	s := &story{t: t, sys: sys, v: newBrowser(t, "appqr", true), phone: p, who: anna("appqr")}
	v := s.v
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	p.cut()
	p.b.open(sys.idp.url + "/app") // from the service worker's store
	p.b.sees("Ready to sign in")
	s.atCPMS("app_qr")
	v.sees("Scan the QR code with the EU Login app")
	s.step("signin-qr")
	first := p.code(v, s.who.pin)
	v.press("Show a new QR code")
	v.sees("Scan the QR code with the EU Login app")
	s.answer(first) // of the QR code before
	v.sees("Tries left: 4")
	s.step("signin-qr-wrong")
	s.answer(p.code(v, "9753"))
	v.sees("Tries left: 3")
	s.answer(strings.ReplaceAll(p.code(v, s.who.pin), " ", ""))
	v.sees("Welcome, guest")
	s.completeProfile()
	s.submitRequest()
}

// Somebody else's phone says what is wrong, the code of a sign-in initialises no phone, and
// the answer to it is none in another browser's sign-in.
func TestMethodAppQRWrongAccountAndExhausted(t *testing.T) {
	sys := startSystem(t)
	sim := newSimPhone(t)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: sim, who: anna("appqrsim")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	s.atCPMS("app_qr")
	s.v.sees("Scan the QR code with the EU Login app")
	text := s.v.text("#code-text")
	if out, ok := sim.say("enrol", "--pin", s.who.pin, text); ok || !strings.Contains(out, "not an initialisation code") {
		t.Errorf("the code of a sign-in initialises a phone: %s", out)
	}
	other := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: clinician{given: "Bert", family: "Maes", email: "bert.appqr@example.org", number: "+32 470 77 66 55", password: s.who.password, pin: s.who.pin}}
	other.createAccount(sys.idp.url + "/register")
	other.addDevice()
	if out, ok := other.phone.(*simPhone).say("offline-code", "--pin", s.who.pin, text); ok || !strings.Contains(out, "not on this phone") {
		t.Errorf("another account's phone: %s", out)
	}
	right := strings.TrimSpace(sim.must("offline-code", "--pin", s.who.pin, text))
	relay := &story{t: t, sys: sys, v: newHTTPVisitor(t), who: s.who} // somebody else who knows the password
	relay.v.open(sys.cpms.url + "/signin?to=/screen/home")
	relay.signIn("app_qr")
	relay.v.sees("Scan the QR code with the EU Login app")
	relay.answer(right)
	relay.v.sees("Tries left: 4")
	s.exhaust(func() string { return fmt.Sprintf("%c%s", '0'+(right[0]-'0'+1)%10, right[1:]) })
	sys.await(s.who.email, "wrong codes were entered")
	s.v.press("Sign in")
	s.v.sees("Scan the QR code with the EU Login app")
	s.answer(sim.must("offline-code", "--pin", s.who.pin, s.v.text("#code-text")))
	s.v.sees("Welcome, guest")
}

// Browser and app are one: the page opens the app, the app leads back, and cpms gets MEDIUM;
// then the same without a password.
func TestMethodOnMobile(t *testing.T) {
	sys := startSystem(t)
	b := newBrowser(t, "onmobile", true)
	b.run(chromedp.EmulateViewport(360, 800))
	p := &herePhone{webPhone: newWebPhone(t, sys.idp.url)}
	p.b = b
	s := &story{t: t, sys: sys, v: b, phone: p, who: anna("onmobile")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	s.atCPMS("on_mobile")
	p.approves(s.who.pin, "Welcome, guest")
	s.completeProfile()
	s.submitRequest()
	b.open(sys.idp.url + "/account")
	b.press("Sign out")
	b.sees("You are signed out")
	b.open(sys.cpms.url + "/signin?to=/screen/home")
	b.sees("E-mail address")
	b.waitShown("form.direct[data-method=on_mobile] button")
	s.step("direct-offered")
	b.press("Sign in with the app on this phone")
	p.approves(s.who.pin, "Welcome")
}

// Security case 33: the link of a sign-in in another browser gains its sender nothing.
func TestMethodOnMobileLinkFromAStranger(t *testing.T) {
	sys := startSystem(t)
	b := newBrowser(t, "onmobile-stranger", true)
	b.run(chromedp.EmulateViewport(360, 800))
	p := &herePhone{webPhone: newWebPhone(t, sys.idp.url)}
	p.b = b
	victim := &story{t: t, sys: sys, v: b, phone: p, who: anna("stranger")}
	victim.createAccount(sys.idp.url + "/register")
	victim.addDevice()
	attacker := newBrowser(t, "onmobile-attacker", true)
	attacker.open(sys.cpms.url + "/signin?to=/screen/home")
	attacker.sees("E-mail address")
	attacker.fill("email", victim.who.email)
	attacker.press("Next")
	attacker.fill("password", victim.who.password) // he even knows it
	attacker.sees("On-Mobile authentication is not offered")
	attacker.look("not-offered")
	eval[bool](attacker, `(() => { const s = document.querySelector("select[name=method]"); s.add(new Option("x", "on_mobile")); s.value = "on_mobile"; return true; })()`)
	attacker.press("Sign in")
	attacker.sees("The app is not initialised in this browser")
	attacker.look("not-here")
	b.open("about:blank")
	b.open(attacker.attr("#app-link", "href"))
	b.sees("was not begun in this browser")
	p.look("refused")
	if attacker.shows("Welcome") {
		t.Error("the attacker is signed in")
	}
}

// herePhone is the app in the very browser that signs in.
type herePhone struct{ *webPhone }

func (p *herePhone) initialise(computer visitor, pin string) {
	p.t.Helper()
	next := p.b.url()
	p.b.open(computer.text("#code-text"))
	p.b.sees("Confirm with your PIN")
	p.enter("confirm-pin", pin)
	p.b.tap("Confirm")
	p.b.sees("has been initialised")
	p.b.open(next)
}

// approves goes from the page to the app and back, once with a wrong PIN.
func (p *herePhone) approves(pin, then string) {
	p.t.Helper()
	p.b.sees("Continue in the EU Login app")
	p.b.waitShown("#app-link")
	p.b.look("onmobile")
	p.b.press("Open the app")
	p.b.sees("Sign in on this phone?")
	p.b.sees("CPMS 2.0")
	p.look("here")
	p.enter("here-pin", "9753")
	p.b.tap("Sign in")
	p.b.sees("This PIN is wrong. Tries left: 9.")
	p.enter("here-pin", pin)
	p.b.tap("Sign in")
	p.b.sees(then)
}

// waitShown waits until a script has unhidden an element.
func (b *browser) waitShown(selector string) {
	b.t.Helper()
	if !b.waitFor(func() bool {
		return eval[bool](b, `!!document.querySelector(`+q(selector)+`)?.checkVisibility()`)
	}, 10*time.Second) {
		b.t.Fatalf("%s is not shown", selector)
	}
}

// An app that is no browser approves; its approval counts in the browser that began, and the
// very same in another browser is refused.
func TestMethodOnMobileBySimPhone(t *testing.T) {
	sys := startSystem(t)
	sim := newSimPhone(t)
	b := newBrowser(t, "onmobile-sim", true)
	s := &story{t: t, sys: sys, v: b, phone: sim, who: anna("onmobilesim")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	b.open(sys.idp.url + "/account")
	b.press("Sign out")
	b.open(sys.cpms.url + "/signin?to=/screen/home")
	b.sees("E-mail address")
	b.fill("email", s.who.email)
	b.press("Next")
	b.sees("On-Mobile authentication is not offered") // this browser has no app of its own
	b.fill("password", s.who.password)
	eval[bool](b, `(() => { const s = document.querySelector("select[name=method]"); s.add(new Option("x", "on_mobile")); s.value = "on_mobile"; return true; })()`)
	b.press("Sign in")
	b.sees("Continue in the EU Login app")
	back := strings.TrimSpace(sim.must("on-mobile", "--pin", s.who.pin, b.attr("#app-link", "href")))
	victim := newBrowser(t, "onmobile-sim-other", true)
	victim.open(back)
	victim.sees("belongs to another browser")
	victim.look("other-browser")
	if victim.shows("Welcome") {
		t.Error("another browser is signed in")
	}
	b.open(back)
	b.sees("Welcome, guest")
}
