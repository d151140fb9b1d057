package e2e

import "testing"

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
