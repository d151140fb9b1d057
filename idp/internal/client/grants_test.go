package client

import (
	"strings"
	"testing"
)

// robot is a client in whose grants nobody signs in.
const robot = `{"client_id":"robot","client_name":"A program","grant_types":["client_credentials"],"token_endpoint_auth_method":"private_key_jwt","scope":"cpms.grants.read",
"jwks":{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}}`

func TestClientsWithoutPersons(t *testing.T) {
	if _, err := Parse([]byte(robot), false); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ old, new string }{
		"a scope of persons":             {`"cpms.grants.read"`, `"cpms.grants.read email"`},
		"openid":                         {`"cpms.grants.read"`, `"openid cpms.grants.read"`},
		"offline_access":                 {`"cpms.grants.read"`, `"offline_access cpms.grants.read"`},
		"no scope":                       {`"cpms.grants.read"`, `""`},
		"a refresh token":                {`"client_credentials"`, `"client_credentials","refresh_token"`},
		"only a refresh token":           {`"client_credentials"`, `"refresh_token"`},
		"a public one":                   {`"private_key_jwt"`, `"none"`},
		"redirect addresses":             {`"grant_types"`, `"redirect_uris":["https://rp.example/cb"],"grant_types"`},
		"response types":                 {`"grant_types"`, `"response_types":["code"],"grant_types"`},
		"the sub of a person":            {`"robot"`, `"n00annaaaaa"`},
		"a pairwise sub of a person":     {`"robot"`, `"p00annaaaaa"`},
		"the same in capitals":           {`"robot"`, `"N00ANNAAAAA"`},
		"openid with person's grant":     {`["client_credentials"]`, `["client_credentials","authorization_code"],"response_types":["code"],"redirect_uris":["https://rp.example/cb"]`},
		"client_credentials without API": {`["client_credentials"]`, `["client_credentials","authorization_code"],"response_types":["code"],"redirect_uris":["https://rp.example/cb"],"client_uri":"https://rp.example","scope":"openid"`},
	} {
		if _, err := Parse([]byte(strings.Replace(robot, tt.old, tt.new, 1)), false); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	both := strings.NewReplacer(`["client_credentials"]`, `["client_credentials","authorization_code"],"response_types":["code"],"redirect_uris":["https://rp.example/cb"]`, `"cpms.grants.read"`, `"openid cpms.grants.read"`).Replace(robot)
	if _, err := Parse([]byte(both), false); err != nil {
		t.Errorf("beside the code flow: %v", err)
	}
}

func TestScopesOfAPIs(t *testing.T) {
	for _, good := range []string{"cpms.grants.read", "a.b", "mail.read_all", "a1.b-2.c", "a." + strings.Repeat("b", 62)} {
		if !APIScope(good) {
			t.Errorf("%q is none", good)
		}
	}
	for _, bad := range []string{"", "phone", "address", "openid", ".a", "a.", "a..b", "A.b", "a.B", "1.a", "a.1", "a.b ", "a b.c", "a.é", "a.b\n", "https://a.b", "a:b", "a.b*", "a." + strings.Repeat("b", 63)} {
		if APIScope(bad) {
			t.Errorf("%q is one", bad)
		}
	}
}

// RFC 8693: who acts for people authenticates, and is registered for whom.
func TestClientsThatActForPeople(t *testing.T) {
	desk := strings.NewReplacer(`["client_credentials"]`, `["urn:ietf:params:oauth:grant-type:token-exchange"],"exchanges":["rp-1"]`, `"cpms.grants.read"`, `"openid cpms.grants.read"`).Replace(robot)
	for name, tt := range map[string]struct {
		old, new string
		good     bool
	}{
		"good":                   {`"robot"`, `"desk"`, true},
		"scopes of APIs alone":   {`"openid cpms.grants.read"`, `"cpms.grants.read"`, true},
		"for no other client":    {`,"exchanges":["rp-1"]`, ``, true},
		"beside its own tokens":  {`token-exchange"]`, `token-exchange","client_credentials"]`, true},
		"a public one":           {`"private_key_jwt"`, `"none"`, false},
		"no grant for it":        {`"urn:ietf:params:oauth:grant-type:token-exchange"`, `"client_credentials"`, false},
		"a refresh token":        {`token-exchange"]`, `token-exchange","refresh_token"]`, false},
		"to stay":                {`"openid cpms.grants.read"`, `"openid offline_access"`, false},
		"no scope":               {`"openid cpms.grants.read"`, `""`, false},
		"a scope nobody offers":  {`"openid cpms.grants.read"`, `"address"`, false},
		"a list that is no list": {`["rp-1"]`, `"rp-1"`, false},
	} {
		if _, err := Parse([]byte(strings.Replace(desk, tt.old, tt.new, 1)), false); (err == nil) != tt.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}
