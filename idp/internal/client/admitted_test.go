package client

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// certified are metadata of a client with a way of authentication by certificates.
func certified(method, members string) string {
	return strings.Replace(strings.Replace(good, `"none"`, `"`+method+`"`, 1), `"scope"`, members+`"scope"`, 1)
}

// What a client wants of certificates goes with what the operator lets in, member by member.
func TestCertificatesThatAreNotLetIn(t *testing.T) {
	const bound = `"tls_client_certificate_bound_access_tokens":true,`
	const key = `"jwks":{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]},`
	none, some, all := Admitted{}, Admitted{Certificates: true}, Admitted{Certificates: true, CAs: true}
	for name, tt := range map[string]struct {
		metadata string
		let      Admitted
		members  string // at fault
	}{
		"no certificate, none let in":       {good, none, ""},
		"a CA's, none let in":               {certified(TLSClientAuth, `"tls_client_auth_san_dns":"rp.example",`), none, "token_endpoint_auth_method"},
		"a CA's, no CA":                     {certified(TLSClientAuth, `"tls_client_auth_san_dns":"rp.example",`), some, "token_endpoint_auth_method"},
		"a CA's":                            {certified(TLSClientAuth, `"tls_client_auth_san_dns":"rp.example",`+bound), all, ""},
		"its own, none let in":              {certified(SelfSignedTLSClientAuth, key), none, "token_endpoint_auth_method"},
		"its own":                           {certified(SelfSignedTLSClientAuth, key+bound), some, ""},
		"bound tokens, none let in":         {certified(None, bound), none, "tls_client_certificate_bound_access_tokens"},
		"bound tokens":                      {certified(None, bound), some, ""},
		"a CA's and bound tokens, none in":  {certified(TLSClientAuth, `"tls_client_auth_san_dns":"rp.example",`+bound), none, "token_endpoint_auth_method tls_client_certificate_bound_access_tokens"},
		"its own and bound tokens, none in": {certified(SelfSignedTLSClientAuth, key+bound), none, "token_endpoint_auth_method tls_client_certificate_bound_access_tokens"},
	} {
		c, err := Parse([]byte(tt.metadata), false)
		if err != nil {
			t.Fatal(name, err)
		}
		var members []string
		var faults *Faults
		if err := tt.let.Check(c); errors.As(err, &faults) {
			for _, f := range faults.List {
				members = append(members, f.Member)
			}
		} else if err != nil {
			t.Error(name, err)
		}
		if got := strings.Join(members, " "); got != tt.members {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// An operator who lets certificates in no more has the same clients as before, and is told which of them
// cannot be served.
func TestClientsOutliveTheCertificates(t *testing.T) {
	r, d, dir := house(t)
	metadata := certified(TLSClientAuth, `"tls_client_auth_san_dns":"rp.example",`)
	if err := os.WriteFile(filepath.Join(dir, "b.json"), []byte(strings.Replace(metadata, "rp-1", "in-file", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Reload(); err != nil {
		t.Fatalf("a folder with a client of certificates: %v", err)
	}
	d.change("in-database", Active, metadata)
	d.change("switched-off", Disabled, metadata)
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"rp-1", "in-file", "in-database"} {
		if _, err := r.ByID(t.Context(), id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := r.Unserved(Admitted{Certificates: true, CAs: true}); err != nil {
		t.Errorf("all are let in: %v", err)
	}
	err := r.Unserved(Admitted{Certificates: true})
	if err == nil || !strings.HasPrefix(err.Error(), `client "in-database": token_endpoint_auth_method`) || !strings.Contains(err.Error(), "\nclient \"in-file\": ") || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("%v", err)
	}
}
