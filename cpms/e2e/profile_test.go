package e2e

import "testing"

// Two windows save the same page: the second learns what the first saved, keeps what was typed,
// and decides. Every save can be read afterwards.
func TestVersionsOfAProfileInABrowser(t *testing.T) {
	sys := startSystem(t)
	v := newBrowser(t, "profile", true)
	r := sys.requesterAt(t, "versions", v)
	v.open(sys.cpms.url + "/profile/1")
	version := v.field("version")
	v.fill("department", "Eye clinic")
	v.press("Save as draft")
	v.open(sys.cpms.url + "/profile/1")
	eval[bool](v, `document.querySelector("input[name=version]").value = "`+version+`", true`) // the other window
	v.fill("department", "Genetics")
	v.press("Save as draft")
	v.sees("Your profile was saved in another window")
	v.sees("Department: Eye clinic")
	if v.field("department") != "Genetics" {
		t.Errorf("what was typed is lost: %q", v.field("department"))
	}
	r.step("elsewhere")
	v.fill("phone", "0470")
	v.press("Save as draft")
	v.sees("Write the number with +")
	v.fill("phone", "+32 2 123 45 67")
	v.press("Save as draft")
	v.open(sys.cpms.url + "/profile")
	v.sees("Versions of your profile")
	r.step("versions")
	v.press("Version 4")
	v.sees("before: Eye clinic")
	v.sees("Universitätsklinikum Freiburg")
	r.step("version")
	for _, lang := range []string{"de", "fr"} {
		v.open(sys.cpms.url + "/profile?lang=" + lang)
		r.step("versions-" + lang)
	}
	v.open(sys.cpms.url + "/profile/versions/99?lang=en")
	v.sees("There is no such version")
}
