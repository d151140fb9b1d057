package e2e

import (
	"strings"
	"testing"
)

// The only phone is lost. The password and a mailed link lead to a wait that every channel can
// stop (none here: the operator set it to nothing); then everything goes, cpms suspends the
// access, and gives it back when there is a new second factor.
func TestALostFactorSuspendsAccessUntilThereIsANewOne(t *testing.T) {
	sys := startSystem(t, "IDP_LOST_FACTOR_MINUTES=0")
	b := newBrowser(t, "lost", true)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna("lost")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	s.enterCPMS()
	s.completeProfile()
	s.submitRequest()
	s.decide(newHTTPVisitor(t))
	s.granted()
	was := s.v

	s.v = b
	b.open(sys.cpms.url + "/signin?to=/screen/home")
	s.signIn("password")
	b.sees("ERN-EYE")
	b.open(sys.idp.url + "/lost-factor")
	b.sees("Lost second factor")
	b.look("start")
	s.giveUp()
	b.press("Send me the link")
	b.sees("We have sent you a mail")
	b.look("sent")
	b.open(sys.await(s.who.email, "your second factor is lost").link(t, "/lost-factor/link"))
	b.look("link")
	b.press("Begin the wait")
	b.sees("The wait has begun")
	b.look("started")
	stop := sys.await(s.who.email, "all your verification methods may be removed").link(t, "/lost-factor/stop/")
	b.open(stop)
	b.sees("Was this not you?")
	b.look("stop")
	b.open(sys.idp.url + "/lost-factor")
	s.giveUp()
	b.sees("You can now start anew")
	b.look("due")
	b.press("Remove all my verification methods")
	b.sees("You can start anew")
	b.look("done")
	sys.await(s.who.email, "all your verification methods were removed")
	b.open(stop)
	b.sees("There is nothing to go on with")
	b.look("over")
	was.open(sys.idp.url + "/account")
	was.sees("E-mail address") // signed out everywhere

	eventually(t, "cpms suspends the access", func() bool {
		b.open(sys.cpms.url + "/signin?to=/screen/home")
		if b.shows("E-mail address") {
			s.signIn("password")
		}
		return b.shows("Suspended until you have a second factor again")
	})
	sys.await(s.who.email, "Your access is suspended")
	s.phone = newSimPhone(t)
	b.open(sys.idp.url + "/account/devices/add")
	if b.shows("E-mail address") { // signed in by the password a moment ago, or not
		s.signIn("password")
	}
	s.fillDevice()
	b.sees("has been initialised")
	s.v = newHTTPVisitor(t)
	s.v.open(sys.cpms.url + "/signin?to=/screen/home")
	s.signIn("app_pin")
	s.approveOnPhone()
	s.v.sees("ERN-EYE")
	if s.v.shows("Suspended") {
		t.Error("the access is still suspended")
	}
}

// giveUp shows the password on the way to giving a lost factor up.
func (s *story) giveUp() {
	s.t.Helper()
	s.v.press("Continue with my password")
	s.signIn("password")
	if !strings.Contains(s.v.url(), "/lost-factor/case/") {
		s.t.Fatalf("the password leads to %s", s.v.url())
	}
}

// After ten wrong PINs nothing but the lost-factor path is left: the password alone enrols no
// other phone, and the mailbox alone sets no new password.
func TestNegativePasswordOrMailboxAloneAfterALostFactor(t *testing.T) {
	sys := startSystem(t)
	b := newBrowser(t, "locked-out", true)
	phone := newSimPhone(t)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: phone, who: anna("robbed")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	s.v.press("Sign out")
	s.v.open(sys.cpms.url + "/signin")
	s.signIn("app_pin")
	number := digits(s.v.text("#match-number"))
	for range 10 {
		phone.say("approve", "--number", number, "--pin", "0000")
	}
	sys.await(s.who.email, "disabled")
	s.v = b
	b.open(sys.idp.url + "/account/devices/add")
	s.signIn("password")
	b.sees("Your second factor is lost")
	b.look("signin")
	b.open(sys.idp.url + "/password/lost?email=" + s.who.email)
	b.press("Get a password")
	b.open(sys.await(s.who.email, "choose a new password").link(t, "/password/reset"))
	b.press("Continue")
	b.press("Continue")
	b.sees("Your second factor is lost")
	b.look("recover")
}
