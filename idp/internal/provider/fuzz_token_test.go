package provider

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
)

// registered gives a provider that knows these clients and nothing else.
func registered(t testing.TB, metadata ...string) *server {
	t.Helper()
	dir := t.TempDir()
	for i, m := range metadata {
		if err := os.WriteFile(filepath.Join(dir, string(rune('a'+i))+".json"), []byte(m), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	clients, err := client.Load(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	return &server{Config: Config{Issuer: "https://idp.example", Clients: clients}}
}

// Whatever is asked for, nothing is given but what is registered, and at the token endpoint nothing but
// what was approved (security case 20).
func FuzzResource(f *testing.F) {
	s := registered(f, `{"client_id":"api","client_name":"A","token_endpoint_auth_method":"none","resource_identifiers":["https://api.example/a","urn:example:b"]}`,
		`{"client_id":"rp","client_name":"B","redirect_uris":["https://rp.example/cb"],"response_types":["code"],"grant_types":["authorization_code"],
		"token_endpoint_auth_method":"none","scope":"openid","resources":["https://api.example/a","urn:example:b","https://nobody.example"]}`)
	c, err := s.Clients.ByID(f.Context(), "rp")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("resource=https://api.example/a&resource=urn:example:b", "resource=urn:example:b")
	f.Add("resource=https://nobody.example", "resource=https://idp.example&resource=")
	f.Add("resource=https://api.example/a%23x&resource=https://api.example/a%00", "resource=https://API.example/a")
	f.Add("", "resource=https://api.example/a")
	f.Fuzz(func(t *testing.T, request, exchange string) {
		asked, _ := url.ParseQuery(request)
		later, _ := url.ParseQuery(exchange)
		approved, err := s.aimed(c, asked["resource"])
		if err != nil {
			return
		}
		known := []string{"https://api.example/a", "urn:example:b", s.Issuer}
		for i, r := range approved {
			if !slices.Contains(known, r) || !slices.Contains(asked["resource"], r) || slices.Contains(approved[:i], r) {
				t.Fatalf("%q of %q", approved, asked["resource"])
			}
		}
		a := grant.Approval{Resources: approved}
		given, err := s.narrowed(c, a, later["resource"])
		if err != nil {
			return
		}
		for _, r := range given.Resources {
			if !slices.Contains(s.audience(a), r) {
				t.Fatalf("%q of %q", given.Resources, approved)
			}
		}
		if len(s.audience(given)) == 0 || len(later["resource"]) > 0 && later.Get("resource") != "" && !slices.Contains(later["resource"], given.Resources[0]) {
			t.Fatalf("%q for %q", given.Resources, later["resource"])
		}
	})
}

// Whatever stands in scope, what is granted was asked for and registered, each once, and a refresh gives no
// more than there was.
func FuzzScope(f *testing.F) {
	f.Add("openid email", "email")
	f.Add("openid  openid phone", "openid phone")
	f.Add("openid\temail\u00a0x", " ")
	f.Add(`openid "email\`, "OPENID")
	f.Fuzz(func(t *testing.T, request, refresh string) {
		form := url.Values{"response_type": {"code"}, "code_challenge_method": {"S256"}, "code_challenge": {strings.Repeat("A", 43)}, "scope": {request}}
		q, err := read(fuzzed, form)
		if err != nil {
			return
		}
		if strings.ContainsAny(request, "\"\\\t\r\n\x00") || len(request) > scopeLimit {
			t.Fatalf("%q was read", request)
		}
		asked := strings.Split(request, " ")
		for i, sc := range q.Scopes {
			if !slices.Contains(asked, sc) || !fuzzed.MayAsk(sc) || slices.Contains(q.Scopes[:i], sc) {
				t.Fatalf("%q of %q", q.Scopes, request)
			}
		}
		left, ok := remaining(fuzzed, q.Scopes, refresh)
		if ok != (len(left) > 0) {
			t.Fatalf("%q %v", left, ok)
		}
		for _, sc := range left {
			if !slices.Contains(q.Scopes, sc) {
				t.Fatalf("%q of %q", left, q.Scopes)
			}
		}
	})
}

// Whatever a client asks for with whatever token, it gets nothing that the token did not have, that it did not register
// itself, or that stays (security case 19).
func FuzzTokenExchange(f *testing.F) {
	s := registered(f, `{"client_id":"api","client_name":"A","token_endpoint_auth_method":"none","resource_identifiers":["https://api.example/a","urn:example:b"]}`,
		`{"client_id":"rp","client_name":"B","redirect_uris":["https://rp.example/cb"],"response_types":["code"],"grant_types":["authorization_code","refresh_token"],
		"token_endpoint_auth_method":"none","scope":"openid offline_access api.read api.write","resources":["https://api.example/a","urn:example:b"]}`)
	c, err := s.Clients.ByID(f.Context(), "rp")
	if err != nil {
		f.Fatal(err)
	}
	const access = "urn:ietf:params:oauth:token-type:access_token"
	f.Add("subject_token_type="+access+"&scope=api.read&resource=urn:example:b", "openid api.read offline_access", "urn:example:b https://api.example/a")
	f.Add("subject_token_type="+access+"&requested_token_type="+access+"&scope=offline_access+openid", "openid offline_access", "")
	f.Add("subject_token_type="+access+"&audience=api&actor_token=x", "api.write email", "https://idp.example")
	f.Add("subject_token_type=x&scope=%00+%ff&resource=", "api.read", "urn:example:c")
	f.Fuzz(func(t *testing.T, raw, scopes, resources string) {
		form, err := url.ParseQuery(raw)
		if err != nil || readExchange(form) != nil {
			return
		}
		if form.Get("subject_token_type") != access || form.Get("actor_token")+form.Get("audience") != "" {
			t.Fatalf("%q", raw)
		}
		had := grant.Approval{Client: "other", Account: "n00annaaaaa", SID: "s", ACR: "a", Scopes: strings.Fields(scopes), Resources: strings.Fields(resources), Binding: grant.Binding{JKT: "k"}}
		given, err := s.lesser(c, had, form)
		if err != nil {
			return
		}
		if given.Client != "rp" || given.Account != had.Account || given.SID != had.SID || given.ACR != had.ACR || given.JKT != "" || len(given.Scopes) == 0 || len(given.Resources) == 0 {
			t.Fatalf("%+v", given)
		}
		for _, scope := range given.Scopes {
			if !slices.Contains(had.Scopes, scope) || !c.MayAsk(scope) || scope == "offline_access" {
				t.Fatalf("%q of %q", given.Scopes, had.Scopes)
			}
		}
		for _, r := range given.Resources {
			if !slices.Contains(s.audience(had), r) || !s.targets(c, r) {
				t.Fatalf("%q of %q", given.Resources, had.Resources)
			}
		}
	})
}
