package client

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// RFC 8707 §2: absolute, without fragment; and only what can be compared byte for byte.
func TestResourcesAreAbsolute(t *testing.T) {
	with := func(member, uri string) error {
		_, err := Parse([]byte(strings.Replace(good, `"scope"`, `"`+member+`":["`+uri+`"],"scope"`, 1)), false)
		return err
	}
	for _, member := range []string{"resources", "resource_identifiers"} {
		for _, uri := range []string{"https://api.example", "https://api.example/v1/", "https://api.example/a?tenant=1", "urn:example:api", "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66"} {
			if err := with(member, uri); err != nil {
				t.Errorf("%s %q: %v", member, uri, err)
			}
		}
		for _, uri := range []string{
			"", "api", "/api", "//api.example", "https://", "http://api.example", "http://127.0.0.1", "https://api.example/#x", "urn:example:api#x", "urn:x", "urn::x", "javascript:alert(1)", "https://a@api.example",
			"https://api.example/a b", "https://api.example/é", "urn:example:a b", `https://api.example","https://api.example`, "urn:example:" + strings.Repeat("a", 300),
		} {
			if err := with(member, uri); err == nil {
				t.Errorf("%s takes %q", member, uri)
			}
		}
	}
}

// A resource server may be nothing else: then it has no grants, no scope and no addresses.
func TestAResourceServerNeedsNoGrants(t *testing.T) {
	const server = `{"client_id":"api","client_name":"An interface","token_endpoint_auth_method":"none","resource_identifiers":["https://api.example"]}`
	if _, err := Parse([]byte(server), false); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{
		strings.Replace(server, `,"resource_identifiers":["https://api.example"]`, "", 1),
		strings.Replace(server, `"client_name"`, `"redirect_uris":["https://rp.example"],"client_name"`, 1),
		strings.Replace(server, `"client_name"`, `"response_types":["code"],"client_name"`, 1),
		strings.Replace(server, `"client_name"`, `"scope":"openid","client_name"`, 1),
		strings.Replace(server, `"client_name"`, `"grant_types":["refresh_token"],"client_name"`, 1),
	} {
		if _, err := Parse([]byte(wrong), false); err == nil {
			t.Errorf("accepted: %s", wrong)
		}
	}
}

// Security case 24: nobody becomes a second reader of what is meant for another one.
func TestAResourceHasOneServer(t *testing.T) {
	dir := t.TempDir()
	write := func(id, resource string) {
		text := `{"client_id":"` + id + `","client_name":"A","token_endpoint_auth_method":"none","resource_identifiers":["` + resource + `"]}`
		if err := os.WriteFile(filepath.Join(dir, id+".json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("api", "https://api.example")
	r, err := Load(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	write("thief", "https://api.example")
	if err := r.Reload(); err == nil || !strings.Contains(err.Error(), `"https://api.example"`) {
		t.Errorf("%v", err)
	}
	if got := r.Owner("https://api.example"); got != "api" {
		t.Errorf("it is %q's now", got)
	}
	write("thief", "https://api.example/")
	if err := r.Reload(); err != nil || r.Owner("https://api.example/") != "thief" || r.Owner("https://api.example") != "api" || r.Owner("https://other.example") != "" {
		t.Errorf("%v", err)
	}
}
