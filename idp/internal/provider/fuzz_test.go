package provider

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	josejson "github.com/go-jose/go-jose/v4/json"

	"eulogin.example/idp/internal/claims"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/policy"
)

var fuzzed = &client.Client{
	ID: "rp", Scope: "openid email offline_access", RedirectURIs: []string{"https://rp.example/cb"},
	GrantTypes: []string{"authorization_code", "refresh_token"}, Authentication: client.Authentication{AuthMethod: client.PrivateKeyJWT},
}

// Whatever a browser sends, a request is refused in words of ours or asks for nothing that the
// client did not register.
func FuzzAuthorizationRequest(f *testing.F) {
	challenge := strings.Repeat("A", 43)
	f.Add("client_id=rp&redirect_uri=https://rp.example/cb&response_type=code&scope=openid+email&code_challenge_method=S256&code_challenge=" + challenge)
	f.Add("scope=openid%20%22&prompt=none+login&max_age=99999999999999999999&claims={&response_mode=fragment")
	f.Add("scope=openid openid phone&state=%00&nonce=%ff&code_challenge_method=plain&response_type=code")
	f.Fuzz(func(t *testing.T, raw string) {
		form, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		q, err := read(fuzzed, form)
		if err != nil {
			no, ours := err.(*refusal)
			if !ours || no.code == "" || strings.ContainsFunc(no.description, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
				t.Fatalf("%#v", err)
			}
			return
		}
		if !slices.Contains(q.Scopes, "openid") || len(q.Challenge) != 43 || form.Get("code_challenge_method") != "S256" || form.Get("response_type") != "code" {
			t.Fatalf("%+v", q)
		}
		for i, sc := range q.Scopes {
			if !fuzzed.MayAsk(sc) || slices.Contains(q.Scopes[:i], sc) {
				t.Fatalf("scopes %q", q.Scopes)
			}
		}
		if q.prompted("none") && len(q.prompts) > 1 || len(q.State) > stateLimit || len(q.Nonce) > stateLimit || (q.maxAge != nil && *q.maxAge < 0) {
			t.Fatalf("%+v", q)
		}
		req, err := q.requirement(time.Unix(1e9, 0))
		if err == nil && (req.Floor.Level < policy.Basic || !req.Wanted.Covers(req.Floor)) {
			t.Fatalf("%+v", req)
		}
	})
}

// Whatever stands in a signed object, it becomes texts under names that are not the object's own, or is refused.
func FuzzRequestObject(f *testing.F) {
	f.Add(`{"iss":"rp","client_id":"rp","aud":["https://idp.example"],"exp":1000000300,"max_age":5,"resource":["https://a.example/","https://b.example/"],"claims":{"id_token":{}}}`)
	f.Add(`{"iss":"rp","client_id":"rp","aud":"https://idp.example","exp":1e300,"request":"x","scope":["openid"],"state":null}`)
	f.Fuzz(func(t *testing.T, raw string) {
		var about aboutObject
		var all map[string]josejson.RawMessage
		if josejson.Unmarshal([]byte(raw), &about) != nil || josejson.Unmarshal([]byte(raw), &all) != nil {
			return
		}
		now := time.Unix(1e9, 0)
		if about.check("rp", "https://idp.example", now) == nil && (about.Issuer != "rp" || about.Subject != "" || !slices.Contains(about.Audience, "https://idp.example") || about.Expires < 1e9-31 || about.Expires > 1e9+3631) {
			t.Fatalf("%+v", about)
		}
		form, err := parameters(all)
		if err != nil {
			return
		}
		for name, v := range form {
			if len(v) != 1 && name != "resource" || slices.Contains(objectClaims, name) || name == "request" || name == "request_uri" {
				t.Fatalf("%q: %q", name, v)
			}
		}
	})
}

