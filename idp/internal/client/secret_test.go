package client

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A client with a secret has algorithms of its own, and stands in no file: secrets belong in none.
func TestClientsWithASecret(t *testing.T) {
	with := func(members string) []byte {
		return []byte(strings.Replace(strings.Replace(good, `"none"`, `"client_secret_jwt"`, 1), `"scope"`, members+`"scope"`, 1))
	}
	for members, want := range map[string]string{``: "HS256", `"token_endpoint_auth_signing_alg":"HS384",`: "HS384", `"token_endpoint_auth_signing_alg":"HS512",`: "HS512"} {
		if c, err := Parse(with(members), false); err != nil || string(c.AssertionAlg()) != want {
			t.Errorf("%s: %v", members, err)
		}
	}
	for _, members := range []string{
		`"token_endpoint_auth_signing_alg":"ES256",`, `"token_endpoint_auth_signing_alg":"none",`, `"client_secret":"chosen by a person",`,
		`"jwks":{"keys":[{"kty":"oct","k":"AAAA","kid":"1"}]},`, `"require_signed_request_object":true,`, `"request_object_signing_alg":"HS256",`,
	} {
		if _, err := Parse(with(members), false); err == nil {
			t.Errorf("%s is registered", members)
		}
	}
	if _, err := Parse([]byte(strings.Replace(string(with(`"token_endpoint_auth_signing_alg":"HS256",`)), "client_secret_jwt", "private_key_jwt", 1)), false); err == nil {
		t.Error("HS256 is registered of a key")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.json"), with(""), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, false); err == nil || !strings.Contains(err.Error(), "files hold none") {
		t.Error(err)
	}
}
