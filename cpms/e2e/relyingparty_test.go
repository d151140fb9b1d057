package e2e

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// relyingParty is a native application with the least of OpenID Connect: it asks by a browser
// and hears the answer on a loopback address (RFC 8252), by the browser's POST.
type relyingParty struct {
	t        *testing.T
	sys      *system
	redirect string
	verifier string
	answers  chan url.Values
}

// newRelyingParty registers it and restarts idp, which then knows it.
func newRelyingParty(t *testing.T, sys *system) *relyingParty {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	rp := &relyingParty{t: t, sys: sys, redirect: "http://" + l.Addr().String() + "/callback", answers: make(chan url.Values, 8)}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/callback" {
			http.NotFound(w, r)
			return
		}
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		_, _ = fmt.Fprint(w, `<!doctype html><html lang="en"><title>Test</title><h1>The application has its answer</h1>`)
		rp.answers <- r.PostForm
	})}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	sys.adds(map[string]any{
		"client_id": "test-app", "client_name": "Test application", "application_type": "native", "redirect_uris": []string{rp.redirect},
		"grant_types": []string{"authorization_code"}, "response_types": []string{"code"}, "token_endpoint_auth_method": "none", "scope": "openid",
	})
	return rp
}

// adds registers a service by a file and restarts idp, which then knows it.
func (s *system) adds(metadata map[string]any) {
	s.t.Helper()
	raw, err := json.Marshal(metadata)
	if err == nil {
		err = os.WriteFile(filepath.Join(s.dir, "clients", metadata["client_id"].(string)+".json"), raw, 0o644)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.idp.crash()
}

// authorize gives the address of a request with a claims parameter.
func (rp *relyingParty) authorize(claims string) string {
	var raw [32]byte
	_, _ = rand.Read(raw[:])
	rp.verifier = base64.RawURLEncoding.EncodeToString(raw[:])
	return rp.endpoint("authorization_endpoint") + "?" + url.Values{
		"client_id": {"test-app"}, "response_type": {"code"}, "response_mode": {"form_post"}, "redirect_uri": {rp.redirect}, "scope": {"openid"}, "state": {"s"}, "nonce": {"n"},
		"code_challenge": {challengeOf(rp.verifier)}, "code_challenge_method": {"S256"}, "claims": {claims},
	}.Encode()
}

func (rp *relyingParty) endpoint(name string) string {
	rp.t.Helper()
	raw, err := get(rp.t.Context(), rp.sys.idp.url+"/.well-known/openid-configuration")
	if err != nil {
		rp.t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		rp.t.Fatal(err)
	}
	address, _ := all[name].(string)
	return address
}

// idClaims is what the ID token says of the sign-in.
type idClaims struct {
	Sub string   `json:"sub"`
	ACR string   `json:"acr"`
	AMR []string `json:"amr"`
	SID string   `json:"sid"`
}

// readClaims reads the claims of a token, whoever signed it.
func readClaims(token string, into any) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return fmt.Errorf("%q is no token", token)
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return err
	}
	return json.Unmarshal(payload, into)
}

// challengeOf gives the S256 challenge of a verifier (RFC 7636 §4.2).
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// claims waits for the answer and redeems its code.
func (rp *relyingParty) claims(v *browser) idClaims {
	rp.t.Helper()
	answer := rp.answer(v)
	form := url.Values{"grant_type": {"authorization_code"}, "code": {answer.Get("code")}, "redirect_uri": {rp.redirect}, "client_id": {"test-app"}, "code_verifier": {rp.verifier}}
	resp, err := http.PostForm(rp.endpoint("token_endpoint"), form)
	if err != nil {
		rp.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var tokens struct {
		IDToken string `json:"id_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&tokens); err != nil || resp.StatusCode != http.StatusOK {
		rp.t.Fatalf("token endpoint: %s, %v; the answer was %v", resp.Status, err, answer)
	}
	var c idClaims
	if err := readClaims(tokens.IDToken, &c); err != nil {
		rp.t.Fatal(err)
	}
	return c
}

// failed waits for an answer that is an error, and gives it.
func (rp *relyingParty) failed(v *browser) string {
	rp.t.Helper()
	return rp.answer(v).Get("error")
}

func (rp *relyingParty) answer(v *browser) url.Values {
	rp.t.Helper()
	select {
	case a := <-rp.answers:
		return a
	case <-time.After(20 * time.Second):
		rp.t.Fatalf("no answer; the browser is at %s:\n%s", v.url(), v.body())
	}
	panic("unreachable")
}
