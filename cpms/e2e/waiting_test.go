package e2e

import "testing"

// Who waits sees since when, and after five decisions of the network how long it usually takes;
// and writes to the coordinators from the same page.
func TestWaitingInABrowser(t *testing.T) {
	sys := startSystem(t)
	for _, tag := range []string{"wa", "wb", "wc", "wd", "we"} {
		sys.requester(t, tag).asks("HP")
	}
	r := sys.requesterAt(t, "wf", newBrowser(t, "waiting", true))
	r.asks("HP")
	r.v.sees("With the coordinators since")
	if r.v.shows("Usually decided within") {
		t.Error("numbers before the fifth decision")
	}
	r.step("nothing-usual")
	eye := sys.atDesk(t, "ern-eye", newHTTPVisitor(t))
	for _, tag := range []string{"Annawa", "Annawb", "Annawc", "Annawd", "Annawe"} {
		eye.inQueue(tag)
		eye.v.fill("decision", "approve")
		eye.v.press("Send the decision")
		eye.v.sees("The request has been approved")
	}
	r.v.reload()
	r.v.sees("Usually decided within")
	r.v.sees("nine of ten")
	r.v.press("Send the remark")
	r.v.sees("Write your remark")
	r.v.fill("remark", "Is there anything else that you need from me?")
	r.v.press("Send the remark")
	r.v.sees("Your remark has been sent")
	r.step("usual")
	for _, lang := range []string{"de", "fr"} {
		r.v.open(r.v.url() + "&lang=" + lang)
		r.step("usual-" + lang)
	}
}
