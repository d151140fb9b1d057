package provider_test

import (
	"net/url"
	"strings"
	"testing"
)

// Tests are named after the library's defects (D1 to D31) and the cases of
// idp/docs/security-cases.md that they close; idp/docs/oidc.md lists them.

func TestD1PKCEDowngrade(t *testing.T) {
	w := newWorld(t)
	form := w.as("rp", exchange(w.code()))
	form.Del("code_verifier")
	if got, rec := w.token(form); got.Access != "" || got.Error != "invalid_grant" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	if got, _ := w.token(w.as("rp", exchange(w.code(), "code_verifier", strings.Repeat("x", 43)))); got.Error != "invalid_grant" {
		t.Fatal("another verifier was accepted")
	}
}

func TestD2D3OnlyS256(t *testing.T) {
	w := newWorld(t)
	for name, q := range map[string]url.Values{
		"none":    ask("code_challenge", "", "code_challenge_method", ""),
		"plain":   ask("code_challenge", verifier, "code_challenge_method", "plain"),
		"default": ask("code_challenge_method", ""),
		"short":   ask("code_challenge", "abc"),
		"public":  ask("client_id", "app", "redirect_uri", "http://127.0.0.1/cb", "scope", "openid", "code_challenge", "", "code_challenge_method", ""),
	} {
		if a := answer(w.authorize(q, w.signIn(true))); a.Get("code") != "" || a.Get("error") == "" {
			t.Errorf("%s: %v", name, a)
		}
	}
}
