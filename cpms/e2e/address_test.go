package e2e

import (
	"testing"
	"time"
)

// Another address and another name: confirmed by the mailed link, told to cpms over gRPC, and
// taken back from the former address without a sign-in.
func TestAnotherAddressAndName(t *testing.T) {
	sys := startSystem(t)
	s := &story{t: t, sys: sys, v: newBrowser(t, "address", true), phone: newSimPhone(t), who: anna("address")}
	s.createAccount(sys.idp.url + "/register")
	v, former := s.v, s.who.email
	v.open(sys.cpms.url + "/signin?to=/profile/1")
	v.sees(former)
	v.open(sys.idp.url + "/account/details")
	v.press("Change my name")
	v.look("name")
	v.fill("family", "Nováková")
	v.press("Save")
	v.sees("Your details were saved")
	v.open(sys.idp.url + "/account/address")
	v.fill("email", "anna.new@hospital.example")
	v.fill("email_again", "anna.new@hospital.example")
	v.look("form")
	v.press("Send the link")
	v.sees("Check your mail")
	mail := sys.await("anna.new@hospital.example", "confirm your new e-mail address")
	v.open(mail.link(t, "/account/address/confirm"))
	v.look("confirm")
	v.press("Confirm the address")
	v.sees("anna.new@hospital.example")
	eventually(t, "cpms follows", func() bool {
		v.open(sys.cpms.url + "/profile/1")
		return v.shows("anna.new@hospital.example") && v.shows("Nováková")
	})
	owner := newBrowser(t, "address-former", true)
	owner.open(sys.await(former, "your e-mail address was changed").link(t, "/account/address/undo/"))
	owner.sees(former)
	owner.look("undo")
	owner.press("This wasn’t me: take it back")
	owner.sees("The change was taken back")
	owner.look("undone")
	v.open(sys.idp.url + "/account")
	v.sees("E-mail address") // signed out
	s.signIn("password")
	v.sees(former)
	eventually(t, "cpms follows back", func() bool {
		v.open(sys.cpms.url + "/signin?to=/profile/1")
		return v.shows(former)
	})
}

// eventually waits for what another service does in its own time.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 100 {
		if is() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("not within ten seconds: %s", what)
}
