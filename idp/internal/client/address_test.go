package client

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Security cases 11 and 12: what may be registered at all.
func TestAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"https://rp.example/cb": true, "https://rp.example:8443/a/b?tenant=1": true, "https://[2001:db8::1]/cb": true, "http://localhost:9100/cb": false,
		"https://rp.example/cb#": false, "https://rp@evil.example/cb": false, "https://rp.example\\@evil.example/cb": false, "https://rp.example/\tcb": false, "https:///cb": false, "https://:443/cb": false,
		"https://rp.example/a/..;/cb": false, "https://rp.example/%2E%2e/cb": false, "https://rp.example/%2f..": false, "https://rp.examplе/cb": false, "https://rp.example/é": false, "https://*.example/cb": false,
		"https://rp.example/cb?code=1": false, "https://rp.example/cb?state": false, "https://rp.example/cb?iss=x": false, "https://rp.example/cb?a;b": false, "https://[fe80::1%25eth0]/cb": false,
		"javascript:alert(1)": false, "data:text/html,x": false, "//rp.example/cb": false, "rp.example/cb": false, "": false, "ftp://rp.example/cb": false,
	} {
		if sound(address, false) != want {
			t.Errorf("%q: %v", address, !want)
		}
	}
	for address, want := range map[string]bool{
		"http://localhost:9100/cb": true, "http://127.0.0.1/cb": true, "http://[::1]:1/cb": true, "http://localhost.evil.example/cb": false, "http://127.0.0.1.evil.example/cb": false,
		"http://evil.example/cb": false, "http://localhost@evil.example/cb": false, "http://0.0.0.0/cb": false, "http://LOCALHOST/cb": false,
	} {
		if sound(address, true) != want {
			t.Errorf("in development %q: %v", address, !want)
		}
	}
}

// Security case 39: idp calls this machine for nobody outside development, also not for a
// native client whose own addresses are on it.
func TestLogoutAddressIsNeverThisMachine(t *testing.T) {
	native := strings.Replace(good, `"scope"`, `"application_type":"native","backchannel_logout_uri":"http://127.0.0.1:25/x","scope"`, 1)
	if _, err := Parse([]byte(native), false); err == nil || !strings.Contains(err.Error(), "http://127.0.0.1:25/x") {
		t.Errorf("%v", err)
	}
	if _, err := Parse([]byte(native), true); err != nil {
		t.Errorf("development: %v", err)
	}
}

func TestKeysAndLifetimesAreChecked(t *testing.T) {
	p256 := `{"kty":"EC","crv":"P-256","kid":"k1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
	private := strings.Replace(p256, `"kid"`, `"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI","kid"`, 1)
	confidential := func(keys string) string {
		return strings.Replace(strings.Replace(good, `"none"`, `"private_key_jwt"`, 1), `"scope"`, `"jwks":{"keys":[`+keys+`]},"scope"`, 1)
	}
	for name, tt := range map[string]struct {
		raw string
		ok  bool
	}{
		"a P-256 key":        {confidential(p256), true},
		"two of one name":    {confidential(p256 + "," + p256), false},
		"one without a name": {confidential(strings.Replace(p256, `"kid":"k1",`, "", 1)), true},
		"one of two without": {confidential(p256 + "," + strings.Replace(p256, `"kid":"k1",`, "", 1)), false},
		"a private key":      {confidential(private), false},
		"an RSA key":         {confidential(`{"kty":"RSA","kid":"r","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB"}`), false},
		"a key for RS256":    {confidential(strings.Replace(p256, `"kid"`, `"alg":"RS256","kid"`, 1)), false},
		"lives":              {strings.Replace(good, `"scope"`, `"access_token_lifetime":600,"id_token_lifetime":46800,"scope"`, 1), true},
		"too long":           {strings.Replace(good, `"scope"`, `"access_token_lifetime":3601,"scope"`, 1), false},
		"too short":          {strings.Replace(good, `"scope"`, `"id_token_lifetime":59,"scope"`, 1), false},
		"negative":           {strings.Replace(good, `"scope"`, `"id_token_lifetime":-1,"scope"`, 1), false},
		"refresh, no grant":  {strings.Replace(good, `"scope"`, `"refresh_token_lifetime":3600,"scope"`, 1), false},
		"session, no logout": {strings.Replace(good, `"scope"`, `"backchannel_logout_session_required":true,"scope"`, 1), false},
		"a public asker":     {strings.Replace(good, `"scope"`, `"introspects":["rp"],"scope"`, 1), false},
	} {
		if _, err := Parse([]byte(tt.raw), false); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A dry run names every fault, not the first one.
func TestEveryFaultIsNamed(t *testing.T) {
	_, err := Parse([]byte(`{"client_id":"a b","client_name":"","redirect_uris":["http://x.example/","https://y.example/#"],"response_types":["token"],"grant_types":[],"token_endpoint_auth_method":"none","scope":"email"}`), false)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, word := range []string{"client_id", "client_name", "http://x.example/", "https://y.example/#", "response_types", "grant_types", "scope"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%s is not named: %v", word, err)
		}
	}
}

// Scripts run at the origins of public clients' redirect addresses, and nowhere else.
func TestOriginsOfScripts(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"spa": strings.Replace(strings.Replace(good, "rp-1", "spa", 1), "https://rp.example/cb", "https://spa.example:8443/cb", 1),
		"app": strings.Replace(strings.Replace(strings.Replace(good, "rp-1", "app", 1), "https://rp.example/cb", "http://127.0.0.1/cb", 1), `"scope"`, `"application_type":"native","scope"`, 1),
	} {
		if err := os.WriteFile(filepath.Join(dir, name+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Load(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[string]bool{"https://spa.example:8443": true, "https://spa.example": false, "http://127.0.0.1": false, "null": false, "": false} {
		if r.Scripts(origin) != want {
			t.Errorf("%q: %v", origin, !want)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "twin.json"), []byte(strings.Replace(good, "rp-1", "spa", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Reload(); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("two files of one client: %v", err)
	}
}
