package e2e

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
)

// totpApp is somebody's app for one-time passwords (RFC 6238). It never shows the code
// of a step twice.
type totpApp struct {
	t    *testing.T
	seed []byte
	last int64 // step of the newest code that was shown
}

// newTOTPApp takes the key that the page shows to those who cannot scan.
func newTOTPApp(t *testing.T, typed string) *totpApp {
	t.Helper()
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.Join(strings.Fields(typed), ""))
	if err != nil || len(seed) != 20 {
		t.Fatalf("the key %q: %v", typed, err)
	}
	return &totpApp{t: t, seed: seed}
}

// code shows the code of this step, or of the next when this one's was shown before; it waits
// for one that is good if it must. An older one could end while it is typed.
func (a *totpApp) code() string {
	now := func() int64 { return time.Now().Unix() / 30 }
	a.last = max(a.last+1, now())
	for now() < a.last-1 {
		time.Sleep(time.Second)
	}
	return a.at(a.last)
}

// wrong is a code that is not good now.
func (a *totpApp) wrong() string {
	now := time.Now().Unix() / 30
	for n := range 1000 {
		c := fmt.Sprintf("%06d", n)
		if c != a.at(now-2) && c != a.at(now-1) && c != a.at(now) && c != a.at(now+1) && c != a.at(now+2) {
			return c
		}
	}
	panic("a thousand codes are right")
}

func (a *totpApp) at(step int64) string {
	mac := hmac.New(sha1.New, a.seed)
	_ = binary.Write(mac, binary.BigEndian, step)
	sum := mac.Sum(nil)
	offset := sum[19] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[offset:offset+4])&0x7fffffff)%1_000_000)
}

// addAuthenticator goes from My account to an app that counts.
func (s *story) addAuthenticator(name string) *totpApp {
	v := s.v
	v.open(s.sys.idp.url + "/account/authenticators")
	v.sees("Manage my authenticator apps")
	s.step("apps-none")
	v.press("Add an authenticator app")
	return s.connect(name)
}

// connect goes on from the form of a new app.
func (s *story) connect(name string) *totpApp {
	v := s.v
	v.fill("name", "")
	v.press("Next")
	v.sees("Give a name of 1 to 50 characters")
	v.fill("name", name)
	s.step("app-add")
	v.press("Next")
	v.sees("Connect your authenticator app")
	if b, ok := v.(*browser); ok {
		b.tap("You cannot scan the code?")
	}
	s.step("app-setup")
	app := newTOTPApp(s.t, v.text("#totp-key"))
	v.fill("code", app.wrong())
	v.press("Add")
	v.sees("Tries left: 4")
	s.step("app-setup-wrong")
	v.fill("code", app.code())
	v.press("Add")
	return app
}

// answer types a code on the page of a verification method.
func (s *story) answer(code string) {
	s.t.Helper()
	s.v.fill("code", code)
	s.v.press("Sign in")
}

// exhaust types wrong codes until the question is over.
func (s *story) exhaust(wrong func() string) {
	s.t.Helper()
	for left := 4; left > 0; left-- {
		s.answer(wrong())
		s.v.sees(fmt.Sprintf("Tries left: %d", left))
	}
	s.answer(wrong())
	s.v.sees("The code no longer counts")
	s.step("code-over")
}

// atCPMS leaves cpms and idp and comes back to the sign-in of cpms with a method chosen.
func (s *story) atCPMS(method string) {
	s.v.open(s.sys.idp.url + "/account")
	s.v.press("Sign out")
	s.v.sees("You are signed out")
	s.v.open(s.sys.cpms.url + "/signin?to=/screen/home")
	s.signIn(method)
}

// Enrolled, used for a request that cpms takes only at MEDIUM, failed, exhausted, removed.
func TestMethodAuthenticatorApp(t *testing.T) {
	sys := startSystem(t)
	s := &story{t: t, sys: sys, v: newBrowser(t, "totp", true), who: anna("totp")}
	v := s.v
	s.createAccount(sys.idp.url + "/register")
	app := s.addAuthenticator("Aegis on my phone")
	v.sees("“Aegis on my phone” was added")
	s.step("app-added")
	sys.await(s.who.email, "Authenticator app “Aegis on my phone” was added")
	s.atCPMS("totp")
	v.sees("Code of your authenticator app")
	s.step("signin-totp")
	s.answer(app.at(app.last))
	v.sees("Tries left: 4") // used already or, on a slow machine, too old by now
	s.answer(app.wrong())
	v.sees("Tries left: 3")
	s.step("signin-totp-wrong")
	s.answer(app.code())
	v.sees("Welcome, guest")
	s.completeProfile()
	s.submitRequest()
	s.atCPMS("totp")
	v.sees("Code of your authenticator app")
	s.exhaust(app.wrong)
	sys.await(s.who.email, "wrong codes were entered")
	v.press("Sign in") // the method is still chosen
	v.sees("Code of your authenticator app")
	s.answer(app.code())
	s.renameAndRemove("Aegis on my phone", "Aegis on my tablet")
	s.atCPMS("password")
	v.sees("Welcome")
}

// renameAndRemove takes the only app away from somebody who has just shown it.
func (s *story) renameAndRemove(name, renamed string) {
	v := s.v
	v.open(s.sys.idp.url + "/account/authenticators")
	v.sees(name)
	v.press("Rename")
	v.sees("Rename this authenticator app")
	s.step("app-rename")
	v.fill("name", renamed)
	v.press("Save")
	v.sees(renamed)
	v.press("Remove")
	v.sees("Remove this authenticator app?")
	s.step("app-remove")
	v.press("Remove")
	v.sees("The authenticator app was removed")
	s.step("app-removed")
	s.sys.await(s.who.email, "was removed from your account")
}

// A service asks for two factors, the person has none and adds an app on the way.
func TestMethodAuthenticatorAppOnTheWay(t *testing.T) {
	sys := startSystem(t)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), who: anna("totpway")}
	s.createAccount(sys.idp.url + "/register")
	s.atCPMS("totp")
	s.v.sees("Add an authenticator app")
	s.v.press("Add an authenticator app")
	app := s.connect("Aegis")
	s.v.press("Sign in")
	s.v.sees("Code of your authenticator app")
	s.answer(app.code())
	s.v.sees("Welcome, guest")
}
