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
	openIDClient(s, p, ca, initialToken(s.sys), "METHOD=private_key_jwt")
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

// openid-client gets a secret with its registration, and has all that it hears signed by PS256 and its ID
// tokens and introspection encrypted as well. It knows the person by another sub than its neighbour, and signs
// out by the JWS in the ID token.
func TestInteropOpenIDClientWithASecret(t *testing.T) {
	p, other := newParty(t, "openid-client", "/callback"), newParty(t, "neighbour", "/callback")
	s, ca := startInterop(t, "secret", func(sys *system) { other.register(sys, nil) })
	openIDClient(s, p, ca, initialToken(s.sys), "METHOD=client_secret_jwt")
	openIDClient(s, other, ca)
	s.v.open(p.base + "/registration")
	for _, what := range []string{"id_token", "userinfo", "introspection"} {
		s.v.sees(`"` + what + `_signed_response_alg":"PS256"`)
	}
	agree(s, p, "")
	stepUp(s, p, "")
	s.v.sees("id_token=encrypted type=") // also of a refresh
	for _, how := range []string{"introspect", "par,dpop,introspect"} {
		s.v.open(p.base + "/login?how=" + how)
		s.v.sees("id_token=encrypted type=")
		s.v.sees("introspection=encrypted")
	}
	sub := between(s.v.text("p"), "sub=")
	s.v.open(other.base + "/login?how=introspect")
	s.v.sees("id_token=signed type=")
	if got := between(s.v.text("p"), "sub="); got == sub {
		t.Errorf("two sectors know the person by %s", got)
	}
	leave(s, p)
}

// openid-client under the FAPI 2.0 Security Profile, which the client's one switch turns on: pushed requests,
// tokens of its key, and a refresh token that stays. Without a push, and without a key, it gets nothing.
func TestInteropOpenIDClientUnderFAPI2(t *testing.T) {
	p := newParty(t, "openid-client", "/callback")
	p.base = "http://" + p.listen // a loopback number: the profile takes no name with http
	p.redirects = []string{p.base + "/callback"}
	s, ca := startInterop(t, "fapi2", func(sys *system) {
		p.register(sys, map[string]any{"application_type": "native", "profile": "fapi2", "require_pushed_authorization_requests": true, "dpop_bound_access_tokens": true})
	})
	openIDClient(s, p, ca)
	s.v.open(p.base + "/login")
	s.v.sees("invalid_request this client pushes its requests")
	enter(s, p, "how=par,dpop,kept")
	stepUp(s, p, "how=par,dpop,kept")
	s.v.open(p.base + "/login?how=par")
	s.v.sees("invalid_dpop_proof")
	s.v.open(p.base + "/logout")
	s.v.sees("goodbye")
	s.v.open(p.base + "/login?how=par,dpop")
	s.v.sees("E-mail address")
}
