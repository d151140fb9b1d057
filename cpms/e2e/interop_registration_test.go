//go:build interop

package e2e

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// openIDClient runs the relying party on openid-client, which registers itself where its environment has
// an initial access token.
func openIDClient(s *story, p *party, ca string, env ...string) {
	s.t.Helper()
	p.env = env
	p.start(s.sys, ca, "node", filepath.Join(folder(s.t), "openid-client", "rp.mjs"))
}

// initialToken makes an initial access token as an operator does, beside the running idp.
func initialToken(sys *system) string {
	sys.t.Helper()
	cmd := exec.Command(sys.idp.bin, "client", "token", "--scopes", "openid email offline_access", "--hosts", "localhost", "--no-approval")
	cmd.Env = sys.idp.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		sys.t.Fatalf("idp client token: %v: %s", err, out)
	}
	return "INITIAL_ACCESS_TOKEN=" + between(string(out), "initial_access_token: ")
}

// agree signs a person in, for the first time, to a service that no operator vouches for.
func agree(s *story, p *party, query string) {
	s.t.Helper()
	s.v.open(p.base + "/login?" + query)
	s.signIn("password")
	s.v.sees("What " + p.id + " would know about you")
	s.v.press("Agree and continue")
	s.v.sees("acr=" + basicACR)
	s.v.sees("email=" + s.who.email)
}

// openid-client registers itself (RFC 7591) and says only what it must, so that all the rest is as the
// specification has it; then it is a relying party like any other, until it ends its registration (RFC 7592).
func TestInteropOpenIDClientRegistersItself(t *testing.T) {
	p := newParty(t, "openid-client", "/callback")
	s, ca := startInterop(t, "registers", func(*system) {})
	openIDClient(s, p, ca, initialToken(s.sys))
	s.v.open(p.base + "/registration")
	s.v.sees(`"id_token_signed_response_alg":"RS256"`)
	s.v.sees(`"token_endpoint_auth_signing_alg":"ES256"`)
	agree(s, p, "")
	stepUp(s, p, "")
	s.v.open(p.base + "/login?how=par,jar,dpop,introspect")
	s.v.sees("type=dpop active=true bound=true")
	leave(s, p)
	s.v.open(p.base + "/unregister")
	s.v.sees("204")
	s.v.open(p.base + "/registration")
	s.v.sees("OAUTH_WWW_AUTHENTICATE_CHALLENGE")
	s.v.open(p.base + "/login")
	s.v.sees("This service is not registered here")
}
