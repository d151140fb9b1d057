package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// operate runs an operator's command of idp beside the service.
func (s *system) operate(args ...string) string {
	s.t.Helper()
	cmd := exec.Command(s.idp.bin, args...)
	cmd.Env = s.idp.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("idp %v: %v: %s", args, err, out)
	}
	return string(out)
}

// An operator closes, opens and erases an account; both services follow.
func TestAccountsThatAnOperatorClosesAndErases(t *testing.T) {
	sys := startSystem(t)
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna("operator")}
	s.createAccount(sys.idp.url + "/register")
	v := s.v
	v.open(sys.cpms.url + "/signin?to=/profile/1")
	v.sees(s.who.email)
	if out := sys.operate("account", "disable", s.who.email); !strings.Contains(out, "disabled") {
		t.Errorf("%s", out)
	}
	v.open(sys.idp.url + "/account")
	v.sees("E-mail address") // signed out
	eventually(t, "cpms ends the session", func() bool {
		v.open(sys.cpms.url + "/screen/home")
		return v.shows("Sign in with EU Login")
	})
	sys.operate("account", "enable", s.who.email)
	v.open(sys.idp.url + "/account")
	s.signIn("password")
	v.sees("My account")
	v.open(sys.cpms.url + "/signin?to=/profile/1")
	v.sees(s.who.email)
	sys.operate("account", "erase", s.who.email)
	v.open(sys.idp.url + "/account")
	s.signIn("password")
	v.sees("do not belong together")
	eventually(t, "cpms forgets the person", func() bool {
		v.open(sys.cpms.url + "/screen/home")
		return v.shows("Sign in with EU Login")
	})
}
