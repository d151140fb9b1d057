package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// appPhone is the web app on one phone of several people; codes come as the app's address, as
// from the phone's own camera.
type appPhone struct{ *webPhone }

func newAppPhone(t *testing.T, sys *system, name string) *appPhone {
	p := &appPhone{newWebPhone(t, sys.idp.url)}
	p.b = newBrowser(t, name, true)
	p.b.run(chromedp.EmulateViewport(360, 780))
	return p
}

func (p *appPhone) initialise(computer visitor, pin string) {
	p.t.Helper()
	p.b.open("about:blank")
	p.b.open(computer.text("#code-text"))
	p.b.sees("Confirm with your PIN")
	p.enter("confirm-pin", pin)
	p.b.tap("Confirm")
	p.b.sees("has been initialised")
	p.b.tap("Continue")
	p.b.sees("Ready to sign in")
}

// ofOnePhone is a person with an account and a device on the given phone.
func ofOnePhone(sys *system, p phone, who clinician) *story {
	s := &story{t: sys.t, sys: sys, v: newHTTPVisitor(sys.t), phone: p, who: who}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	return s
}

// Two accounts on one phone: the open app hears for both, a request waits in the inbox until
// it is decided, "this was not me" reaches the owner, and an unlinked account is gone on both
// sides.
func TestMethodAppSeveralAccountsOnOnePhone(t *testing.T) {
	sys := startSystem(t)
	p := newAppPhone(t, sys, "app-accounts")
	first := ofOnePhone(sys, p, anna("appone"))
	second := ofOnePhone(sys, p, anna("apptwo"))
	p.b.sees(first.who.email)
	p.b.sees(second.who.email)

	first.atCPMS("app_pin")
	first.v.sees("Open the EU Login app")
	p.b.sees("Is it you who is signing in?")
	p.b.sees(first.who.email)
	p.b.tap("Decide later")
	p.b.sees("These sign-ins wait for your answer.")
	p.look("inbox")
	p.b.tap("CPMS 2.0")
	p.b.sees("Is it you who is signing in?")
	p.b.tap("This was not me")
	p.b.sees("Thank you for telling us")
	p.b.tap("Continue")
	p.b.sees("Your last answers")
	p.b.sees("Reported: this was not me")
	sys.await(first.who.email, "refused")

	p.b.tap(first.who.email) // a look at one account hears for the other
	p.b.sees("Switch account")
	second.atCPMS("app_pin")
	second.v.sees("Open the EU Login app")
	number := digits(second.v.text("#match-number"))
	p.b.sees("Is it you who is signing in?")
	p.b.sees(second.who.email)
	p.approve(number, second.who.pin)
	second.v.sees("Welcome, guest")
	p.b.sees("Approved")
	p.look("home-two")

	p.b.tap(first.who.email)
	p.b.sees("Switch account")
	p.look("account")
	eval[bool](p.b, `(() => { const c = document.getElementById("account-choice"); c.selectedIndex = [...c.options].findIndex(o => o.text === `+q(second.who.email)+`); c.dispatchEvent(new Event("change")); return true; })()`)
	if got := p.b.text("#account-email"); got != second.who.email {
		t.Errorf("switched to %s", got)
	}
	p.b.tap("Unlink")
	p.b.sees("Unlink this account?")
	p.look("unlink")
	p.b.tap("Unlink")
	p.b.sees("The account was unlinked")
	p.b.tap("Continue")
	p.b.sees(first.who.email)
	if strings.Contains(p.b.text("#home"), second.who.email) {
		t.Error("the unlinked account is still shown")
	}
	sys.await(second.who.email, "was removed from your account")
	second.v.open(sys.idp.url + "/account/devices")
	if second.v.shows("Anna's phone") {
		t.Error("the server still lists the device")
	}
}

// The PIN is changed in the app, the old one counts for nothing, and a forgotten one leads
// through My account to the same phone with a new PIN.
func TestMethodAppChangedAndForgottenPIN(t *testing.T) {
	sys := startSystem(t)
	p := newAppPhone(t, sys, "app-pin")
	s := ofOnePhone(sys, p, anna("apppin"))
	p.b.tap(s.who.email)
	p.b.tap("Change PIN")
	p.b.sees("New PIN code again")
	p.look("change")
	for _, c := range []struct{ old, fresh, again, says string }{
		{s.who.pin, "1234", "1234", "Choose another new PIN code"},
		{s.who.pin, "8246", "8247", "are not the same"},
		{"9753", "8246", "8246", "This PIN is wrong. Tries left: 9."},
		{s.who.pin, "8246", "8246", "Your PIN code was changed"},
	} {
		p.enter("pin-old", c.old)
		p.enter("pin-new", c.fresh)
		p.enter("pin-again", c.again)
		p.b.tap("Change PIN")
		p.b.sees(c.says)
	}
	p.look("changed")
	sys.await(s.who.email, "the PIN of a mobile device was changed")
	p.b.tap("Continue")
	former := s.who.pin
	s.who.pin = "8246"
	s.atCPMS("app_pin")
	s.v.sees("Open the EU Login app")
	number := digits(s.v.text("#match-number"))
	p.b.sees("Is it you who is signing in?")
	p.enter("request-number", number)
	p.enter("request-pin", former)
	p.b.tap("Approve")
	p.b.sees("This PIN is wrong. Tries left: 9.")
	p.approve(number, s.who.pin)
	s.v.sees("Welcome, guest")

	p.b.tap(s.who.email)
	p.b.tap("Forgotten PIN?")
	p.b.sees("Nobody can tell you the PIN code")
	p.look("forgotten")
	s.who.pin = "6428"
	s.v.open(sys.idp.url + "/account/devices/add")
	s.v.fill("name", "The same phone")
	s.v.fill("pin", s.who.pin)
	s.v.fill("pin_again", s.who.pin)
	s.v.press("Submit")
	s.v.sees("Initialise the app")
	p.initialise(s.v, s.who.pin)
	s.v.open(sys.idp.url + "/account/devices")
	s.v.sees("The same phone")
	if s.v.shows("Anna's phone") || p.b.shows("Anna's phone") {
		t.Error("the phone is still linked as the device that it was before")
	}
}
