package client

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// ID tokens are signed by one of our algorithms: never unsigned, never with a secret that two know.
func TestAlgorithmsOfIDTokens(t *testing.T) {
	for alg, want := range map[string]bool{"ES256": true, "PS256": true, "PS512": true, "EdDSA": true, "RS256": true, "none": false, "HS256": false, "ES384": false, "RS512": false, "es256": false} {
		_, err := Parse([]byte(strings.Replace(good, `"scope"`, `"id_token_signed_response_alg":"`+alg+`","scope"`, 1)), false)
		if (err == nil) != want {
			t.Errorf("%s: %v", alg, err)
		}
	}
}

// The ring is told which algorithms the registered clients need.
func TestAlgorithmsThatAreNeeded(t *testing.T) {
	dir := t.TempDir()
	for id, alg := range map[string]string{"a1": "", "a2": `"id_token_signed_response_alg":"PS512",`, "a3": `"id_token_signed_response_alg":"PS512",`} {
		text := strings.Replace(strings.Replace(good, "rp-1", id, 1), `"scope"`, alg+`"scope"`, 1)
		if err := os.WriteFile(filepath.Join(dir, id+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Load(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Signing(); !slices.Equal(got, []jose.SignatureAlgorithm{jose.ES256, jose.PS512}) {
		t.Error(got)
	}
}

// What a client must have for encrypted tokens: a key for that, of the kind of its algorithm; an
// encryption alone means nothing.
func TestEncryptionOfIDTokens(t *testing.T) {
	const (
		curve = `{"kty":"EC","crv":"P-256","kid":"e1","use":"enc","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
		long  = `{"kty":"RSA","kid":"e2","use":"enc","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB"}`
	)
	for name, tt := range map[string]struct {
		alg, enc, keys string
		ok             bool
	}{
		"ECDH-ES":                    {"ECDH-ES", "A256GCM", curve, true},
		"ECDH-ES, usual encryption":  {"ECDH-ES", "", curve, true},
		"ECDH-ES with wrapping":      {"ECDH-ES+A256KW", "A128GCM", curve, true},
		"RSA":                        {"RSA-OAEP-256", "A128CBC-HS256", long, true},
		"of two keys one fits":       {"RSA-OAEP-256", "", curve + "," + long, true},
		"the key's own alg":          {"ECDH-ES", "", strings.Replace(curve, `"use"`, `"alg":"ECDH-ES","use"`, 1), true},
		"another alg of the key":     {"ECDH-ES", "", strings.Replace(curve, `"use"`, `"alg":"ECDH-ES+A256KW","use"`, 1), false},
		"a key for signatures":       {"ECDH-ES", "", strings.Replace(curve, `"enc"`, `"sig"`, 1), false},
		"a key for anything":         {"ECDH-ES", "", strings.Replace(curve, `"use":"enc",`, "", 1), false},
		"no name":                    {"ECDH-ES", "", strings.Replace(curve, `"kid":"e1",`, "", 1), false},
		"private":                    {"ECDH-ES", "", strings.Replace(curve, `"kid"`, `"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI","kid"`, 1), false},
		"no key":                     {"ECDH-ES", "", "", false},
		"an RSA key for ECDH-ES":     {"ECDH-ES", "", long, false},
		"a curve for RSA":            {"RSA-OAEP-256", "", curve, false},
		"RSA of the old kind":        {"RSA1_5", "", long, false},
		"RSA-OAEP with SHA-1":        {"RSA-OAEP", "", long, false},
		"a secret":                   {"dir", "", curve, false},
		"an encryption that is none": {"ECDH-ES", "A128CBC", curve, false},
		"an encryption alone":        {"", "A128GCM", curve, false},
		"a key that nobody needs":    {"", "", curve, true},
	} {
		text := `"jwks":{"keys":[` + tt.keys + `]},"scope"`
		if tt.alg != "" {
			text = `"id_token_encrypted_response_alg":"` + tt.alg + `",` + text
		}
		if tt.enc != "" {
			text = `"id_token_encrypted_response_enc":"` + tt.enc + `",` + text
		}
		c, err := Parse([]byte(strings.Replace(good, `"scope"`, text, 1)), false)
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
		if tt.enc == "" && err == nil && c.IDTokenEncryption().Content != jose.A128CBC_HS256 {
			t.Errorf("%s: usually by %s", name, c.IDTokenEncryption().Content)
		}
	}
}

// A key for encryption proves nothing: it is no key of assertions, and alone not enough for a client
// that has them.
func TestEncryptionKeysProveNothing(t *testing.T) {
	key := func(kid, use string) string {
		return `{"kty":"EC","crv":"P-256","kid":"` + kid + `","use":"` + use + `","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
	}
	with := func(keys string) (*Client, error) {
		return Parse([]byte(strings.Replace(strings.Replace(good, `"none"`, `"private_key_jwt"`, 1), `"scope"`, `"jwks":{"keys":[`+keys+`]},"scope"`, 1)), false)
	}
	if _, err := with(key("e1", "enc")); err == nil {
		t.Error("alone")
	}
	c, err := with(key("e1", "enc") + "," + key("s1", "sig"))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Key("e1"); ok {
		t.Error("by its name")
	}
	if k, ok := c.Key(""); !ok || k.KeyID != "s1" {
		t.Error("the only key that proves is not found without a name")
	}
}
