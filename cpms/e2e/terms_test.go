package e2e

import "testing"

// The texts in force and the older ones can be read by everybody; who accepted is not asked again,
// and who accepted only an older edition is.
func TestTermsInABrowser(t *testing.T) {
	sys := startSystem(t)
	v := newBrowser(t, "terms", true)
	v.open(sys.cpms.url + "/terms")
	v.sees("you keep what you learn confidential")
	v.look("terms")
	v.press("Privacy statement")
	v.sees("take a copy of everything that is stored about you")
	v.look("privacy")
	v.press("Version of 1 November 2026")
	v.sees("No longer in force")
	v.look("privacy-older")
	for _, lang := range []string{"de", "fr"} {
		v.open(sys.cpms.url + "/privacy?lang=" + lang)
		v.look("privacy-" + lang)
	}
	v.open(sys.cpms.url + "/privacy/version/1999?lang=en")
	v.sees("There is no such page")

	r := sys.requesterAt(t, "terms", v)
	v.open(sys.cpms.url + "/request/new")
	v.press("Submit access request")
	v.sees("accept the terms")
	r.step("not-accepted")
	r.asks("HP")
	v.open(sys.cpms.url + "/request/new")
	v.sees("you accepted the terms of use")
	r.step("accepted")
}
