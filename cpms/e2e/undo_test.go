package e2e

import "testing"

// "This wasn't me" from the mail: a number that somebody added goes again, and whoever added it
// is signed out.
func TestThisWasNotMe(t *testing.T) {
	sys := startSystem(t)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna("undo")}
	s.createAccount(sys.idp.url + "/register")
	s.addNumber()
	mail := sys.await(s.who.email, "a verification method was added")
	owner := newBrowser(t, "undo", true) // reads the mail elsewhere, signed in nowhere
	owner.open(mail.link(t, "/undo/"))
	owner.sees("A verification method was added to your account")
	owner.look("ask")
	owner.press("This wasn’t me: undo it")
	owner.sees("The change was undone")
	owner.look("done")
	owner.open(mail.link(t, "/undo/"))
	owner.sees("That was undone already")
	owner.look("over")
	s.v.open(sys.idp.url + "/account/numbers")
	s.v.sees("E-mail address") // signed out
	s.signIn("password")
	s.v.sees("You have not registered any mobile phone number")
	sys.await(s.who.email, "a change was undone")
}
