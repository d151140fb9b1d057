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
	codes   map[string]bool // codes of text messages that were typed already
}

func (s *story) step(name string) {
	s.t.Helper()
	s.v.look(name)
	if s.between != nil {
		s.between(name)
	}
}

// createAccount is steps 1 to 3 of domain.md §4.1: form, mail, password.
func (s *story) createAccount(from string) {
	s.createPassword(from)
	s.v.press("Proceed")
}

// createPassword is the same, up to the page that says that the account is ready.
func (s *story) createPassword(from string) {
	v, who := s.v, s.who
	v.open(from)
	v.sees("Create an account")
	s.step("create-account")
	v.fill("given", who.given)
	v.fill("family", who.family)
	v.fill("email", who.email)
	v.fill("email_again", who.email)
	v.fill("mail_lang", "en")
	v.fill("privacy", "on")
	v.press("Create an account")
	v.sees("Check your mail")
	s.step("check-your-mail")
	mail := s.sys.await(who.email, "You have been registered in EU Login")
	v.open(mail.link(s.t, "/register/confirm"))
	v.sees("Confirm your e-mail address")
	s.step("confirm-address")
	v.press("Create your password")
	v.sees("New password")
	s.step("new-password")
	v.nudge("Generate other sample passwords")
	v.fill("password", who.password)
	v.fill("confirm", who.password)
	v.press("Submit")
	v.sees("Your account is ready")
	s.step("account-ready")
}

// signIn is the two pages of steps 4 and 9. method is the choice in the list.
func (s *story) signIn(method string) {
	s.v.sees("E-mail address")
	s.step("sign-in-email")
	s.v.fill("email", s.who.email)
	s.v.press("Next")
	s.v.sees(s.who.email)
	s.step("sign-in-password")
	s.v.fill("password", s.who.password)
	s.v.fill("method", method)
	s.v.press("Sign in")
}

// addNumber is step 5.
func (s *story) addNumber() {
	v := s.v
	v.open(s.sys.idp.url + "/account/numbers")
	v.sees("Manage my mobile phone numbers")
	s.step("numbers-none")
	v.press("Add a mobile phone number")
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
	v.press("Add a mobile device")
	s.byTextMessageIfAsked(s.who.number) // a registered number is a factor, where text messages are on
	s.fillDevice()
	v.sees("has been initialised")
	s.step("device-initialised")
}

// fillDevice goes on from the form of a new device.
func (s *story) fillDevice() {
	v := s.v
	v.sees("Add a mobile device")
	v.fill("name", "Anna's phone")
	v.fill("pin", s.who.pin)
	v.fill("pin_again", s.who.pin)
	s.step("device-add")
	v.press("Submit")
	v.sees("Initialise the app")
	s.step("device-qr")
	s.phone.initialise(v, s.who.pin)
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

// enterCPMS is steps 8 to 11: cpms's home, the sign-in with the app, and the home of a guest.
func (s *story) enterCPMS() {
	v := s.v
	v.press("Sign out")
	v.sees("You are signed out")
	s.step("signed-out")
	v.open(s.sys.cpms.url + "/screen/home")
	v.sees("Sign in with EU Login")
	s.step("cpms-home")
	v.press("Sign in with EU Login")
	s.signIn("app_pin")
	s.approveOnPhone()
	v.sees("Welcome, guest")
	s.step("cpms-guest-home")
}

// completeProfile is steps 11 to 13.
func (s *story) completeProfile() {
	v := s.v
	v.press("Complete your profile")
	v.sees("Guest Profile")
	s.step("guest-profile")
	v.press("Complete Profile")
	v.sees("you and your hospital")
	v.fill("professional_email", s.who.email)
	v.fill("country", "DE")
	v.fill("hospital", "de-02")
	s.step("complete-profile-1")
	v.press("Save and continue")
	v.sees("your profession")
	v.fill("profession", "physician")
	v.fill("specialty", "Ophthalmology")
	v.fill("affiliation", "full_member")
	v.fill("orpha_codes", "791, 98")
	v.fill("networks", "ern-eye,ern-ithaca")
	v.fill("languages", "en,de")
	s.step("complete-profile-2")
	v.press("Save and finish")
	v.sees("Profile completed")
}

// submitRequest is step 14. The draft survives a step-up on the way.
func (s *story) submitRequest() {
	v := s.v
	v.open(s.sys.cpms.url + "/request/new")
	v.sees("Submit access request")
	v.fill("network", "ern-eye")
	v.fill("country", "DE")
	v.fill("hospital", "de-02")
	v.fill("role", "HP")
	v.fill("justification", "I treat people with rare eye diseases and want the network's advice.")
	v.fill("declaration", "on")
	v.fill("terms", "on")
	s.step("submit-access-request")
	v.press("Submit access request")
	v.sees("Your access request has been submitted")
	s.step("request-submitted")
	s.sys.await(s.who.email, "has been received")
}

// decide is step 15: the coordinator, at a computer and with a phone of their own.
func (s *story) decide(v visitor) {
	c, phone := s.sys.coordinatorOf(s.t, "ern-eye")
	desk := &story{t: s.t, sys: s.sys, v: v, phone: phone, between: s.between, who: clinician{email: c.Email, password: c.Password, pin: c.PIN}}
	v.open(s.sys.cpms.url + "/desk")
	desk.signIn("app_pin")
	desk.approveOnPhone()
	v.sees("Access requests")
	desk.step("desk-queue")
	v.press(s.who.given + " " + s.who.family)
	v.sees("Your decision")
	desk.step("desk-request")
	v.fill("decision", "approve")
	v.press("Send the decision")
	v.sees("The request has been approved")
	desk.step("desk-decided")
}

// granted is steps 16 and 17.
func (s *story) granted() {
	s.sys.await(s.who.email, "has been granted")
	s.v.open(s.sys.cpms.url + "/screen/home")
	s.v.sees("Your access")
	s.v.sees("ERN-EYE")
	s.step("cpms-access-granted")
	s.v.open(s.sys.cpms.url + "/trail")
	s.v.sees("Who looked at my data")
	s.step("cpms-who-looked")
}

// walk is the whole journey.
func (s *story) walk(coordinator visitor) {
	s.createAccount(s.sys.idp.url + "/register")
	s.v.sees("My account")
	s.step("my-account")
	s.addNumber()
	s.addDevice()
	s.enterCPMS()
	s.completeProfile()
	s.submitRequest()
	s.decide(coordinator)
	s.granted()
}
