package e2e

import "testing"

// agent makes an account with a phone and gives it the role.
func (s *system) agent(t *testing.T, name string, v visitor) *story {
	t.Helper()
	a := &story{t: t, sys: s, v: v, phone: newSimPhone(t), who: anna(name)}
	a.createAccount(s.idp.url + "/register")
	a.addDevice()
	s.operate("helpdesk", "grant", a.who.email)
	a.v.press("Sign out")
	return a
}

// atDesk signs an agent in and opens the person's page.
func (s *story) atDesk(email string) {
	s.t.Helper()
	s.v.open(s.sys.idp.url + "/helpdesk")
	s.signIn("app_pin")
	s.approveOnPhone()
	s.v.sees("Waiting for a second agent")
	s.step("helpdesk-desk")
	s.v.fill("email", email)
	s.v.press("Find")
	s.v.sees("Verification methods")
}

// Anna lost her phone and her password. She writes to the helpdesk by a mailed link; two agents
// make sure who she is; then the mailbox is enough for a new password, and the phone is given up
// without a wait.
func TestTwoAgentsHelpSomebodyWhoLostEverything(t *testing.T) {
	sys := startSystem(t)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna("locked")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	b := newBrowser(t, "helpdesk", true)
	eva, finn := sys.agent(t, "eva", b), sys.agent(t, "finn", newHTTPVisitor(t))

	s.v = newHTTPVisitor(t)
	s.v.open(sys.idp.url + "/helpdesk")
	s.signIn("app_pin")
	s.approveOnPhone()
	s.v.sees("There is no such page") // she is no agent: for her there is no such page

	ask := newBrowser(t, "helpdesk-ask", true)
	ask.open(sys.idp.url + "/helpdesk/ask")
	ask.look("ask")
	ask.fill("email", s.who.email)
	ask.press("Send me the link")
	ask.sees("Check your mail")
	ask.open(sys.await(s.who.email, "ask the helpdesk").link(t, "/helpdesk/write"))
	ask.look("write")
	ask.fill("text", "My phone fell into the lake, and I forgot my password.")
	ask.press("Send")
	ask.sees("Your question was sent")

	eva.atDesk(s.who.email)
	b.sees("My phone fell into the lake")
	b.press("Begin")
	b.sees("Please write something")
	b.fill("reason", "Seen in a video call with her identity card.")
	eva.step("helpdesk-person")
	b.press("Begin")
	b.sees("Now another agent has to confirm it")
	b.look("begun")
	if b.shows("Make sure yourself who") {
		t.Error("an agent can confirm alone")
	}
	finn.atDesk(s.who.email)
	finn.v.sees("Seen in a video call")
	finn.v.press("Confirm")
	finn.v.sees("It was confirmed")

	v := newHTTPVisitor(t)
	s.v = v
	v.open(sys.idp.url + "/password/lost")
	v.fill("email", s.who.email)
	v.press("Get a password")
	v.open(sys.await(s.who.email, "choose a new password").link(t, "/password/reset"))
	v.press("Continue")
	v.sees("New password")
	s.who.password = "Fresh Lake Water 9"
	v.fill("password", s.who.password)
	v.fill("confirm", s.who.password)
	v.press("Submit")
	v.sees("Your password was changed")
	v.open(sys.idp.url + "/lost-factor")
	s.giveUp()
	v.press("Remove all my verification methods")
	v.sees("You can start anew")
	s.phone = newSimPhone(t)
	v.open(sys.idp.url + "/account/devices/add")
	s.signIn("password")
	s.fillDevice()
	v.sees("has been initialised")
	sys.operate("helpdesk", "revoke", eva.who.email)
	b.open(sys.idp.url + "/helpdesk")
	b.sees("There is no such page")
}
