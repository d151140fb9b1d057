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
	v.sees("CPMS 2.0 asks who you are")
	v.sees("your e-mail address")
	v.look("before-release")
	v.press("Cancel")
	v.sees("Sign in with EU Login")
	v.open(sys.cpms.url + "/signin?to=/profile/1")
	v.press("Continue")
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
