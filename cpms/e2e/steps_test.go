package e2e

import (
	"regexp"
	"strings"
	"testing"
)

// story is one run of the journey: who walks it, at which computer, with which phone.
type story struct {
	t     *testing.T
	sys   *system
	v     visitor
	phone phone
	who   clinician
	// between runs after every step; the crash story kills a service there.
	between func(step string)
}

func (s *story) step(name string) {
	s.t.Helper()
	s.v.look(name)
	if s.between != nil {
		s.between(name)
	}
}

// createAccount is steps 1 to 3 of domain.md §4.1: form, mail, password.
func (s *story) createAccount() {
	v, who := s.v, s.who
	v.open(s.sys.idp.url + "/register")
	v.sees("Create an account")
	s.step("create-account")
	v.fill("given_name", who.given)
	v.fill("family_name", who.family)
	v.fill("email", who.email)
	v.fill("email_confirm", who.email)
	v.fill("mail_language", "en")
	v.fill("privacy", "on")
	v.press("Create an account")
	v.sees("Check your e-mail")
	s.step("check-your-mail")
	mail := s.sys.await(who.email, "You have been registered in EU Login")
	v.open(mail.link(s.t, "/register/confirm"))
	s.step("confirm-address")
	v.press("Continue")
	v.sees("New password")
	s.step("new-password")
	v.press("Generate other sample passwords")
	v.fill("password", who.password)
	v.fill("password_confirm", who.password)
	v.press("Submit")
	v.sees("My account")
	s.step("my-account")
}

// signIn is the two pages of steps 4 and 9, by password alone.
func (s *story) signIn() {
	s.v.fill("email", s.who.email)
	s.v.press("Next")
	s.v.sees(s.who.email)
	s.step("password")
	s.v.fill("password", s.who.password)
	s.v.press("Sign in")
}

// addNumber is step 5.
func (s *story) addNumber() {
	v := s.v
	v.open(s.sys.idp.url + "/account/numbers")
	v.sees("Manage my mobile phone numbers")
	s.step("numbers-none")
	v.open(s.sys.idp.url + "/account/numbers/add")
	v.fill("number", s.who.number)
	s.step("number-add")
	v.press("Add")
	v.sees("Text message challenge code")
	s.step("number-challenge")
	sms := s.sys.await(strings.ReplaceAll(s.who.number, " ", ""), "-")
	v.fill("code", sms.code(s.t, `[0-9A-Za-z]{3}-[0-9A-Za-z]{3}-[0-9A-Za-z]{3}`))
	v.press("Add")
	v.sees("Number successfully registered")
	s.step("number-registered")
}

// addDevice is steps 6 and 7: name and PIN on the computer, QR code, the app on the phone.
func (s *story) addDevice() {
	v := s.v
	v.open(s.sys.idp.url + "/account/devices")
	v.sees("Manage my mobile devices")
	s.step("devices-none")
	v.open(s.sys.idp.url + "/account/devices/add")
	v.fill("name", "Anna's phone")
	v.fill("pin", s.who.pin)
	v.fill("pin_confirm", s.who.pin)
	s.step("device-add")
	v.press("Submit")
	v.sees("Initialise")
	s.step("device-qr")
	s.phone.initialise(v, s.who.pin)
	v.sees("has been initialised")
	s.step("device-initialised")
}

var matching = regexp.MustCompile(`^\d{2}$`)

// approveOnPhone is step 10: the number on the page, typed into the phone; the page goes on
// by itself.
func (s *story) approveOnPhone() {
	s.t.Helper()
	s.v.sees("Open the EU Login app")
	number := digits(s.v.text("#match-number"))
	if !matching.MatchString(number) {
		s.t.Fatalf("the page shows no number to match: %q", number)
	}
	s.step("waiting-for-phone")
	s.phone.approve(number, s.who.pin)
}

// signInWithApp is steps 8 to 10 at cpms.
func (s *story) signInWithApp() {
	v := s.v
	v.open(s.sys.cpms.url + "/screen/home")
	v.sees("Sign in with EU Login")
	s.step("cpms-home")
	v.press("Sign in with EU Login")
}
