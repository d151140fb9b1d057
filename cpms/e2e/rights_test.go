package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

// Somebody reads everything that is stored about them, and takes it as a file; without two factors
// shown just now nobody does.
func TestACopyOfOnesDataInABrowser(t *testing.T) {
	sys := startSystem(t)
	r := sys.requesterAt(t, "copy", newBrowser(t, "copy", true))
	r.asks("HP")
	eye := sys.atDesk(t, "ern-eye", newHTTPVisitor(t))
	eye.inQueue(r.who.given)
	eye.v.fill("remark", "Is known to us from the congress.")
	eye.v.fill("private", "on")
	eye.v.press("Send the remark")
	eye.v.sees("Your remark has been sent")
	r.v.open(sys.cpms.url + "/privacy")
	r.v.press("A copy of everything that is stored about you")
	r.v.sees("A copy of your data")
	r.v.sees("Is known to us from the congress.")
	r.v.sees("Versions of your profile")
	r.v.sees("Specialty: Ophthalmology")
	r.step("copy")
	for _, lang := range []string{"de", "fr"} {
		r.v.open(sys.cpms.url + "/privacy/export?lang=" + lang)
		r.step("copy-" + lang)
	}

	again := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: r.phone, who: r.who}
	again.v.open(sys.cpms.url + "/privacy/export")
	again.signIn("password")
	again.v.sees("this needs two factors")
	if again.v.shows("A copy of your data") {
		t.Error("a password alone was enough")
	}
	again.v.fill("method", "app_pin")
	again.v.press("Sign in")
	again.approveOnPhone()
	again.v.sees("A copy of your data")
	var file struct {
		Tables map[string][]map[string]any `json:"tables"`
	}
	raw := again.v.(*httpVisitor).answer("Take all of it as a file")
	if err := json.Unmarshal([]byte(raw), &file); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	if len(file.Tables["people"]) != 1 || file.Tables["people"][0]["email"] != r.who.email || len(file.Tables["profile_versions"]) != 2 || len(file.Tables["sessions"]) < 2 || !strings.Contains(raw, "from the congress") {
		t.Errorf("%s", raw)
	}
}
