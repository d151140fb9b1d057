package e2e

import (
	"strings"
	"testing"
)

// asksAsGuest submits a request for some days of guest access.
func (s *story) asksAsGuest(days string) {
	v := s.v
	v.open(s.sys.cpms.url + "/request/new")
	v.fill("network", "ern-eye")
	v.fill("country", "DE")
	v.fill("hospital", "guest")
	v.fill("role", "GUEST_USER")
	v.fill("justification", "I discuss one case with the network's experts and need to follow their advice.")
	v.fill("sponsor_name", "Elena Eyre")
	v.fill("sponsor_email", "elena@example.org")
	v.fill("duration_days", days)
	v.fill("declaration", "on")
	v.fill("terms", "on")
	v.press("Submit access request")
	v.sees("Your access request has been submitted")
}

// The rest of a grant's life: it ends soon and is extended, then the coordinator takes it back
// with a reason, and the person is signed out of both services at once.
func TestAccessIsExtendedAndTakenBack(t *testing.T) {
	sys := startSystem(t)
	r := sys.requester(t, "ext")
	r.asksAsGuest("10")
	who := r.who.given + " " + r.who.family
	eye := sys.atDesk(t, "ern-eye", newBrowser(t, "revoke", true))
	v := eye.v
	eye.inQueue(who)
	v.fill("decision", "approve")
	v.press("Send the decision")
	v.sees("The request has been approved")
	sys.await(r.who.email, "has been granted")

	r.v.open(sys.cpms.url + "/screen/home")
	r.v.sees("Ends soon")
	r.v.press("Ask for an extension")
	r.v.sees("Submit access request")
	r.v.fill("declaration", "on")
	r.v.sees("you accepted the terms of use")
	r.v.fill("duration_days", "60")
	r.v.press("Submit access request")
	r.v.sees("Your access request has been submitted")
	eye.inQueue(who)
	v.sees("This asks for more of access that the person has")
	eye.step("extension")
	v.fill("decision", "approve")
	v.press("Send the decision")
	v.sees("The request has been approved")
	sys.await(r.who.email, "goes on")
	r.v.open(sys.cpms.url + "/screen/home")
	r.v.sees("Extended")

	v.open(sys.cpms.url + "/desk?state=approved")
	v.press(who)
	v.sees("Take this access back")
	eye.step("given")
	v.press("Take the access back")
	v.sees("Write the reason.")
	eye.step("no-reason")
	v.fill("reason", "The case is closed.")
	v.press("Take the access back")
	v.sees("The access has been taken back")
	eye.step("taken-back")
	if mail := sys.await(r.who.email, "has been taken back"); !strings.Contains(mail.Text, "The case is closed.") {
		t.Errorf("no reason in %q", mail.Text)
	}
	r.signedOutOfBoth()
}

// signedOutOfBoth waits until neither service knows the person any more.
func (s *story) signedOutOfBoth() {
	s.t.Helper()
	eventually(s.t, "signed out of cpms", func() bool {
		s.v.open(s.sys.cpms.url + "/screen/home")
		return s.v.(*httpVisitor).shows("Sign in with EU Login")
	})
	eventually(s.t, "signed out of EU Login", func() bool {
		s.v.open(s.sys.idp.url + "/account")
		return s.v.(*httpVisitor).shows("E-mail address")
	})
}

// Somebody gives their access back, asks themselves once more whether they mean it, and is
// signed out; the coordinator reads who it was.
func TestAccessIsGivenBackInABrowser(t *testing.T) {
	sys := startSystem(t)
	b := newBrowser(t, "giveback", true)
	r := &story{t: t, sys: sys, v: b, phone: newSimPhone(t), who: anna("back")}
	r.createAccount(sys.idp.url + "/register")
	r.addDevice()
	r.enterCPMS()
	r.completeProfile()
	r.asks("HP")
	eye := sys.atDesk(t, "ern-eye", newHTTPVisitor(t))
	eye.inQueue(r.who.given)
	eye.v.fill("decision", "approve")
	eye.v.press("Send the decision")
	eye.v.sees("The request has been approved")
	b.open(sys.cpms.url + "/screen/home")
	b.press("Give this access back")
	b.sees("If you no longer need this access")
	r.step("ask")
	b.press("Keep it")
	b.sees("Your access")
	b.press("Give this access back")
	b.press("Give it back")
	sys.await(eye.who.email, "was given back")
	b.open(sys.cpms.url + "/screen/home")
	b.sees("Sign in with EU Login")
	r.step("signed-out")
}
