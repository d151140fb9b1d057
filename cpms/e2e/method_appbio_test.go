package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// Biometrics from switching on to switching off, with the phone's own authenticator: used,
// not recognised, exhausted, the PIN always beside it.
func TestMethodAppBiometrics(t *testing.T) {
	sys := startSystem(t)
	p := newAppPhone(t, sys, "app-bio")
	finger := p.b.plugIn(platform)
	s := ofOnePhone(sys, p, anna("appbio"))
	p.switchBiometrics(s, "Switch on biometrics", "9753", "This PIN is wrong. Tries left: 9.")
	p.look("on")
	p.enter("bio-pin", s.who.pin)
	finger.verifies(false)
	p.b.tap("Switch on biometrics")
	p.b.sees("It was cancelled, or took too long")
	finger.verifies(true)
	p.enter("bio-pin", s.who.pin)
	p.b.tap("Switch on biometrics")
	p.b.sees("Biometrics are switched on")
	sys.await(s.who.email, "biometrics were switched on")
	s.v.open(sys.idp.url + "/account/devices")
	s.v.sees("Biometrics switched on")
	p.b.tap("Continue")

	s.atCPMS("app_pin")
	s.v.sees("Open the EU Login app")
	number := digits(s.v.text("#match-number"))
	p.b.sees("Is it you who is signing in?")
	p.b.sees("Approve with biometrics")
	p.look("request")
	p.b.tap("Approve with biometrics")
	p.b.sees("Enter the two digits that your browser shows")
	p.enter("request-number", number)
	finger.verifies(false)
	p.b.tap("Approve with biometrics")
	p.b.sees("It was cancelled, or took too long")
	finger.verifies(true)
	p.b.tap("Approve with biometrics")
	p.b.sees("Approved")
	s.v.sees("Welcome, guest")
	s.completeProfile()
	s.submitRequest()
	s.v.open(sys.idp.url + "/account/history")
	s.v.sees("Mobile app, biometrics")
	p.b.tap("Continue")

	p.switchBiometrics(s, "Switch off biometrics", s.who.pin, "Biometrics are switched off")
	sys.await(s.who.email, "biometrics were switched off")
	if len(finger.keys()) != 1 {
		t.Errorf("the authenticator has %d keys", len(finger.keys()))
	}
}

func (p *appPhone) switchBiometrics(s *story, what, pin, then string) {
	p.t.Helper()
	p.b.tap(s.who.email)
	p.b.tap(what)
	p.b.sees("PIN code")
	p.enter("bio-pin", pin)
	p.b.tap(what)
	p.b.sees(then)
}

// Browser and app are one, and the phone recognises its owner: no PIN is typed.
func TestMethodOnMobileByBiometrics(t *testing.T) {
	sys := startSystem(t)
	b := newBrowser(t, "onmobile-bio", true)
	b.run(chromedp.EmulateViewport(360, 800))
	finger := b.plugIn(platform)
	p := &herePhone{webPhone: newWebPhone(t, sys.idp.url)}
	p.b = b
	s := &story{t: t, sys: sys, v: b, phone: p, who: anna("onmobilebio")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	b.open(sys.idp.url + "/app")
	(&appPhone{p.webPhone}).switchBiometrics(s, "Switch on biometrics", s.who.pin, "Biometrics are switched on")
	s.atCPMS("on_mobile")
	b.sees("Continue in the EU Login app")
	b.waitShown("#app-link")
	b.press("Open the app")
	b.sees("Sign in with biometrics")
	p.look("here")
	finger.verifies(false)
	b.tap("Sign in with biometrics")
	b.sees("It was cancelled, or took too long")
	finger.verifies(true)
	b.tap("Sign in with biometrics")
	b.sees("Welcome, guest")
	b.open(sys.idp.url + "/account/history")
	b.sees("On-Mobile authentication, biometrics")
}
