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

// RFC 9700 §2.1.1, §4.8.2: a service that an operator excepts may ask without PKCE, and gains nothing
// else by it: what it begins with PKCE it must end with it, and the other way round.
func TestAServiceMayLeavePKCE(t *testing.T) {
	w := newWorld(t)
	w.register("rp", asTheSuite)
	without := []string{"code_challenge", "", "code_challenge_method", ""}
	redeem := func(code string, with bool) tokens {
		form := exchange(code)
		if !with {
			form.Del("code_verifier")
		}
		got, _ := w.token(w.as("rp", form))
		return got
	}
	for name, tt := range map[string]struct {
		asked    []string
		verifier bool
		want     string
	}{
		"neither":           {without, false, ""},
		"both":              {nil, true, ""},
		"a verifier alone":  {without, true, "invalid_grant"},
		"a challenge alone": {nil, false, "invalid_grant"},
	} {
		if got := redeem(w.code(tt.asked...), tt.verifier); got.Error != tt.want || (got.Access != "") != (tt.want == "") {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, changes := range map[string][]string{
		"plain":       {"code_challenge", verifier, "code_challenge_method", "plain"},
		"no method":   {"code_challenge_method", ""},
		"only S256":   {"code_challenge", ""},
		"a short one": {"code_challenge", "abc"},
	} {
		if a := answer(w.authorize(ask(changes...), w.signIn(true))); a.Get("error") != "invalid_request" {
			t.Errorf("%s: %v", name, a)
		}
	}
	code := w.code(without...)
	w.register("rp", map[string]any{"redirect_uris": []string{callback}})
	if got := redeem(code, false); got.Error != "invalid_grant" {
		t.Errorf("after the exception was withdrawn: %+v", got)
	}
}
