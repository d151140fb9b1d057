package e2e

import (
	"strings"
	"testing"
)

// Two browsers: what is open in the other one is seen and ended, a failed attempt stands in
// the history, and "this wasn't me" ends everything else.
func TestSessionsAndHistory(t *testing.T) {
	sys := startSystem(t)
	s := &story{t: t, sys: sys, v: newBrowser(t, "activity", true), phone: newSimPhone(t), who: anna("activity")}
	s.createAccount(sys.idp.url + "/register")
	first := s.v
	other := newHTTPVisitor(t)
	s.v = other
	other.open(sys.idp.url + "/account")
	s.who.password = "Wrong-Tulips 26"
	s.signIn("password")
	other.sees("do not belong together")
	s.who.password = anna("activity").password
	other.fill("password", s.who.password)
	other.press("Sign in")
	other.sees("My account")
	first.open(sys.idp.url + "/account/sessions")
	first.sees("This browser")
	first.look("sessions")
	if n := strings.Count(first.text("main"), "127.0.0.1"); n != 2 {
		t.Errorf("%d sessions are listed: %s", n, first.text("main"))
	}
	first.press("Sign out everywhere else")
	first.sees("All other sessions were ended")
	other.open(sys.idp.url + "/account")
	other.sees("E-mail address")
	first.open(sys.idp.url + "/account/history")
	first.sees("Wrong password")
	first.look("history")
	first.press("This wasn’t me")
	first.sees("somebody else may know it")
	first.look("not-me")
	first.press("Sign out all others and change my password")
	first.sees("New password")
	sys.await(s.who.email, "You reported that a sign-in")
}
