package e2e

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // where a machine has no zone files
)

// atDesk signs one of the two coordinators in at the desk, at a computer and with a phone of
// their own.
func (s *system) atDesk(t *testing.T, name string, v visitor) *story {
	t.Helper()
	c, phone := s.coordinatorOf(t, name)
	desk := &story{t: t, sys: s, v: v, phone: phone, who: clinician{email: c.Email, password: c.Password, pin: c.PIN}}
	v.open(s.cpms.url + "/desk")
	desk.signIn("app_pin")
	desk.approveOnPhone()
	v.sees("Access requests")
	return desk
}

// requester is somebody with a complete profile and a second factor, over plain HTTP.
func (s *system) requester(t *testing.T, tag string) *story {
	t.Helper()
	return s.requesterAt(t, tag, newHTTPVisitor(t))
}

// requesterAt is the same at a computer of one's own choice.
func (s *system) requesterAt(t *testing.T, tag string, v visitor) *story {
	t.Helper()
	r := &story{t: t, sys: s, v: v, phone: newSimPhone(t), who: anna(tag)}
	r.who.given = "Anna" + tag
	r.createAccount(s.idp.url + "/register")
	r.addDevice()
	r.enterCPMS()
	r.completeProfile()
	return r
}

// asks submits a request for a role.
func (s *story) asks(role string) {
	v := s.v
	v.open(s.sys.cpms.url + "/request/new")
	v.fill("network", "ern-eye")
	v.fill("country", "DE")
	v.fill("hospital", "de-02")
	v.fill("role", role)
	v.fill("justification", "I treat people with rare eye diseases and want the network's advice.")
	v.fill("declaration", "on")
	v.fill("terms", "on")
	v.press("Submit access request")
	v.sees("Your access request has been submitted")
}

func (s *story) inQueue(person string) {
	s.v.open(s.sys.cpms.url + "/desk")
	s.v.press(person)
	s.v.sees("Your decision")
}

// Two coordinators and a role of power: the first approval is not enough, the same person's
// second is none, and the other's gives the role.
func TestFourEyesInABrowser(t *testing.T) {
	sys := startSystem(t)
	r := sys.requester(t, "four")
	r.asks("RESEARCHER")
	who := r.who.given + " " + r.who.family
	all := sys.atDesk(t, "all", newHTTPVisitor(t))
	eye := sys.atDesk(t, "ern-eye", newBrowser(t, "foureyes", true))
	eye.v.fill("q", r.who.given)
	eye.v.press("Show")
	eye.v.sees(who)
	eye.step("search")
	eye.inQueue(who)
	eye.v.sees("two different coordinators")
	eye.step("needs-two")
	eye.v.fill("decision", "approve")
	eye.v.press("Send the decision")
	eye.v.sees("a second coordinator must approve as well")
	eye.step("first-approval")
	eye.inQueue(who)
	eye.v.sees("A first coordinator has approved")
	eye.step("approved-once")
	eye.v.fill("decision", "approve")
	eye.v.press("Send the decision")
	eye.v.sees("Another coordinator must approve")
	eye.step("not-twice")
	sys.await(all.who.email, "A second approval")
	all.inQueue(who)
	all.v.fill("decision", "approve")
	all.v.press("Send the decision")
	all.v.sees("The request has been approved")
	sys.await(r.who.email, "has been granted")
}

// today is the day where the pages are read, which in Brussels begins before ours.
func today(t *testing.T) time.Time {
	t.Helper()
	brussels, err := time.LoadLocation("Europe/Brussels")
	if err != nil {
		t.Fatal(err)
	}
	return time.Now().In(brussels)
}

