package client

import (
	"encoding/json"
	"strings"
	"testing"
)

// What is registered of a certificate names one, in one way.
func TestMetadataOfCertificates(t *testing.T) {
	const jwks = `"jwks":{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`
	for name, tt := range map[string]struct {
		method, members string
		good            bool
	}{
		"a subject":                    {"tls_client_auth", `"tls_client_auth_subject_dn":"CN=rp,O=Example"`, true},
		"a DNS name":                   {"tls_client_auth", `"tls_client_auth_san_dns":"rp.example"`, true},
		"a URI":                        {"tls_client_auth", `"tls_client_auth_san_uri":"urn:example:rp"`, true},
		"an IP address":                {"tls_client_auth", `"tls_client_auth_san_ip":"2001:db8::7"`, true},
		"a mail address":               {"tls_client_auth", `"tls_client_auth_san_email":"ops@rp.example"`, true},
		"bound tokens":                 {"tls_client_auth", `"tls_client_auth_san_dns":"rp.example","tls_client_certificate_bound_access_tokens":true`, true},
		"bound tokens of a public one": {"none", `"tls_client_certificate_bound_access_tokens":true`, true},
		"its own":                      {"self_signed_tls_client_auth", jwks, true},
		"nothing":                      {"tls_client_auth", `"client_uri":"https://rp.example"`, false},
		"two names":                    {"tls_client_auth", `"tls_client_auth_san_dns":"rp.example","tls_client_auth_san_ip":"192.0.2.7"`, false},
		"no name":                      {"tls_client_auth", `"tls_client_auth_subject_dn":"rp"`, false},
		"a wildcard":                   {"tls_client_auth", `"tls_client_auth_san_dns":"*.rp.example"`, false},
		"a DNS name with its root":     {"tls_client_auth", `"tls_client_auth_san_dns":"rp.example."`, false},
		"a path":                       {"tls_client_auth", `"tls_client_auth_san_uri":"/rp"`, false},
		"a host for an IP address":     {"tls_client_auth", `"tls_client_auth_san_ip":"rp.example"`, false},
		"a host for a mail address":    {"tls_client_auth", `"tls_client_auth_san_email":"rp.example"`, false},
		"a name and a key":             {"tls_client_auth", `"tls_client_auth_san_dns":"rp.example",` + jwks, false},
		"a name of its own":            {"self_signed_tls_client_auth", `"tls_client_auth_san_dns":"rp.example",` + jwks, false},
		"its own, unnamed":             {"self_signed_tls_client_auth", `"client_uri":"https://rp.example"`, false},
		"an algorithm":                 {"tls_client_auth", `"tls_client_auth_san_dns":"rp.example","token_endpoint_auth_signing_alg":"ES256"`, false},
		"a name with another method":   {"private_key_jwt", `"tls_client_auth_san_dns":"rp.example",` + jwks, false},
	} {
		raw := strings.Replace(strings.Replace(good, `"none"`, `"`+tt.method+`"`, 1), `"scope"`, tt.members+`,"scope"`, 1)
		c, err := Parse([]byte(raw), false)
		if (err == nil) != tt.good {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		again, err := json.Marshal(c)
		if err != nil || !strings.Contains(string(again), strings.Split(tt.members, ":")[0]) {
			t.Errorf("%s: written as %s %v", name, again, err)
		}
		if _, err := Parse(again, false); err != nil {
			t.Errorf("%s, read again: %v", name, err)
		}
	}
}
