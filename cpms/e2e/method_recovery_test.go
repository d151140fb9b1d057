package e2e

import (
	"regexp"
	"strings"
	"testing"
)

// Issued, shown once, used where factors are managed, replaced; and good for no service.
func TestMethodRecoveryCodes(t *testing.T) {
	sys := startSystem(t)
	b := newBrowser(t, "recovery", true)
	s := &story{t: t, sys: sys, v: b, phone: newSimPhone(t), who: anna("recovery")}
	v := s.v
	s.createAccount(sys.idp.url + "/register")
	first := s.issueCodes()
	b.printed("codes-on-paper")
	sys.await(s.who.email, "Recovery code was added")
	b.reload() // the form is sent again: nothing is issued, nothing shown
	v.sees("These codes were shown already")
	s.step("codes-again")
	v.press("I have kept the codes")
	v.sees("10 of 10")
	s.step("codes-show")
	s.addDevice()
	v.press("Sign out")
	v.open(sys.cpms.url + "/signin?to=/screen/home")
	v.sees("E-mail address")
	v.fill("email", s.who.email)
	v.press("Next")
	v.sees("Choose your verification method")
	if v.shows("Recovery code") {
		t.Error("a service accepts a recovery code")
	}
	v.open(sys.idp.url + "/account/devices/add")
	s.signIn("recovery_code")
	v.sees("Type one of the recovery codes")
	s.step("signin-recovery")
	s.answer("0000-0000-0000-0000")
	v.sees("Tries left: 4")
	s.answer(strings.ToLower(first[0]))
	v.sees("Add a mobile device")
	sys.await(s.who.email, "one of your recovery codes was used")
	s.isAskedByCPMS()
	second := s.issueCodes()
	v.press("I have kept the codes")
	v.press("Sign out")
	v.open(sys.idp.url + "/account/devices/add")
	s.signIn("recovery_code")
	for _, gone := range []string{first[0], first[1]} { // used, and replaced
		s.answer(gone)
		v.sees("That is not the right code")
	}
	s.answer(second[9])
	v.sees("Add a mobile device")
	v.open(sys.idp.url + "/account/recovery-codes")
	v.sees("9 of 10")
	v.press("Sign out")
	v.open(sys.idp.url + "/account/devices/add")
	s.signIn("recovery_code")
	s.exhaust(func() string { return "0000-0000-0000-0000" })
	v.press("Sign in") // the method is still chosen
	s.answer(second[8])
	v.sees("Add a mobile device")
	v.open(sys.idp.url + "/account/recovery-codes")
	v.press("Remove the codes")
	v.sees("Remove your recovery codes?")
	s.step("codes-remove")
	v.press("Remove the codes")
	v.sees("The recovery codes no longer work")
	v.press("Sign out")
	v.open(sys.idp.url + "/account/devices/add")
	v.sees("E-mail address")
	s.signIn("recovery_code")
	v.sees("“Recovery code” is not added to your account")
}

// isAskedByCPMS submits a request, which wants two factors: what a recovery code opened counts
// for nothing there.
func (s *story) isAskedByCPMS() {
	s.t.Helper()
	v := s.v
	v.open(s.sys.cpms.url + "/signin?to=/screen/home")
	s.completeProfile()
	v.open(s.sys.cpms.url + "/request/new")
	for name, value := range map[string]string{"network": "ern-eye", "country": "DE", "hospital": "de-02", "role": "HP", "declaration": "on", "terms": "on"} {
		v.fill(name, value)
	}
	v.press("Submit access request")
	v.sees("Choose your verification method")
	if v.shows("Recovery code") || v.shows("has been submitted") {
		s.t.Errorf("cpms accepts a recovery code: %s", v.text("main"))
	}
}

// issueCodes gets ten codes from My account and gives them.
func (s *story) issueCodes() []string {
	s.t.Helper()
	v := s.v
	v.open(s.sys.idp.url + "/account/recovery-codes/new")
	v.sees("Get recovery codes")
	s.step("codes-new")
	v.press("Show my new codes")
	v.sees("Your recovery codes")
	s.step("codes-issued")
	codes := regexp.MustCompile(`\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b`).FindAllString(v.text("main"), -1)
	if len(codes) != 10 {
		s.t.Fatalf("%d codes", len(codes))
	}
	return codes
}