// A coordinator goes away and names a deputy, who decides in their place until it is ended.
func TestADeputyInABrowser(t *testing.T) {
	sys := startSystem(t)
	member := sys.requester(t, "dep")
	member.asks("HP")
	eye := sys.atDesk(t, "ern-eye", newBrowser(t, "deputy", true))
	eye.inQueue(member.who.given)
	eye.v.fill("decision", "approve")
	eye.v.press("Send the decision")
	eye.v.sees("The request has been approved")
	eye.v.press("Deputies")
	eye.v.sees("No deputy is named")
	eye.step("deputies-none")
	eye.v.fill("email", "nobody@example.org")
	eye.v.fill("from", today(t).Format(time.DateOnly))
	eye.v.fill("until", today(t).AddDate(0, 0, 200).Format(time.DateOnly))
	eye.v.press("Name the deputy")
	eye.v.sees("The last day must follow the first")
	eye.step("deputy-refused")
	eye.v.fill("email", member.who.email)
	eye.v.fill("until", today(t).AddDate(0, 0, 7).Format(time.DateOnly))
	eye.v.press("Name the deputy")
	eye.v.sees("The deputy has been named")
	eye.step("deputy-named")
	sys.await(member.who.email, "You are a deputy for")
	sys.await(eye.who.email, "Your deputy for")

	other := sys.requester(t, "oth")
	other.asks("HP")
	member.inQueue(other.who.given)
	member.v.fill("decision", "approve")
	member.v.press("Send the decision")
	member.v.sees("The request has been approved")
	sys.await(other.who.email, "has been granted")
	eye.v.press("End now")
	eye.v.sees("has ended")
	sys.await(member.who.email, "You are no longer a deputy")
	member.v.open(sys.cpms.url + "/desk")
	member.v.sees("This is the desk of the coordinators")
}

// Several requests are approved at once: the page says what will happen, each gets its result,
// and one is undone before any mail has gone out.
func TestSeveralDecisionsInABrowser(t *testing.T) {
	sys := startSystem(t)
	first, second := sys.requester(t, "one"), sys.requester(t, "two")
	first.asks("HP")
	second.asks("RESEARCHER")
	eye := sys.atDesk(t, "ern-eye", newBrowser(t, "several", true))
	v := eye.v.(*browser)
	v.press("Approve the selected")
	v.sees("Nothing was selected")
	v.open(sys.cpms.url + "/desk")
	eval[bool](v, `document.querySelectorAll("input[name=item]").forEach(e => e.click()), true`)
	eye.step("ticked")
	v.press("Approve the selected")
	v.sees("Nothing has been decided yet")
	v.sees("First of two approvals")
	eye.step("preview")
	v.press("Decide about 2 requests")
	v.sees("The decisions have been made")
	eye.step("results")
	first.v.open(sys.cpms.url + "/screen/home")
	first.v.sees("Opens in a few minutes")
	v.press("Undo all")
	v.sees("What could be undone has been undone")
	eye.step("undone")
	first.v.open(sys.cpms.url + "/screen/home")
	first.v.sees("Submitted")
	if n := sys.count(first.who.email, "has been granted"); n != 0 {
		t.Errorf("%d mails told of what was undone", n)
	}
}

// The numbers of the desk, and the list as a file, which the person concerned hears of.
func TestNumbersAndFilesInABrowser(t *testing.T) {
	sys := startSystem(t)
	r := sys.requester(t, "num")
	r.asks("HP")
	eye := sys.atDesk(t, "ern-eye", newBrowser(t, "numbers", true))
	eye.step("queue")
	eye.v.press("Statistics")
	eye.v.sees("Requests of the last 12 months")
	eye.step("statistics")
	for _, lang := range []string{"de", "fr"} { // the longest words
		eye.v.open(sys.cpms.url + "/desk?lang=" + lang)
		eye.step("queue-" + lang)
		eye.v.open(sys.cpms.url + "/desk/statistics")
		eye.step("statistics-" + lang)
		eye.v.open(sys.cpms.url + "/desk/deputies")
		eye.step("deputies-" + lang)
	}
	plain := sys.atDesk(t, "all", newHTTPVisitor(t)).v.(*httpVisitor)
	file := plain.answer("Export this list")
	if !strings.HasPrefix(file, "\ufeffReference,Network,Role,State,Name,") || strings.Count(file, "\r\n") != 2 || !strings.Contains(file, r.who.email) {
		t.Errorf("%q", file)
	}
	r.v.open(sys.cpms.url + "/trail")
	r.v.sees("Took your request out in a file")
}