// Every claims parameter that is read is JSON of the form that OpenID Connect Core §5.5 has.
func FuzzClaimsParameter(f *testing.F) {
	for _, s := range []string{
		`{"id_token":{"acr":{"essential":true,"values":["` + policy.ACRMedium + `"]}}}`, `{"id_token":{"acr":null,"sub":{"value":"n00anna"}},"userinfo":{"email":null}}`,
		`{"id_token":{"acr":{"essential":true}},"id_token":{}}`, `{"ID_TOKEN":{}}`, `null`, `[]`, `{"id_token":`, `{"id_token":{"acr":{"values":"x"}}}`,
		`{"userinfo":{"name":{"essential":true},"email":{"value":"anna@example.org"}},"id_token":{"phone_number":{"values":["+32470000001",null,1e400,{"a":[]}]}}}`,
		`{"userinfo":{"locale":{"values":[" fr ","\u0066r",true,1.0]},"address":null,"name#fr":7}}`, strings.Repeat(`{"id_token":`, 300),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		c, err := readClaims(raw)
		if err != nil || raw == "" {
			return
		}
		var shape map[string]json.RawMessage
		if json.Unmarshal([]byte(raw), &shape) != nil || shape == nil || len(raw) > claimsLimit {
			t.Fatalf("%q was read as %+v", raw, c)
		}
		if len(c.essential) > 0 && len(c.wished) > 0 {
			t.Fatalf("%q: %+v", raw, c)
		}
		for _, one := range slices.Concat(c.person.UserInfo, c.person.IDToken) {
			for _, v := range one.Values {
				if !json.Valid([]byte(v)) {
					t.Fatalf("%q: %q is kept", raw, v)
				}
			}
			if claims.Scope(one.Name) == "" {
				t.Fatalf("%q: %q is no claim of a person", raw, one.Name)
			}
		}
	})
}

// Two readers must not see two requests in one text.
func TestClaimsParameterIsReadStrictly(t *testing.T) {
	for _, raw := range []string{
		`null`, `[]`, `"x"`, `1`, `{`, `{"id_token":[]}`, `{"id_token":{"acr":[]}}`, `{"id_token":{"acr":{"essential":"yes"}}}`, `{"id_token":{"acr":{"values":"x"}}}`, `{} {}`, `{}x`,
		`{"id_token":{"acr":{"essential":true,"value":"a"}},"id_token":{}}`, `{"id_token":{"acr":{"essential":true},"acr":{"essential":false}}}`, `{"userinfo":7}`, `{"id_token":{"sub":"x"}}`,
		`{"id_token":{"acr":{"value":7}}}`, `{"userinfo":{"email":true}}`, `{"userinfo":{"email":{"essential":1}}}`, `{"userinfo":{"email":{"values":{}}}}`, `{"userinfo":{"email":null,"email":{}}}`,
		`{"a":"` + strings.Repeat("x", claimsLimit) + `"}`,
	} {
		if c, err := readClaims(raw); err == nil {
			t.Errorf("%.60s was read as %+v", raw, c)
		}
	}
	c, err := readClaims(` {"id_token":{"acr":{"essential":true,"value":"a","values":["b"]},"other":{"value":7}},"userinfo":{"x":null},"unknown":1}`)
	if err != nil || !slices.Equal(c.essential, []string{"b", "a"}) || len(c.wished) != 0 {
		t.Errorf("%+v %v", c, err)
	}
}

// No text is a client assertion but one that the client's key signed; those are made by
// TestD9ClientAssertions.
func FuzzClientAssertion(f *testing.F) {
	dir := f.TempDir()
	metadata := `{"client_id":"rp","client_name":"A","redirect_uris":["https://rp.example/cb"],"response_types":["code"],"grant_types":["authorization_code"],
		"token_endpoint_auth_method":"private_key_jwt","scope":"openid","jwks":{"keys":[{"kty":"EC","crv":"P-256","kid":"k1",
		"x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}}`
	if err := os.WriteFile(filepath.Join(dir, "rp.json"), []byte(metadata), 0o600); err != nil {
		f.Fatal(err)
	}
	clients, err := client.Load(dir, false)
	if err != nil {
		f.Fatal(err)
	}
	s := &server{Config: Config{Issuer: "https://idp.example", Clients: clients, Now: func() time.Time { return time.Unix(1.8e9, 0) }}}
	for _, a := range []string{
		"eyJhbGciOiJub25lIn0.eyJpc3MiOiJycCIsInN1YiI6InJwIn0.", "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsxIn0.eyJpc3MiOiJycCIsInN1YiI6InJwIiwiZXhwIjoxODAwMDAwMDYwfQ.AAAA", "a.b.c", "..", strings.Repeat("a", 9000),
	} {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if c, claims, err := s.readAssertion(t.Context(), raw); err == nil {
			t.Fatalf("%q authenticates %s as %+v", raw, c.ID, claims)
		}
	})
}

