package e2e

import "testing"

// A sponsor who has no account opens the link of the mail, is asked, answers, and cannot answer
// again; the coordinator reads it beside the request.
func TestASponsorVouchesInABrowser(t *testing.T) {
	sys := startSystem(t)
	r := sys.requester(t, "spo")
	r.asksAsGuest("30")
	mail := sys.await("elena@example.org", r.who.given)
	b := newBrowser(t, "sponsor", true)
	s := &story{t: t, sys: sys, v: b}
	link := mail.link(t, "/referee/")
	b.open(link)
	b.sees("Do you vouch for this person?")
	b.sees(r.who.given + " " + r.who.family)
	s.step("asked")
	b.press("Send my answer")
	b.sees("Choose an answer.")
	s.step("nothing-chosen")
	b.fill("answer", "vouch")
	b.fill("words", "We have treated two families together.")
	b.press("Send my answer")
	b.sees("You confirmed the request")
	s.step("confirmed")
	b.open(link)
	b.sees("The link does not work again")
	sys.await(r.who.email, "confirmed your request")
	b.open(sys.cpms.url + "/referee/" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	b.sees("This link does not work")
	s.step("wrong")
	eye := sys.atDesk(t, "ern-eye", newBrowser(t, "sponsored", true))
	eye.inQueue(r.who.given)
	eye.v.sees("We have treated two families together.")
	eye.step("request")
}
