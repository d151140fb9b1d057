package e2e

import (
	"strings"
	"testing"
)

// cpms itself is the careful service: the binary that is tested everywhere else, with the issuer of the check,
// gets full marks.
func TestIntegrationCheckOfACarefulService(t *testing.T) {
	sys := startSystem(t)
	r := rehearse(t, sys, "cpms", sys.metadataOf("cpms"))
	sys.cpms.env = append(sys.cpms.env, "CPMS_ISSUER="+r.issuer())
	sys.cpms.crash()
	r.begin()
	got := r.through(func() bool {
		v := newHTTPVisitor(t)
		v.open(sys.cpms.url + "/stepup?to=/screen/home")
		v.open(sys.cpms.url + "/screen/home")
		return v.shows("Welcome, guest")
	})
	for _, c := range got.Cases {
		switch {
		case c.Case == "userinfo-sub": // cpms does not ask userinfo
			if c.Verdict != "skipped" {
				t.Errorf("%s: %s", c.Case, c.Verdict)
			}
		case c.Case == "at-hash": // nor does it use the access token
		case c.Verdict != "passed":
			t.Errorf("%s: %s", c.Case, c.Verdict)
		}
	}
	if !got.Full || got.Score.Failed != 0 || got.Score.Open != 0 {
		t.Errorf("%+v", got.Score)
	}
}

// A service that looks at nothing is caught at every case, and the page tells its developer what to do.
func TestIntegrationCheckOfACarelessService(t *testing.T) {
	sys := startSystem(t)
	c := newCareless(t, sys)
	b := newBrowser(t, "integration", true)
	s := &story{t: t, sys: sys, v: b}
	s.v.open(sys.idp.url + "/integration")
	s.v.sees("Does your service look at what it gets from us?")
	s.step("about")
	s.v.fill("client_id", "careless")
	s.v.fill("client_assertion", c.r.assertion())
	s.v.press("Begin")
	s.v.sees("Integration check of A careless service")
	s.v.sees("0 of ")
	page := s.v.url()
	c.r.run, c.r.page = page[strings.LastIndex(page, "/")+1:], page
	s.v.press("Play") // the first case: everything is right
	s.v.sees("Now playing: Everything is right")
	s.step("playing")
	s.v.open(s.v.attr(".notification a", "href"))
	s.v.sees("Welcome, integration.check@example.org")
	s.v.open(page)
	s.v.sees("1 of ")

	got := c.r.through(func() bool {
		v := newHTTPVisitor(t)
		v.open(c.base + "/login")
		return v.shows("Welcome")
	})
	good := map[string]bool{"good": true, "rotation": true, "extras": true, "logout-good": true}
	for _, k := range got.Cases {
		want := "failed"
		if good[k.Case] {
			want = "passed"
		}
		if k.Verdict != want {
			t.Errorf("%s: %s", k.Case, k.Verdict)
		}
	}
	if got.Full || got.Score.Passed != len(good) || got.Score.Advice != 3 {
		t.Errorf("%+v", got.Score)
	}
	s.v.open(page)
	s.v.sees("Compare iss with the issuer that you asked")
	s.step("careless")
	for _, lang := range []string{"fr", "de"} { // longer words
		s.v.open(page + "?lang=" + lang)
		s.step("careless-" + lang)
	}
}
