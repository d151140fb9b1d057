package e2e

import (
	"os/exec"
	"testing"
)

// keep runs an operator's command of cpms beside the service.
func (s *system) keep(args ...string) {
	s.t.Helper()
	cmd := exec.Command(s.cpms.bin, args...)
	cmd.Env = s.cpms.env
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("cpms %v: %v: %s", args, err, out)
	}
}

// An operator makes an administrator, who keeps coordinators, networks and hospitals; what
// changes there changes what people can ask for.
func TestAnAdministratorInABrowser(t *testing.T) {
	sys := startSystem(t)
	r := sys.requester(t, "adm")
	a := sys.atDesk(t, "all", newBrowser(t, "admin", true))
	v, at := a.v, sys.cpms.url
	v.open(at + "/admin")
	v.sees("This is for administrators")
	sys.keep("role", "give", "ADMINISTRATOR", "n00coordall", "*")
	v.open(at + "/screen/home")
	v.press("Administration")
	v.sees("Every change needs a sign-in with two factors")
	a.step("administration")

	v.press("Networks")
	v.sees("ERN-EYE")
	a.step("networks")
	v.press("ERN-EYE")
	v.fill("helpdesk", "nobody")
	v.press("Save")
	v.sees("Please check what you entered")
	a.step("network-refused")
	v.fill("helpdesk", "help@ern-eye.example")
	v.fill("closed", "on")
	v.press("Save")
	v.sees("The network has been changed")
	a.step("network-closed")
	r.v.open(at + "/request/new")
	for name, value := range map[string]string{"network": "ern-eye", "country": "DE", "hospital": "de-02", "role": "HP", "declaration": "on", "terms": "on"} {
		r.v.fill(name, value)
	}
	r.v.press("Submit access request")
	r.v.sees("This network takes no new requests at the moment")
	v.press("ERN-EYE")
	v.fill("closed", "")
	v.press("Save")
	v.sees("The network has been changed")

	v.open(at + "/admin/hospitals?country=LU")
	v.sees("Luxembourg")
	v.fill("name", "Hôpital Neuf")
	v.fill("networks", "ern-eye,ern-rnd")
	v.press("Add the hospital")
	v.sees("The hospital has been added")
	a.step("hospital-added")
	v.press("Take off (Hôpital Neuf)")
	v.sees("The hospital has been taken off")
	a.step("hospital-off")

	v.open(at + "/admin/coordinators")
	a.step("coordinators")
	v.fill("email", r.who.email)
	v.fill("network", "ern-eye")
	v.press("Propose")
	v.sees("another administrator must confirm it")
	a.step("coordinator-proposed")
	sys.keep("role", "give", "ADMINISTRATOR", "n00coordeye", "*")
	second := sys.atDesk(t, "ern-eye", newHTTPVisitor(t)).v
	second.open(at + "/admin/coordinators")
	second.press("Confirm (" + r.who.given)
	second.sees("The role has been given")
	v.open(at + "/admin/coordinators")
	a.step("coordinator-given")
	sys.await(r.who.email, "You coordinate")
	r.v.open(at + "/desk")
	r.v.sees("You decide for: ERN-EYE")
	v.press("Take the role back (" + r.who.given)
	v.sees("The role has been taken back")
	r.v.open(at + "/desk")
	r.v.sees("This is the desk of the coordinators")
	v.open(at + "/admin/deputies")
	v.sees("No deputy is named")
	a.step("all-deputies")
}
