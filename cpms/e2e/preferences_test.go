package e2e

import "testing"

// What a person wants of sign-ins (domain.md row 20): to be asked before a service learns
// anything, to see the own details, to hear of new browsers, and never to be let in by the
// password alone.
func TestPreferences(t *testing.T) {
	sys := startSystem(t)
	s := &story{t: t, sys: sys, v: newBrowser(t, "preferences", true), phone: newSimPhone(t), who: anna("prefs")}
	s.createAccount(sys.idp.url + "/register")
	v := s.v
	if sys.count(s.who.email, "a new sign-in") != 0 {
		t.Error("the browser in which the account was made is no news")
	}
	v.open(sys.idp.url + "/account/preferences")
	v.sees("Always require multi-factor authentication")
	v.fill("always_mfa", "on")
	v.press("Save")
	v.sees("one lost phone would lock you out")
	v.look("refused")
	v.fill("always_mfa", "")
	v.fill("warn_release", "on")
	v.fill("show_details", "on")
	v.press("Save")
	v.sees("Your preferences were saved")
	v.sees("You have no second factor")
	v.look("account")
	v.open(sys.cpms.url + "/signin?to=/profile/1") // signed in at idp already, and asked all the same
	v.sees("What CPMS 2.0 would know about you")
	v.sees(s.who.email)
	v.sees("needed")
	v.look("before-release")
	v.press("Refuse")
	v.sees("Sign in with EU Login")
	v.open(sys.cpms.url + "/signin?to=/profile/1")
	v.press("Agree and continue")
	v.sees("Complete Profile")
	other := newHTTPVisitor(t)
	s.v = other
	other.open(sys.idp.url + "/account")
	s.signIn("password")
	other.sees("Your account")
	other.sees("Unique identifier")
	other.press("Continue")
	other.sees("My account")
	sys.await(s.who.email, "a new sign-in")
}

// Adaptive authentication: in a browser in which the person signed in before, the app stands for
// the password, for MEDIUM too; elsewhere, and without the wish, it is not offered.
func TestAdaptiveAuthentication(t *testing.T) {
	sys := startSystem(t)
	b := newBrowser(t, "adaptive", true)
	s := &story{t: t, sys: sys, v: b, phone: newSimPhone(t), who: anna("adaptive")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	const without = "Continue with the app, without the password"
	identify := func(v visitor) {
		v.open(sys.cpms.url + "/signin?to=/screen/home")
		v.fill("email", s.who.email)
		v.press("Next")
		v.sees(s.who.email)
	}
	b.press("Sign out")
	identify(b)
	if b.shows(without) {
		t.Error("offered to somebody who does not want it")
	}
	s.v.fill("password", s.who.password)
	s.v.fill("method", "app_pin")
	s.v.press("Sign in")
	s.approveOnPhone()
	b.sees("Welcome, guest")
	b.open(sys.idp.url + "/account/preferences")
	b.fill("adaptive", "on")
	b.look("wish")
	b.press("Save")
	b.sees("Your preferences were saved")
	b.press("Sign out")
	identify(b)
	b.look("offered")
	b.press(without)
	b.sees("Open the EU Login app")
	b.look("waiting")
	b.press("Use the password instead")
	b.sees("Choose your verification method")
	b.press(without)
	s.approveOnPhone()
	b.sees("Welcome, guest")
	s.completeProfile()
	s.submitRequest() // which cpms takes at MEDIUM only
	b.open(sys.idp.url + "/account/history")
	b.sees("Mobile app, without the password")

	stranger := newHTTPVisitor(t)
	identify(stranger)
	if stranger.shows(without) {
		t.Error("offered in a browser that nobody knows")
	}
	b.open(sys.idp.url + "/account")
	b.press("Sign out")
	identify(b)
	b.press(without)
	s.phone.deny()
	b.sees("It was denied on your phone")
}
