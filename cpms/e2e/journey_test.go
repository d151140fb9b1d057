package e2e

import (
	"testing"
	"time"

	"eulogin.example/proto/kit/backendtest"
)

// The 17 steps of domain.md §4.1 in headless Chromium; the phone is the web app in a browser
// of its own that scans the QR code with a camera. Every page is looked at, at three widths,
// and checked with axe.
func TestJourneyInABrowser(t *testing.T) {
	sys := startSystem(t)
	v := newBrowser(t, "journey", true)
	s := &story{t: t, sys: sys, v: v, phone: newWebPhone(t, sys.idp.url), who: anna("browser")}
	s.walk(newBrowser(t, "desk", true))
}

// The same with JavaScript off: nothing but the phone app needs it.
func TestJourneyWithoutJavaScript(t *testing.T) {
	sys := startSystem(t)
	v := newBrowser(t, "nojs", false)
	s := &story{t: t, sys: sys, v: v, phone: newSimPhone(t), who: anna("nojs")}
	s.walk(newBrowser(t, "nojs-desk", false))
}

// The same with nothing but HTTP and phonesim.
func TestJourneyWithPhonesim(t *testing.T) {
	sys := startSystem(t)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna("sim")}
	s.walk(newHTTPVisitor(t))
	if n := sys.count(s.who.email, "has been granted"); n != 1 {
		t.Errorf("%d mails say that access was granted", n)
	}
}

// The same on the production stores: PostgreSQL for what lasts, Redis for what expires.
func TestJourneyOnPostgreSQLAndRedis(t *testing.T) {
	redis := backendtest.RedisURL(t)
	sys := startSystem(t, "IDP_DATABASE="+backendtest.PostgresURL(t), "CPMS_DATABASE="+backendtest.PostgresURL(t), "IDP_EXPIRING="+redis, "CPMS_EXPIRING="+redis)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna("pg")}
	crashes := 0
	s.between = func(string) {
		if crashes++; crashes%5 == 0 {
			sys.idp.crash()
			sys.cpms.crash()
		}
	}
	s.walk(newHTTPVisitor(t))
}

// After every step of the journey one of the services is killed with SIGKILL and started
// again, in turns: the person goes on, nothing is lost, nothing happens twice.
func TestJourneyThroughCrashes(t *testing.T) {
	sys := startSystem(t)
	crashes := 0
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna("crash")}
	s.between = func(string) {
		if crashes++; crashes%2 == 0 {
			sys.idp.crash()
		} else {
			sys.cpms.crash()
		}
	}
	s.walk(newHTTPVisitor(t))
	time.Sleep(2 * time.Second) // anything that would be sent twice has been by now
	for what, want := range map[string]int{"You have been registered": 1, "has been received": 1, "has been granted": 1} {
		if n := sys.count(s.who.email, what); n != want {
			t.Errorf("%d mails with %q, want %d", n, what, want)
		}
	}
	if crashes < 20 {
		t.Errorf("only %d crashes", crashes)
	}
}

// One trace runs from the click in cpms through gRPC into idp.
func TestOneTraceFromClickToIDP(t *testing.T) {
	collected, endpoint := startCollector(t)
	sys := startSystem(t, "CPMS_OTLP_ENDPOINT="+endpoint, "IDP_OTLP_ENDPOINT="+endpoint)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna("trace")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	s.enterCPMS()
	s.completeProfile()
	s.submitRequest()
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		for _, services := range collected.services("idp.v1.Accounts/GetAssurance") {
			if services["cpms"] && services["idp"] {
				return
			}
		}
	}
	t.Fatalf("no trace has spans of both services: %v", collected.services("idp.v1.Accounts/GetAssurance"))
}

// A service asks for MEDIUM and the person has no factor: guided enrolment, then back to the
// same request.
func TestStepUpLeadsThroughEnrolment(t *testing.T) {
	sys := startSystem(t)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna("enrol")}
	v := s.v
	v.open(sys.cpms.url + "/signin?to=/request/new")
	v.press("Create an account")
	s.createAccount(v.url())
	v.sees("Submit access request") // on to the service that sent the person
	v.open(sys.cpms.url + "/profile/1")
	s.v.fill("professional_email", s.who.email)
	v.fill("country", "DE")
	v.fill("hospital", "de-02")
	v.press("Save and continue")
	v.fill("profession", "physician")
	v.fill("specialty", "Ophthalmology")
	v.fill("affiliation", "full_member")
	v.press("Save and finish")
	v.open(sys.cpms.url + "/request/new")
	v.fill("network", "ern-eye")
	v.fill("country", "DE")
	v.fill("hospital", "de-02")
	v.fill("role", "HP")
	v.fill("declaration", "on")
	v.fill("terms", "on")
	v.press("Submit access request")
	v.sees("Add a mobile device")
	v.press("Add a mobile device")
	s.fillDevice()
	v.sees("CPMS 2.0 asks for a second factor") // back in the same request
	v.press("Sign in")
	s.approveOnPhone()
	v.sees("Submit access request") // and back at the draft
	if v.field("justification") != "" || v.field("network") != "ern-eye" {
		t.Errorf("the draft is not what it was: network %q", v.field("network"))
	}
	v.press("Submit access request")
	v.sees("Your access request has been submitted")
}
