package registration_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/registration"
)

// initial issues an initial access token.
func (w *world) initial(uses int64, p registration.Policy) (id, token string) {
	w.t.Helper()
	if p.Scopes == nil {
		p.Scopes = []string{"openid", "email", "offline_access"}
	}
	t, token, err := w.IssueToken(w.t.Context(), by, uses, 7, p)
	w.must(err)
	return t.ID, token
}

// said is what a client says of itself; changes lay over it, nil removes.
func said(changes map[string]any) []byte {
	m := map[string]any{"redirect_uris": []string{"https://rp.example/cb"}, "token_endpoint_auth_method": "none"}
	for k, v := range changes {
		if m[k] = v; v == nil {
			delete(m, k)
		}
	}
	raw, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return raw
}

// parsed reads strict metadata.
func (w *world) parsed(r registration.Record) *client.Client {
	w.t.Helper()
	c, err := w.Clients.Parse(r.Metadata)
	w.must(err)
	return c
}

// RFC 7591 §2: what is absent has the usual value, what nobody knows is ignored, and what only operators
// decide too.
func TestMetadataOfAClientThatRegistersItself(t *testing.T) {
	w := newWorld(t)
	_, token := w.initial(1, registration.Policy{})
	r, err := w.RegisterSelf(t.Context(), token, said(map[string]any{
		"client_id": "mine", "client_name#fr": "Un service", "tos_uri": nil, "logo_uri": nil, "of_the_future": true, "require_auth_time": true, "userinfo_encrypted_response_alg": "RSA-OAEP-256", "policy_uri": "https://rp.example/policy",
		"introspects": []string{"in-file"}, "consent": "operator", "resource_identifiers": []string{"https://api.example"}, "access_token_lifetime": 3600, "client_secret": "chosen",
		"contacts": []string{"a@rp.example"}, "default_max_age": nil,
	}))
	w.must(err)
	c := w.parsed(r.Record)
	if len(c.ID) != 27 || c.Name != "rp.example" || c.ApplicationType != "web" || !slices.Equal(c.GrantTypes, []string{"authorization_code"}) || !slices.Equal(c.ResponseTypes, []string{"code"}) ||
		c.Scope != "openid email" || c.IDTokenAlg != "RS256" || c.PolicyURI != "https://rp.example/policy" || !c.PersonConsents() || c.AuthMethod != client.None {
		t.Errorf("%+v", c)
	}
	if len(c.Introspects)+len(c.ResourceIDs) != 0 || c.AccessTokenTTL != 0 || r.Secret != "" || r.Token == "" || r.State != client.Active {
		t.Errorf("a client took what operators decide: %+v %+v", c, r)
	}
	if got := w.events(); !strings.Contains(got, "client.registered by initial token ") {
		t.Errorf("%s", got)
	}
	_, token = w.initial(1, registration.Policy{})
	r, err = w.RegisterSelf(t.Context(), token, said(map[string]any{"grant_types": []string{"authorization_code", "refresh_token"}, "client_name": "Mine"}))
	w.must(err)
	if c := w.parsed(r.Record); c.Scope != "openid email offline_access" || c.Name != "Mine" {
		t.Errorf("%+v", c)
	}
}

func TestRegistrationsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	_, token := w.initial(1, registration.Policy{Hosts: []string{"rp.example"}})
	_, revoked := w.initial(1, registration.Policy{})
	all, err := w.Tokens.InitialTokens(t.Context())
	w.must(err)
	w.must(w.RevokeToken(t.Context(), by, all[slices.IndexFunc(all, func(t registration.InitialToken) bool { return len(t.Policy.Hosts) == 0 })].ID))
	for name, tt := range map[string]struct {
		token string
		raw   []byte
		want  error
		about string
	}{
		"no token":              {"", said(nil), registration.ErrToken, ""},
		"another token":         {strings.Repeat("A", 43), said(nil), registration.ErrToken, ""},
		"a revoked token":       {revoked, said(nil), registration.ErrToken, ""},
		"no object":             {token, []byte(`[]`), registration.ErrInvalid, "JSON object"},
		"null":                  {token, []byte(`null`), registration.ErrInvalid, "JSON object"},
		"a member twice":        {token, []byte(`{"scope":"openid","scope":"openid email"}`), registration.ErrInvalid, "JSON object"},
		"a software statement":  {token, said(map[string]any{"software_statement": "e30.e30."}), registration.ErrStatement, ""},
		"no method":             {token, said(map[string]any{"token_endpoint_auth_method": nil}), registration.ErrInvalid, "client_secret_basic"},
		"client_secret_post":    {token, said(map[string]any{"token_endpoint_auth_method": "client_secret_post"}), registration.ErrInvalid, "token_endpoint_auth_method"},
		"the device grant":      {token, said(map[string]any{"grant_types": []string{client.DeviceCode}}), registration.ErrInvalid, "grant_types"},
		"implicit":              {token, said(map[string]any{"response_types": []string{"id_token"}}), registration.ErrInvalid, "response_types"},
		"a scope too many":      {token, said(map[string]any{"scope": "openid profile"}), registration.ErrInvalid, "scope"},
		"another host":          {token, said(map[string]any{"redirect_uris": []string{"https://evil.example/cb"}}), registration.ErrInvalid, "redirect_uris"},
		"a host like it":        {token, said(map[string]any{"redirect_uris": []string{"https://rp.example.evil.example/cb"}}), registration.ErrInvalid, "redirect_uris"},
		"one of two hosts":      {token, said(map[string]any{"redirect_uris": []string{"https://rp.example/cb", "https://evil.example/cb"}}), registration.ErrInvalid, "redirect_uris"},
		"logout at another":     {token, said(map[string]any{"backchannel_logout_uri": "https://evil.example/out"}), registration.ErrInvalid, "backchannel_logout_uri"},
		"a script":              {token, said(map[string]any{"tos_uri": "javascript:alert(1)"}), registration.ErrInvalid, "tos_uri"},
		"a logo by http":        {token, said(map[string]any{"logo_uri": "http://rp.example/logo"}), registration.ErrInvalid, "logo_uri"},
		"a fragment":            {token, said(map[string]any{"redirect_uris": []string{"https://rp.example/cb#x"}}), registration.ErrInvalid, "redirect_uris"},
		"no address":            {token, said(map[string]any{"redirect_uris": nil}), registration.ErrInvalid, "redirect_uris"},
		"a name that is none":   {token, said(map[string]any{"client_name": 7}), registration.ErrInvalid, ""},
		"keys and their place":  {token, said(map[string]any{"token_endpoint_auth_method": "private_key_jwt", "jwks": json.RawMessage(rsaSet), "jwks_uri": "https://rp.example/keys"}), registration.ErrInvalid, "jwks"},
		"keys inside the house": {token, said(map[string]any{"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "http://127.0.0.1/keys"}), registration.ErrInvalid, "jwks_uri"},
	} {
		r, err := w.RegisterSelf(t.Context(), tt.token, tt.raw)
		if !errors.Is(err, tt.want) || !strings.Contains(fmt.Sprint(err), tt.about) {
			t.Errorf("%s: %v %+v", name, err, r)
		}
	}
	if all, err := w.List(t.Context(), "", 10); err != nil || len(all) != 0 {
		t.Errorf("%+v %v", all, err)
	}
	_, err = w.RegisterSelf(t.Context(), token, said(nil)) // what was refused used nothing up
	w.must(err)
}

// rsaSet is the key of RFC 7517, appendix A.1, without its names.
const rsaSet = `{"keys":[{"kty":"RSA","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}]}`

// A client that signs, and does not say by what, signs by what its key is for.
func TestTheUsualAlgorithmOfAClient(t *testing.T) {
	w := newWorld(t)
	_, token := w.initial(10, registration.Policy{})
	for name, tt := range map[string]struct{ member, value, alg string }{
		"RSA":        {"jwks", rsaSet, "RS256"},
		"PS256":      {"jwks", strings.Replace(rsaSet, `{"kty"`, `{"alg":"PS256","kty"`, 1), "PS256"},
		"P-256":      {"jwks", `{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}`, "ES256"},
		"Ed25519":    {"jwks", `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`, "EdDSA"},
		"at a place": {"jwks_uri", `"https://rp.example/keys"`, "RS256"},
	} {
		r, err := w.RegisterSelf(t.Context(), token, said(map[string]any{"token_endpoint_auth_method": "private_key_jwt", tt.member: json.RawMessage(tt.value)}))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := w.parsed(r.Record).AuthAlg; got != tt.alg {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A hundred that come with a token for one client make one.
func TestOneOfAHundredWithOneInitialToken(t *testing.T) {
	w := newWorld(t)
	_, token := w.initial(1, registration.Policy{})
	var made atomic.Int64
	var wait sync.WaitGroup
	for range 100 {
		wait.Go(func() {
			switch _, err := w.RegisterSelf(t.Context(), token, said(nil)); {
			case err == nil:
				made.Add(1)
			case !errors.Is(err, registration.ErrToken):
				t.Errorf("%v", err)
			}
		})
	}
	wait.Wait()
	all, err := w.List(t.Context(), "", 200)
	w.must(err)
	if made.Load() != 1 || len(all) != 1 {
		t.Errorf("%d told, %d made", made.Load(), len(all))
	}
}

// domain.md row 29: where an operator approves, a client gets nothing before, and what it changes waits
// for another approval.
func TestAnOperatorApproves(t *testing.T) {
	w := newWorld(t)
	_, token := w.initial(1, registration.Policy{Approval: true})
	r, err := w.RegisterSelf(t.Context(), token, said(nil))
	w.must(err)
	served := func() error { _, err := w.Clients.ByID(t.Context(), r.ID); return err }
	if err := served(); r.State != client.Pending || !errors.Is(err, client.ErrDisabled) {
		t.Fatalf("%s %v", r.State, err)
	}
	on, err := w.Enable(t.Context(), by, r.ID, r.Version)
	w.must(err)
	if again, err := w.Enable(t.Context(), by, r.ID, r.Version); err != nil || again.Version != on.Version {
		t.Errorf("the same call once more: %d %v", again.Version, err)
	}
	w.must(served())
	seen, err := w.UpdateSelf(t.Context(), r.ID, r.Token, said(map[string]any{"client_id": r.ID, "client_name": "Seen"}))
	w.must(err)
	r, err = w.UpdateSelf(t.Context(), r.ID, seen.Token, said(map[string]any{"client_id": r.ID, "redirect_uris": []string{"https://elsewhere.example/cb"}}))
	w.must(err)
	for version, want := range map[int64]error{0: registration.ErrUnseen, seen.Version: registration.ErrVersion} {
		if _, err := w.Enable(t.Context(), by, r.ID, version); !errors.Is(err, want) {
			t.Errorf("approved as version %d, which is not what it is: %v", version, err)
		}
	}
	if err := served(); r.State != client.Pending || !errors.Is(err, client.ErrDisabled) {
		t.Fatalf("a change was not looked at: %s %v", r.State, err)
	}
}

// RFC 7592: a client reads, replaces and ends its registration with a token that each update renews.
func TestAClientManagesItsRegistration(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	_, token := w.initial(2, registration.Policy{Hosts: []string{"rp.example"}})
	r, err := w.RegisterSelf(ctx, token, said(map[string]any{"client_name": "Mine", "contacts": []string{"a@rp.example"}}))
	w.must(err)
	other, err := w.RegisterSelf(ctx, token, said(nil))
	w.must(err)
	operators := strings.Replace(strings.Replace(string(r.Metadata), `"scope"`, `"access_token_lifetime":120,"scope"`, 1), `"consent":"person"`, `"consent":"operator"`, 1)
	_, err = w.Update(ctx, by, 1, []byte(operators))
	w.must(err)
	for name, tt := range map[string]struct {
		id, token string
		want      error
	}{
		"its own": {r.ID, r.Token, nil}, "another's": {r.ID, other.Token, registration.ErrManage}, "none": {r.ID, "", registration.ErrManage},
		"an initial access token": {r.ID, token, registration.ErrManage}, "nobody's client": {"nobody", r.Token, registration.ErrManage}, "a file's client": {"in-file", r.Token, registration.ErrManage},
	} {
		if _, err := w.Self(ctx, tt.id, tt.token); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	update := func(token string, changes map[string]any) (registration.Registered, error) {
		if _, has := changes["client_id"]; !has {
			changes["client_id"] = r.ID
		}
		return w.UpdateSelf(ctx, r.ID, token, said(changes))
	}
	for name, changes := range map[string]map[string]any{
		"another's id":     {"client_id": other.ID},
		"no id":            {"client_id": nil},
		"its own token":    {"registration_access_token": r.Token},
		"an issue time":    {"client_id_issued_at": 1},
		"a chosen secret":  {"client_secret": "chosen"},
		"another host":     {"redirect_uris": []string{"https://evil.example/cb"}},
		"a wider scope":    {"scope": "openid profile"},
		"a grant of a bot": {"grant_types": []string{"client_credentials"}},
	} {
		if _, err := update(r.Token, changes); !errors.Is(err, registration.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	next, err := update(r.Token, map[string]any{"redirect_uris": []string{"https://rp.example/cb2"}, "access_token_lifetime": 3600})
	w.must(err)
	c := w.parsed(next.Record)
	if c.Name != "rp.example" || len(c.Contacts) != 0 || c.RedirectURIs[0] != "https://rp.example/cb2" || c.AccessTokenTTL != 120 || c.PersonConsents() || next.Token == r.Token {
		t.Errorf("%+v %+v", c, next)
	}
	if _, err := update(r.Token, map[string]any{}); !errors.Is(err, registration.ErrManage) {
		t.Errorf("with the former token: %v", err)
	}
	_, err = w.Disable(ctx, by, r.ID)
	w.must(err)
	for name, err := range map[string]error{
		"read": second(w.Self(ctx, r.ID, next.Token)), "update": second(update(next.Token, map[string]any{})), "remove": w.RemoveSelf(ctx, r.ID, next.Token),
	} {
		if !errors.Is(err, client.ErrDisabled) {
			t.Errorf("%s by a disabled client: %v", name, err)
		}
	}
	_, err = w.Enable(ctx, by, r.ID, 0)
	w.must(err)
	w.must(w.RemoveSelf(ctx, r.ID, next.Token))
	if _, err := w.Self(ctx, r.ID, next.Token); !errors.Is(err, registration.ErrManage) {
		t.Errorf("%v", err)
	}
	if _, err := w.Clients.ByID(ctx, r.ID); !errors.Is(err, client.ErrUnknown) {
		t.Errorf("%v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// Whatever a client says of itself, it is refused in words, or what it becomes keeps to the rules, to its
// token, and to what it may decide.
func FuzzRegistration(f *testing.F) {
	for _, seed := range []string{
		string(said(nil)), `{}`, `{"redirect_uris":["https://rp.example/cb"],"scope":"openid","scope":"x"}`, `{"redirect_uris":"https://rp.example/cb","jwks":{"keys":[{}]}}`,
		`{"token_endpoint_auth_method":"none","redirect_uris":["https://rp.example/cb"],"introspects":["in-file"],"logo_uri":"javascript:alert(1)","client_name":"\u202e"}`,
		`{"token_endpoint_auth_method":"private_key_jwt","jwks":` + rsaSet + `,"redirect_uris":["https://rp.example/cb?code=1"]}`, `{"grant_types":null,"response_types":null}`,
	} {
		f.Add([]byte(seed))
	}
	p := registration.Policy{Scopes: []string{"openid", "email"}, Hosts: []string{"rp.example"}}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := registration.Describe(raw, p)
		if err != nil {
			if !errors.Is(err, registration.ErrInvalid) && !errors.Is(err, registration.ErrStatement) {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, u := range slices.Concat(c.RedirectURIs, []string{c.LogoURI, c.JWKSURI, c.PolicyURI}) {
			if u != "" && !strings.HasPrefix(strings.ToLower(u), "https://rp.example") {
				t.Fatalf("%q", u)
			}
		}
		if len(c.Introspects)+len(c.ResourceIDs) > 0 || c.AccessTokenTTL != 0 || c.ID != "fuzzed" || slices.Contains(strings.Fields(c.Scope), "profile") || c.Allows(client.DeviceCode) {
			t.Fatalf("%+v", c)
		}
	})
}

// The id of a client never looks like the sub of a person, whatever is drawn for it.
func TestAnIDThatLooksLikeASubIsNotGiven(t *testing.T) {
	w := newWorld(t)
	_, token := w.initial(1, registration.Policy{})
	w.Random = n00{}
	if got, err := w.RegisterSelf(t.Context(), token, said(nil)); err != nil || !strings.HasPrefix(got.ID, "cn00") {
		t.Errorf("%q: %v", got.ID, err)
	}
}

// n00 draws what begins like the sub of a person.
type n00 struct{}

func (n00) Read(p []byte) (int, error) {
	clear(p)
	p[0] = 21 // the letter n
	return len(p), nil
}
