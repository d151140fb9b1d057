package client

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const tested = `{"client_id":"tested","client_name":"A test","redirect_uris":["https://rp.example/cb"],"response_types":["code"],"grant_types":["authorization_code"],
"token_endpoint_auth_method":"private_key_jwt","jwks":{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]},
"scope":"openid email","integration_check":true}`

// A client of the integration check registers what the check plays, and nothing that reaches other clients.
func TestClientsOfTheCheck(t *testing.T) {
	for member, ok := range map[string]bool{
		`"contacts":[]`: true, `"initiate_login_uri":"https://rp.example/login?a=1"`: true, `"initiate_login_uri":"javascript:alert(1)"`: false, `"initiate_login_uri":"http://rp.example/"`: false,
		`"introspects":["rp"]`: false, `"resources":["urn:x-a:b"]`: false, `"resource_identifiers":["urn:x-a:b"]`: false, `"access_token_format":"jwt"`: false,
		`"dpop_bound_access_tokens":true`: false, `"tls_client_certificate_bound_access_tokens":true`: false, `"require_pushed_authorization_requests":true`: false, `"backchannel_logout_uri":"https://rp.example/l"`: true,
	} {
		if _, err := Parse([]byte(strings.Replace(tested, `"scope"`, member+`,"scope"`, 1)), false); (err == nil) != ok {
			t.Errorf("%s: %v", member, err)
		}
	}
	offline := strings.Replace(strings.Replace(tested, `["authorization_code"]`, `["authorization_code","refresh_token"]`, 1), "openid email", "openid offline_access", 1)
	for name, raw := range map[string]string{
		"a public client": strings.Replace(good, `"scope"`, `"integration_check":true,"scope"`, 1), "refresh tokens": offline,
		"a start without the check": strings.Replace(good, `"scope"`, `"initiate_login_uri":"https://rp.example/login","scope"`, 1),
	} {
		if _, err := Parse([]byte(raw), false); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// The one place that tells the two kinds apart.
func TestTheRehearsalHasItsOwnClients(t *testing.T) {
	dir := t.TempDir()
	for name, raw := range map[string]string{"rp.json": good, "tested.json": tested} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Load(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	for id, where := range map[string][2]bool{"rp-1": {true, false}, "tested": {false, true}, "nobody": {false, false}} {
		for i, registry := range []*Registry{r, r.Rehearsal()} {
			if _, err := registry.ByID(t.Context(), id); (err == nil) != where[i] || err != nil && !errors.Is(err, ErrUnknown) {
				t.Errorf("%s in %d: %v", id, i, err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "tested.json"), []byte(strings.Replace(tested, `,"integration_check":true`, "", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Reload(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Rehearsal().ByID(t.Context(), "tested"); err == nil {
		t.Error("the rehearsal does not see what is read again")
	}
}
