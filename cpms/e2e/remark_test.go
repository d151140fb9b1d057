package e2e

import "testing"

// Requester and coordinator talk about a request: what is for the desk stays there, a question
// and its answer stand between, and one mail tells each of them.
func TestAConversationInABrowser(t *testing.T) {
	sys := startSystem(t)
	r := sys.requester(t, "talk")
	r.asks("HP")
	eye := sys.atDesk(t, "ern-eye", newBrowser(t, "remarks", true))
	eye.inQueue(r.who.given)
	eye.v.press("Send the remark")
	eye.v.sees("Write your remark")
	eye.step("desk-empty")
	eye.v.fill("remark", "Ask the register whether this number is theirs.")
	eye.v.fill("private", "on")
	eye.v.press("Send the remark")
	eye.v.sees("Your remark has been sent")
	eye.v.sees("Desk only")
	eye.step("desk-private")
	eye.v.fill("remark", "Welcome! The first meeting is on Monday, https://example.org/agenda has the agenda.")
	eye.v.press("Send the remark")
	eye.v.sees("Welcome! The first meeting")
	sys.await(r.who.email, "A new remark about your access request")

	v := r.v
	v.reload()
	v.sees("Welcome! The first meeting")
	if v.shows("Ask the register") || v.shows("Desk only") {
		t.Error("the requester sees what is for the desk alone")
	}
	v.fill("remark", "Thank you.\nI will be <there>.")
	v.press("Send the remark")
	v.sees("Your remark has been sent")
	v.sees("I will be <there>.")
	mail := sys.await(eye.who.email, "A new remark about a request")
	eye.v.open(mail.link(t, "/desk/"))
	eye.v.sees("I will be <there>.")
	eye.v.fill("decision", "ask")
	eye.v.fill("text", "Which clinic do you work at?")
	eye.v.press("Send the decision")
	eye.v.sees("Access requests")
	v.reload()
	v.fill("answer", "The eye clinic.")
	v.press("Send the answer")
	v.sees("Your answer has been sent")
	eye.v.open(mail.link(t, "/desk/"))
	eye.v.sees("The eye clinic.")
	eye.step("desk-whole")
}