// Whatever the numbers are, a claim set that is good is good for minutes only.
func FuzzAssertionTimes(f *testing.F) {
	f.Add(1.8e9+60, 1.8e9)
	f.Add(-1.0, 0.0)
	f.Add(1e300, 1e300)
	now := time.Unix(1.8e9, 0)
	f.Fuzz(func(t *testing.T, exp, iat float64) {
		a := assertionClaims{Issuer: "rp", Subject: "rp", Audience: audience{"x"}, ID: "1", Expires: exp, Issued: iat}
		if a.check([]string{"x"}, now) == nil && !(exp > 1.8e9-31 && exp < 1.8e9+331) {
			t.Fatalf("exp %v iat %v", exp, iat)
		}
	})
}

// A proof that is taken says what RFC 9449 wants of it; no address is the same as another one.
func FuzzProof(f *testing.F) {
	f.Add("https://idp.example/oauth/token", `{"jti":"a","htm":"POST","htu":"https://idp.example/oauth/token","iat":1000000000}`, "x.y.z")
	f.Add("HTTPS://IDP.EXAMPLE/oauth/token?x#y", `{"iat":1e308}`, "eyJ0eXAiOiJkcG9wK2p3dCJ9.e30.")
	f.Add("https://idp.example@evil.example/oauth/token", `[]`, "")
	f.Fuzz(func(t *testing.T, uri, claims, raw string) {
		const real = "https://idp.example/oauth/token"
		if sameURI(uri, real) {
			if u, err := url.Parse(uri); err != nil || !strings.EqualFold(u.Host, "idp.example") || u.Path != "/oauth/token" || u.User != nil {
				t.Fatalf("%q", uri)
			}
		}
		now := time.Unix(1e9, 0)
		var c dpopClaims
		if josejson.Unmarshal([]byte(claims), &c) == nil && c.check("POST", real, "", now) == nil && (c.ID == "" || c.Method != "POST" || c.Issued < 1e9-121 || c.Issued > 1e9+31) {
			t.Fatalf("%+v", c)
		}
		if jkt, _, err := readProof(raw, "POST", real, "", now); err == nil && len(jkt) != 43 {
			t.Fatalf("%q", jkt)
		}
	})
}

// A verifier proves its own challenge and no other, and only one of the shape that RFC 7636 §4.1 has.
func FuzzCodeVerifier(f *testing.F) {
	good := strings.Repeat("abcdefgh-._~", 4)
	sum := sha256.Sum256([]byte(good))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	for _, v := range []string{good, good[:42], good + " ", good + "=", challenge, "", strings.Repeat("a", 129), good + "\x00", strings.ToUpper(good)} {
		f.Add(v, challenge)
		f.Add(v, v) // the method plain
	}
	f.Fuzz(func(t *testing.T, verifier, challenge string) {
		sum := sha256.Sum256([]byte(verifier))
		want := len(verifier) >= 43 && len(verifier) <= 128 && strings.Trim(verifier, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") == "" && challenge == base64.RawURLEncoding.EncodeToString(sum[:])
		if proves(verifier, challenge) != want {
			t.Fatalf("%q for %q: %v", verifier, challenge, !want)
		}
	})
}

// Whatever a service sends, a backchannel request is refused in the words of CIBA Core §13, or names one
// person, a number that can be typed, and registered scopes.
func FuzzBackchannelRequest(f *testing.F) {
	f.Add("scope=openid&login_hint=anna@example.org&binding_message=42&requested_expiry=60&acr_values=a+b")
	f.Add("scope=openid+phone&id_token_hint=x&login_hint=y&binding_message=007&requested_expiry=-1&client_notification_token=%0d%0a")
	f.Add("scope=openid&id_token_hint=x&binding_message=10&requested_expiry=99999999999999999999&request=x&login_hint_token=")
	f.Fuzz(func(t *testing.T, raw string) {
		form, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		q, err := readBackchannel(fuzzed, form)
		var no *refusal
		if err != nil {
			if !errors.As(err, &no) || no.code == "" || no.description == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		named := (q.email != "") != (q.hint != "")
		if !named || len(q.binding) != 2 || q.binding < "10" || q.binding > "99" || q.life < 30*time.Second || q.life > 2*time.Minute || q.notify != "" || strings.ContainsAny(q.notify, "\r\n ") {
			t.Fatalf("%+v", q)
		}
		for _, scope := range q.scopes {
			if !fuzzed.MayAsk(scope) {
				t.Fatalf("scope %q", scope)
			}
		}
	})
}
