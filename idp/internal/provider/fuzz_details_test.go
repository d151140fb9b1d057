package provider

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
)

// Whatever stands in authorization_details, what is kept has a type that the client registered and the fields of
// it, every one of which a page can show; it reads the same a second time, and asks for no more than itself.
func FuzzAuthorizationDetails(f *testing.F) {
	s := registered(f, `{"client_id":"api","client_name":"A","token_endpoint_auth_method":"none","resource_identifiers":["https://api.example"],
		"authorization_details_definitions":[{"type":"payment","title":{"en":"Pay"},"fields":[{"name":"to","kind":"text","label":{"en":"To"},"required":true},
		{"name":"amount","kind":"number","label":{"en":"Amount"}},{"name":"ways","kind":"texts","label":{"en":"Ways"},"values":["card","cash"]}]},{"type":"other","title":{"en":"Other"},"fields":[]}]}`,
		`{"client_id":"rp","client_name":"B","redirect_uris":["https://rp.example/cb"],"response_types":["code"],"grant_types":["authorization_code"],
		"token_endpoint_auth_method":"none","scope":"openid","resources":["https://api.example"],"authorization_details_types":["payment"]}`)
	c, err := s.Clients.ByID(f.Context(), "rp")
	if err != nil {
		f.Fatal(err)
	}
	for _, raw := range []string{
		`[{"type":"payment","to":"Anna","amount":5,"ways":["card"]}]`, `[{"type":"payment","to":"Anna","to":"Eve"}]`, `[{"type":"other"}]`, `[{"type":"payment","to":"\u202eAnna"}]`, `[{"type":"payment","to":"a","amount":null}]`,
		`[{"type":"payment","to":"a","ways":[]},null]`, `{"type":"payment"}`, `[]`, `[[[[`, `[{"TYPE":"payment","to":"a"}]`, `[{"type":"payment","to":{"a":1}}]`, `[{"type":"payment","to":"a","amount":1e400}]`, strings.Repeat("[", 9000),
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		details, resources, err := s.details(c, raw, nil)
		if err != nil || raw == "" {
			return
		}
		if len(details) == 0 || len(details) > detailLimit || len(raw) > detailsLimit || !slices.Equal(resources, []string{"https://api.example"}) {
			t.Fatalf("%q: %v for %q", raw, details, resources)
		}
		def, _, _ := s.Clients.DetailType("payment")
		for _, d := range details {
			for name := range d {
				if _, ok := def.Field(name); !ok && name != "type" {
					t.Fatalf("%q holds %q", raw, name)
				}
			}
			var to string
			if d.Type() != "payment" || json.Unmarshal(d["to"], &to) != nil || !client.Line(to) || !d.Within(d) {
				t.Fatalf("%q: %v", raw, d)
			}
		}
		kept, err := json.Marshal(details)
		if err != nil {
			t.Fatal(err)
		}
		if len(kept) > detailsLimit { // escapes are longer than what they stand for
			return
		}
		again, _, err := s.details(c, string(kept), resources)
		if err != nil || !slices.EqualFunc(details, again, func(a, b grant.Detail) bool { return maps.EqualFunc(a, b, slices.Equal[json.RawMessage]) }) {
			t.Fatalf("%q reads %s the second time: %v", raw, again, err)
		}
	})
}
