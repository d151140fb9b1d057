package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

// One button for both services: Anna takes a copy of what EU Login and CPMS store, asks for her account
// to be deleted, keeps it by the link of the mail in a browser where nobody is signed in, asks again, and
// keeps it on the page.
func TestMyDataInBothServices(t *testing.T) {
	sys := startSystem(t)
	b := newBrowser(t, "mydata", true)
	s := &story{t: t, sys: sys, v: b, phone: newSimPhone(t), who: anna("data")}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	s.enterCPMS()
	s.completeProfile()
	b.open(sys.idp.url + "/account")
	b.press("My data")
	b.sees("A copy of my data")
	s.step("my-data")
	b.press("Read it as a page")
	b.sees("This is everything that was stored about you")
	b.sees("What CPMS stores")
	b.sees("Ophthalmology")
	s.step("copy")
	b.open(sys.idp.url + "/account/data")
	b.press("Delete my account …")
	b.sees("What is deleted")
	s.step("delete")
	b.press("Delete my account in seven days")
	b.sees("Tick the box if you are sure.")
	b.fill("sure", "on")
	b.press("Delete my account in seven days")
	b.sees("Your account will be deleted on")
	s.step("waits")
	mail := sys.await(s.who.email, "your account will be deleted")
	elsewhere := newBrowser(t, "keepaccount", true)
	e := &story{t: t, sys: sys, v: elsewhere}
	elsewhere.open(mail.link(t, "/erasure/"))
	elsewhere.sees("You need not be signed in")
	e.step("stop")
	elsewhere.press("Keep my account")
	elsewhere.sees("Your account stays")
	e.step("kept")
	sys.await(s.who.email, "your account stays")
	b.open(sys.idp.url + "/account/delete")
	b.fill("sure", "on")
	b.press("Delete my account in seven days")
	b.sees("You can keep it until then.")
	b.press("Keep my account")
	b.sees("Your account stays")
	elsewhere.open(sys.idp.url + "/erasure/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	elsewhere.sees("This link does not work")
}

// The file holds what both services store; without a proof that is fresh there is none.
func TestTheFileOfMyData(t *testing.T) {
	sys := startSystem(t)
	s := sys.requester(t, "file")
	s.asks("HP")
	v := s.v.(*httpVisitor)
	v.open(sys.idp.url + "/account/data")
	raw := []byte(v.answer("Download everything (JSON)"))
	var file struct {
		EULogin  map[string][]map[string]any `json:"eu_login"`
		Services map[string]struct {
			Tables map[string][]map[string]any `json:"tables"`
		} `json:"services"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatalf("%v: %.300s", err, raw)
	}
	if file.EULogin["accounts"][0]["email"] != s.who.email || len(file.EULogin["devices"]) != 1 || len(file.EULogin["sessions"]) == 0 {
		t.Errorf("%v", file.EULogin)
	}
	cpms := file.Services["CPMS"].Tables
	if len(cpms["requests"]) != 1 || cpms["requests"][0]["network"] != "ern-eye" || len(cpms["people"]) != 1 {
		t.Errorf("%v", cpms)
	}
	for _, not := range []string{"argon2", "pin_hash", "seed"} {
		if strings.Contains(string(raw), not) {
			t.Errorf("%s is in the file", not)
		}
	}
	stranger := newHTTPVisitor(t)
	for _, path := range []string{"/account/data", "/account/data/copy", "/account/delete"} {
		if status, to := stranger.ask("GET", sys.idp.url+path, "none", nil); status != 303 || !strings.Contains(to, "/login") {
			t.Errorf("%s, not signed in: %d %s", path, status, to)
		}
	}
}
