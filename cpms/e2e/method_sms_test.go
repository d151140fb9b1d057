package e2e

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

var smsCode = regexp.MustCompile(`[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}`)

// texted waits for a new sign-in code at a number.
func (s *story) texted(number string) string {
	s.t.Helper()
	if s.codes == nil {
		s.codes = map[string]bool{}
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		for _, l := range s.sys.letters(strings.ReplaceAll(number, " ", "")) {
			if code := smsCode.FindString(l.Text); code != "" && !s.codes[code] && strings.Contains(l.Text, "code to sign in") {
				s.codes[code] = true
				return code
			}
		}
	}
	s.t.Fatalf("no text message for %s", number)
	return ""
}

// byTextMessageIfAsked shows the number as second factor where the page asks for one.
func (s *story) byTextMessageIfAsked(number string) {
	s.t.Helper()
	if !s.v.shows("Verification method") {
		return
	}
	s.v.fill("method", "sms")
	s.v.press("Sign in")
	s.v.sees("Text message challenge")
	s.answer(s.texted(number))
}

func TestMethodTextMessage(t *testing.T) {
	sys := startSystem(t)
	s := &story{t: t, sys: sys, v: newBrowser(t, "sms", true), who: anna("sms")}
	v := s.v
	s.createAccount(sys.idp.url + "/register")
	s.addNumber()
	first := s.who.number
	s.who.number = "+32 470 99 88 77"
	v.press("Add a mobile phone number")
	s.byTextMessageIfAsked(first) // a factor is managed with the factor that is there
	v.fill("number", s.who.number)
	v.press("Add")
	v.sees("Text message challenge code")
	v.fill("code", sys.await("+32470998877", "-").code(t, smsCode.String()))
	v.press("Add")
	v.sees("Number successfully registered")
	s.atCPMS("sms")
	v.sees("up to 8 minutes")
	v.sees("the weakest verification method")
	s.step("signin-sms")
	old := s.texted(s.who.number)
	v.press("Send the code to " + masked(first) + " instead")
	v.sees("The code was sent to " + masked(first))
	s.step("signin-sms-other-number")
	code := s.texted(first)
	s.answer(old)
	v.sees("Tries left: 4")
	s.step("signin-sms-wrong")
	s.answer(strings.ToLower(strings.ReplaceAll(code, "-", "")))
	v.sees("Welcome, guest")
	s.completeProfile()
	s.submitRequest()
	s.atCPMS("sms")
	v.sees("Text message challenge")
	s.exhaust(func() string { return "000-000-000" })
	v.press("Sign in")
	v.sees("Text message challenge")
	s.answer(s.texted(first))
	v.open(sys.idp.url + "/account/numbers")
	v.press("Delete")
	v.sees("Delete this mobile phone number?")
	v.press("Delete")
	v.sees("The number was deleted")
	s.step("number-deleted")
	sys.await(s.who.email, "Mobile phone + SMS “"+masked(first)+"” was removed")
}

// masked is how a Belgian number is shown.
func masked(number string) string { return "+32 ••• •• " + number[len(number)-2:] }

// Where the operator switches text messages off, nobody is offered them.
func TestMethodTextMessageOff(t *testing.T) {
	sys := startSystem(t, "IDP_SMS_METHOD=off")
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), who: anna("smsoff")}
	s.createAccount(sys.idp.url + "/register")
	s.addNumber()
	if s.v.shows("weakest") {
		t.Error("the page of numbers speaks of signing in")
	}
	s.v.press("Sign out")
	s.v.open(sys.cpms.url + "/signin?to=/screen/home")
	s.v.sees("E-mail address")
	s.v.fill("email", s.who.email)
	s.v.press("Next")
	s.v.sees("Choose your verification method")
	if s.v.shows("SMS") {
		t.Error("text messages are offered")
	}
}
