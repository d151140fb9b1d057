package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

const profileKey = `"jwks":{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`

// bank are metadata that keep every rule of FAPI 2.0.
var bank = strings.Replace(strings.Replace(good, `"none"`, `"private_key_jwt",`+profileKey, 1), `"scope"`, `"profile":"fapi2","dpop_bound_access_tokens":true,"require_pushed_authorization_requests":true,"scope"`, 1)

// broken gives the members at fault in the bank's metadata with changes laid over them; nil removes.
func broken(t *testing.T, changes map[string]any, loopback bool) []string {
	t.Helper()
	m := map[string]any{}
	if err := json.Unmarshal([]byte(bank), &m); err != nil {
		t.Fatal(err)
	}
	for name, v := range changes {
		if m[name] = v; v == nil {
			delete(m, name)
		}
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var f *Faults
	if _, err := Parse(raw, loopback); err != nil && !errors.As(err, &f) {
		t.Fatal(err)
	}
	var members []string
	if f != nil {
		for _, one := range f.List {
			members = append(members, one.Member)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(members)))
}

// FAPI 2.0 Security Profile: the switch wants every rule, and names each that is broken.
func TestTheProfileFAPI2(t *testing.T) {
	if _, err := Parse([]byte(bank), false); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ old, new, says string }{
		"no such profile": {`"fapi2"`, `"fapi1"`, "profile must be"},
		"no push":         {`"require_pushed_authorization_requests":true,`, ``, "require_pushed_authorization_requests"},
		"bearer tokens":   {`"dpop_bound_access_tokens":true,`, ``, "dpop_bound_access_tokens"},
		"a public client": {`"private_key_jwt",` + profileKey, `"none"`, "token_endpoint_auth_method"},
		"a secret":        {`"private_key_jwt",` + profileKey, `"client_secret_jwt"`, "token_endpoint_auth_method"},
		"http":            {`https://rp.example/cb`, `http://rp.example/cb`, "redirect_uris"},
	} {
		raw := strings.Replace(bank, tt.old, tt.new, 1)
		if raw == bank {
			t.Fatalf("%s changes nothing", name)
		}
		if _, err := Parse([]byte(raw), false); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// §5.4.1: every member by which something is signed is held to three algorithms; who adds one adds its rule.
func TestAlgorithmsOfFAPI2(t *testing.T) {
	signing := slices.DeleteFunc(slices.Clone(Members), func(m string) bool {
		return !strings.HasSuffix(m, "_signing_alg") && !strings.HasSuffix(m, "_signed_response_alg")
	})
	if len(signing) != 6 {
		t.Fatalf("%v", signing)
	}
	for _, member := range signing {
		for _, alg := range Algorithms {
			changes := map[string]any{member: alg}
			switch member {
			case "access_token_signed_response_alg":
				changes["access_token_format"] = JWT
			case "token_endpoint_auth_signing_alg", "request_object_signing_alg": // both are that of the key
				changes = map[string]any{"token_endpoint_auth_signing_alg": alg, "request_object_signing_alg": alg, "jwks": nil, "jwks_uri": "https://rp.example/keys"}
			}
			want := []string{member}
			if member == "request_object_signing_alg" {
				want = []string{"token_endpoint_auth_signing_alg"}
			}
			if slices.Contains(fapiAlgorithms, alg) {
				want = nil
			}
			if got := broken(t, changes, false); !slices.Equal(got, want) {
				t.Errorf("%s %s: %v, want %v", member, alg, got, want)
			}
		}
	}
	if got := broken(t, map[string]any{"request_object_signing_alg": "RS256"}, false); !slices.Equal(got, []string{"request_object_signing_alg"}) {
		t.Errorf("another algorithm for requests than for assertions: %v", got)
	}
	if got := broken(t, map[string]any{"profile": nil, "userinfo_signed_response_alg": "RS256", "introspection_signed_response_alg": "PS512"}, false); got != nil {
		t.Errorf("without the profile: %v", got)
	}
}

// §5.3.2.1: no password grant, no tokens from the authorization endpoint, and every grant that there is here
// with bound tokens and for clients that authenticate (its note 2 names others than the code flow).
func TestGrantsOfFAPI2(t *testing.T) {
	for _, grant := range GrantTypes {
		changes := map[string]any{"grant_types": []string{"authorization_code", grant}}
		switch grant {
		case "authorization_code":
			changes["grant_types"] = []string{grant}
		case "refresh_token":
			changes["scope"] = "openid email offline_access"
		case ClientCredentials:
			changes["scope"] = "openid email cpms.grants.read"
		case CIBA:
			changes["backchannel_token_delivery_mode"] = DeliverPoll
		}
		if got := broken(t, changes, false); got != nil {
			t.Errorf("%s: %v", grant, got)
		}
		changes["dpop_bound_access_tokens"] = nil
		if got := broken(t, changes, false); !slices.Equal(got, []string{"dpop_bound_access_tokens"}) {
			t.Errorf("%s with bearer tokens: %v", grant, got)
		}
		changes["dpop_bound_access_tokens"], changes["token_endpoint_auth_method"], changes["jwks"] = true, "none", nil
		if got := broken(t, changes, false); !slices.Contains(got, "token_endpoint_auth_method") {
			t.Errorf("%s of a public client: %v", grant, got)
		}
	}
	for _, grant := range []string{"password", "implicit"} {
		if got := broken(t, map[string]any{"grant_types": []string{"authorization_code", grant}}, false); !slices.Equal(got, []string{"grant_types"}) {
			t.Errorf("%s: %v", grant, got)
		}
	}
	for _, response := range []string{"token", "id_token", "code id_token", "code token"} {
		if got := broken(t, map[string]any{"response_types": []string{response}}, false); !slices.Equal(got, []string{"response_types"}) {
			t.Errorf("%s: %v", response, got)
		}
	}
}

// §5.3.2.2: answers go over encrypted connections, or stay on the machine of a native client (RFC 8252 §7.3).
func TestRedirectAddressesOfFAPI2(t *testing.T) {
	for _, tt := range []struct {
		kind, address string
		good          bool
	}{
		{"web", "https://rp.example/cb", true},
		{"web", "http://127.0.0.1/cb", false},
		{"web", "http://localhost:3000/cb", false},
		{"native", "https://rp.example/cb", true},
		{"native", "http://127.0.0.1/cb", true},
		{"native", "http://127.0.0.1:8080/cb", true},
		{"native", "http://[::1]/cb", true},
		{"native", "http://localhost/cb", false}, // who answers to a name, a resolver decides (§8.3)
		{"native", "http://rp.example/cb", false},
		{"native", "http://127.0.0.1.rp.example/cb", false},
	} {
		for _, development := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s %s %v", tt.kind, tt.address, development), func(t *testing.T) {
				got := broken(t, map[string]any{"application_type": tt.kind, "redirect_uris": []string{tt.address}}, development)
				if tt.good != (got == nil) || !tt.good && !slices.Equal(got, []string{"redirect_uris"}) {
					t.Errorf("%v", got)
				}
			})
		}
	}
}
