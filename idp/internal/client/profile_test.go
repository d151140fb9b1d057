package client

import (
	"strings"
	"testing"
)

// FAPI 2.0 Security Profile: the switch wants every rule, and names each that is broken.
func TestTheProfileFAPI2(t *testing.T) {
	const key = `"jwks":{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`
	whole := strings.Replace(strings.Replace(good, `"none"`, `"private_key_jwt",`+key, 1), `"scope"`, `"profile":"fapi2","dpop_bound_access_tokens":true,"require_pushed_authorization_requests":true,"scope"`, 1)
	if _, err := Parse([]byte(whole), false); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ old, new, says string }{
		"no such profile": {`"fapi2"`, `"fapi1"`, "profile must be"},
		"no push":         {`"require_pushed_authorization_requests":true,`, ``, "require_pushed_authorization_requests"},
		"bearer tokens":   {`"dpop_bound_access_tokens":true,`, ``, "dpop_bound_access_tokens"},
		"a public client": {`"private_key_jwt",` + key, `"none"`, "token_endpoint_auth_method"},
		"a secret":        {`"private_key_jwt",` + key, `"client_secret_jwt"`, "token_endpoint_auth_method"},
		"RS256":           {`"scope"`, `"id_token_signed_response_alg":"RS256","scope"`, "id_token_signed_response_alg"},
		"PS512":           {`"scope"`, `"id_token_signed_response_alg":"PS512","scope"`, "id_token_signed_response_alg"},
		"RS256 for APIs":  {`"scope"`, `"access_token_format":"jwt","access_token_signed_response_alg":"RS256","scope"`, "access_token_signed_response_alg"},
		"http":            {`https://rp.example/cb`, `http://rp.example/cb`, "redirect_uris"},
	} {
		raw := strings.Replace(whole, tt.old, tt.new, 1)
		if raw == whole {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := Parse([]byte(raw), false); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
