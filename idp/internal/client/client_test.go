package client

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const good = `{"client_id":"rp-1","client_name":"A service","redirect_uris":["https://rp.example/cb"],"response_types":["code"],
"grant_types":["authorization_code"],"token_endpoint_auth_method":"none","scope":"openid email"}`

func TestMetadataAreCheckedStrictly(t *testing.T) {
	if _, err := Parse([]byte(good), false); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ old, new string }{
		"unknown member":    {`"scope"`, `"scopes"`},
		"id":                {`"rp-1"`, `"a b"`},
		"no name":           {`"A service"`, `" "`},
		"http":              {"https://rp.example/cb", "http://rp.example/cb"},
		"loopback":          {"https://rp.example/cb", "http://localhost/cb"},
		"fragment":          {"https://rp.example/cb", "https://rp.example/cb#x"},
		"user":              {"https://rp.example/cb", "https://rp@evil.example/cb"},
		"wildcard":          {"https://rp.example/cb", "https://*.example/cb"},
		"dots":              {"https://rp.example/cb", "https://rp.example/a/../cb"},
		"encoded dots":      {"https://rp.example/cb", "https://rp.example/a/%2E%2e/cb"},
		"script":            {"https://rp.example/cb", "javascript:alert(1)"},
		"implicit":          {`["code"]`, `["token"]`},
		"grant":             {`["authorization_code"]`, `["authorization_code","password"]`},
		"secret":            {`"none"`, `"client_secret_post"`},
		"keys missing":      {`"none"`, `"private_key_jwt"`},
		"scope":             {`"openid email"`, `"email"`},
		"offline, no grant": {`"openid email"`, `"openid offline_access"`},
		"unknown acr":       {`"scope"`, `"default_acr_values":["urn:x"],"scope"`},
		"public, no PKCE":   {`"scope"`, `"require_pkce":false,"scope"`},
		"two objects":       {`"openid email"}`, `"openid email"}{}`},
		"a private key":     {`"scope"`, `"jwks":{"keys":[{"kty":"oct","k":"AAAA","kid":"1"}]},"scope"`},
	} {
		if c, err := Parse([]byte(strings.Replace(good, tt.old, tt.new, 1)), false); err == nil {
			t.Errorf("%s: accepted %+v", name, c)
		}
	}
	if _, err := Parse([]byte(strings.Replace(good, "https://rp.example/cb", "http://localhost:9100/cb", 1)), true); err != nil {
		t.Errorf("development: %v", err)
	}
	if _, err := Parse([]byte(strings.Replace(good, "https://rp.example/cb", "http://localhost.evil.example/cb", 1)), true); err == nil {
		t.Error("localhost is a whole name (security case 12)")
	}
}

func TestAllFaultsAtOnceAndTheOldOnesStay(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.json", good)
	r, err := Load(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	write("b.json", strings.Replace(good, "A service", "", 1))
	write("c.json", "{")
	err = r.Reload()
	if err == nil || !strings.Contains(err.Error(), "b.json") || !strings.Contains(err.Error(), "c.json") {
		t.Fatalf("%v", err)
	}
	if _, err := r.ByID(t.Context(), "rp-1"); err != nil {
		t.Fatal("a broken file took a good client away", err)
	}
	if _, err := r.ByID(t.Context(), "nobody"); err == nil {
		t.Fatal("an unknown client was found")
	}
}

func FuzzRedirects(f *testing.F) {
	for _, s := range []string{"https://rp.example/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1@evil/cb", "https://rp.example/cb#", "http://127.0.0.1:1/cb?x"} {
		f.Add(s)
	}
	c := &Client{ApplicationType: "native", RedirectURIs: []string{"https://rp.example/cb", "http://127.0.0.1/cb"}}
	f.Fuzz(func(t *testing.T, uri string) {
		if !c.Redirects(uri) || uri == "https://rp.example/cb" {
			return
		}
		if !strings.HasPrefix(uri, "http://127.0.0.1") || strings.ContainsAny(uri, "@#\\ \t\r\n") {
			t.Fatalf("%q was taken for a registered address", uri)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := Parse(raw, false)
		if err != nil {
			return
		}
		for _, u := range c.RedirectURIs {
			if c.ApplicationType == "web" && !strings.HasPrefix(u, "https://") {
				t.Fatalf("%q", u)
			}
		}
		if _, err := json.Marshal(c); err != nil {
			t.Fatal(err)
		}
	})
}
