//go:build interop

package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	basicACR  = "https://eulogin.example/loa/basic"
	mediumACR = "https://eulogin.example/loa/medium"
)

// folder is where deploy/dev/interop.sh put what it built and installed.
func folder(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("INTEROP_DIR")
	if dir == "" {
		t.Fatal("INTEROP_DIR names no folder: run `make interop`, which installs the relying parties first")
	}
	return dir
}

// enter signs a person in with a password and nothing else.
func enter(s *story, p *party, query string) {
	s.t.Helper()
	s.v.open(p.base + "/login?" + query)
	s.signIn("password")
	s.v.sees("acr=" + basicACR)
	s.v.sees("email=" + s.who.email)
}

// stepUp asks for a second factor, and refreshes.
func stepUp(s *story, p *party, query string) {
	s.t.Helper()
	v := s.v
	v.open(p.base + "/login?acr=" + url.QueryEscape(mediumACR) + "&" + query)
	s.secondFactor()
	v.sees("acr=" + mediumACR)
	v.open(p.base + "/refresh")
	v.sees("acr=" + mediumACR)
	v.sees("email=" + s.who.email)
}

// secondFactor shows the phone to idp, which knows the password already.
func (s *story) secondFactor() {
	s.t.Helper()
	s.v.sees("Choose your verification method")
	s.v.fill("method", "app_pin")
	s.v.press("Sign in")
	s.approveOnPhone()
}

// leave signs out by way of the relying party.
func leave(s *story, p *party) {
	s.t.Helper()
	s.v.open(p.base + "/logout")
	s.v.sees("goodbye")
	s.v.open(p.base + "/")
	s.v.sees("nobody is signed in")
	s.v.open(p.base + "/login")
	s.v.sees("E-mail address") // the session at idp is over as well
}

// startInterop starts the services with an https issuer and makes a person with a phone.
func startInterop(t *testing.T, tag string, register func(*system)) (*story, string) {
	t.Helper()
	sys, ca := startWithTLS(t)
	register(sys)
	sys.idp.crash()
	s := &story{t: t, sys: sys, v: newHTTPVisitor(t), phone: newSimPhone(t), who: anna(tag)}
	s.createAccount(sys.idp.url + "/register")
	s.addDevice()
	s.v.press("Sign out")
	return s, ca
}

// coreos/go-oidc and x/oauth2, and kube-apiserver's authenticator, which takes the ID token of
// somebody with a second factor and refuses that of somebody without. go-oidc reads the access token too,
// which is a JWT (RFC 9068), as a resource server would.
func TestInteropGoOIDCAndKubernetes(t *testing.T) {
	p := newParty(t, "go-oidc", "/callback")
	s, ca := startInterop(t, "gooidc", func(sys *system) { p.register(sys, map[string]any{"access_token_format": "jwt"}) })
	p.start(s.sys, ca, filepath.Join(folder(t), "goclient"))
	enter(s, p, "")
	s.v.open(p.base + "/api")
	s.v.sees("access token of client=" + p.id)
	s.v.open(p.base + "/kube")
	s.v.sees("a second factor is needed")
	stepUp(s, p, "")
	s.v.open(p.base + "/kube")
	s.v.sees("kubernetes user eulogin:" + s.who.email)
	leave(s, p)
}

// openid-client of npm.
func TestInteropOpenIDClient(t *testing.T) {
	p := newParty(t, "openid-client", "/callback")
	s, ca := startInterop(t, "openidclient", func(sys *system) { p.register(sys, nil) })
	openIDClient(s, p, ca)
	enter(s, p, "")
	stepUp(s, p, "")
	s.v.open(p.base + "/login?how=form_post")
	s.v.sees("Back to the service") // a browser that runs no script
	s.v.press("Continue")
	s.v.sees("acr=" + mediumACR)
	for _, how := range []string{"par", "jar", "dpop,introspect", "par,jar,dpop,introspect"} {
		s.v.open(p.base + "/login?how=" + how)
		s.v.sees("acr=" + mediumACR)
		if strings.Contains(how, "dpop") {
			s.v.sees("type=dpop active=true bound=true")
		}
		s.v.open(p.base + "/refresh")
		s.v.sees("acr=" + mediumACR)
	}
	s.v.open(p.base + "/revoke")
	s.v.sees("revoked")
	s.v.open(p.base + "/refresh")
	s.v.sees("error")
	leave(s, p)
}

// python3-authlib of Debian.
func TestInteropAuthlib(t *testing.T) {
	p := newParty(t, "authlib", "/callback")
	s, ca := startInterop(t, "authlib", func(sys *system) { p.register(sys, nil) })
	p.start(s.sys, ca, "/usr/bin/python3", filepath.Join(folder(t), "authlib", "rp.py"))
	enter(s, p, "")
	stepUp(s, p, "")
	leave(s, p)
}
