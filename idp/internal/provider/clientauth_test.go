package provider_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
)

func TestD8AssertionIsNoGrant(t *testing.T) {
	w := newWorld(t)
	got, rec := w.token(url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {w.assertion("rp", nil)}, "scope": {"openid"}})
	if got.Access != "" || rec.Code/100 != 4 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
}

func TestD9ClientAssertions(t *testing.T) {
	w := newWorld(t)
	try := func(assertion string) int {
		form := exchange("x")
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion)
		return w.do("POST", "/oauth/token", form).Code
	}
	good := w.assertion("rp", nil)
	if code := try(good); code != http.StatusBadRequest {
		t.Fatalf("a good assertion with a bad code: %d", code)
	}
	if code := try(good); code != http.StatusUnauthorized {
		t.Fatalf("replay: %d", code)
	}
	for name, changes := range map[string]map[string]any{
		"a year": {"exp": w.now().AddDate(1, 0, 0).Unix()}, "expired": {"exp": w.now().Add(-time.Hour).Unix()}, "no exp": {"exp": nil}, "audience": {"aud": "https://evil.example"},
		"two audiences": {"aud": []string{w.issuer, "https://evil.example"}}, "no jti": {"jti": ""}, "other issuer": {"iss": "other"}, "future": {"iat": w.now().Add(time.Hour).Unix()}, "not yet": {"nbf": w.now().Add(time.Minute).Unix()}, "never": {"nbf": 1e300},
	} {
		if code := try(w.assertion("rp", changes)); code != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, code)
		}
	}
	for name, bad := range map[string]string{"none": "eyJhbGciOiJub25lIn0.e30.", "garbage": "x", "other's key": forged(w)} {
		if code := try(bad); code != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, code)
		}
	}
	form := exchange("x")
	form.Set("client_id", "rp")
	form.Set("client_secret", "x")
	if code := w.do("POST", "/oauth/token", form).Code; code != http.StatusUnauthorized {
		t.Errorf("a secret: %d", code)
	}
	if code := w.do("POST", "/oauth/token", url.Values{"grant_type": {"authorization_code"}, "code": {"x"}, "client_id": {"rp"}}).Code; code != http.StatusUnauthorized {
		t.Errorf("a confidential client without authentication: %d", code)
	}
}

// Every algorithm of discovery signs assertions, for the clients that registered it and no others:
// a key is good for one algorithm (RFC 8725 §3.1).
func TestAssertionAlgorithms(t *testing.T) {
	w := newWorld(t)
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	w.must(err)
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	w.must(err)
	keys := map[jose.SignatureAlgorithm]any{jose.ES256: w.keys["rp"], jose.EdDSA: edwards, jose.PS256: private, jose.PS512: private, jose.RS256: private}
	for _, registered := range client.Algorithms {
		public := (&jose.JSONWebKey{Key: keys[registered], KeyID: "k1"}).Public()
		w.register("rp", map[string]any{"redirect_uris": []string{callback}, "token_endpoint_auth_signing_alg": registered, "jwks": jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}}})
		for alg, key := range keys {
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}}, nil)
			w.must(err)
			raw, err := json.Marshal(map[string]any{"iss": "rp", "sub": "rp", "aud": w.issuer, "jti": ident.NewID(rand.Reader), "exp": w.now().Add(time.Minute).Unix()})
			w.must(err)
			jws, err := signer.Sign(raw)
			w.must(err)
			compact, err := jws.CompactSerialize()
			w.must(err)
			if got := w.authenticates(compact); got != (alg == registered) {
				t.Errorf("%s where %s is registered: %v", alg, registered, got)
			}
		}
	}
}

// Security case 22: an assertion is a JWS of the registered key and algorithm, and nothing else.
func TestAssertionConfusion(t *testing.T) {
	w := newWorld(t)
	claims := func(id string) []byte {
		raw, err := json.Marshal(map[string]any{"iss": id, "sub": id, "aud": w.issuer, "jti": ident.NewID(rand.Reader), "exp": w.now().Add(time.Minute).Unix()})
		w.must(err)
		return raw
	}
	mine, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	public, err := x509.MarshalPKIXPublicKey(w.keys["rp"].Public())
	w.must(err)
	header := func(h map[jose.HeaderKey]any) *jose.SignerOptions { return &jose.SignerOptions{ExtraHeaders: h} }
	own := jose.JSONWebKey{Key: w.keys["rp"], KeyID: "k1"}
	for name, tt := range map[string]struct {
		key  jose.SigningKey
		opts *jose.SignerOptions
		good bool
	}{
		"the registered key":           {jose.SigningKey{Algorithm: jose.ES256, Key: own}, header(nil), true},
		"typ JWT":                      {jose.SigningKey{Algorithm: jose.ES256, Key: own}, header(map[jose.HeaderKey]any{"typ": "JWT"}), true},
		"its own typ":                  {jose.SigningKey{Algorithm: jose.ES256, Key: own}, header(map[jose.HeaderKey]any{"typ": "client-authentication+jwt"}), true},
		"HS256 with the public key":    {jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: public, KeyID: "k1"}}, header(nil), false},
		"another algorithm":            {jose.SigningKey{Algorithm: jose.HS512, Key: []byte(strings.Repeat("k", 64))}, header(nil), false},
		"the key embedded":             {jose.SigningKey{Algorithm: jose.ES256, Key: mine}, &jose.SignerOptions{EmbedJWK: true}, false},
		"another key under the name":   {jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: mine, KeyID: "k1"}}, header(nil), false},
		"a kid that is a path":         {jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: w.keys["rp"], KeyID: "../../k1"}}, header(nil), false},
		"a kid that is SQL":            {jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: w.keys["rp"], KeyID: "k1' OR '1'='1"}}, header(nil), false},
		"a key at an address":          {jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: mine, KeyID: "k1"}}, header(map[jose.HeaderKey]any{"jku": "https://evil.example/keys"}), false},
		"typ of a logout token":        {jose.SigningKey{Algorithm: jose.ES256, Key: own}, header(map[jose.HeaderKey]any{"typ": "logout+jwt"}), false},
		"typ of an access token":       {jose.SigningKey{Algorithm: jose.ES256, Key: own}, header(map[jose.HeaderKey]any{"typ": "at+jwt"}), false},
		"typ of a proof of possession": {jose.SigningKey{Algorithm: jose.ES256, Key: own}, header(map[jose.HeaderKey]any{"typ": "dpop+jwt"}), false},
		"a critical extension":         {jose.SigningKey{Algorithm: jose.ES256, Key: own}, header(map[jose.HeaderKey]any{"crit": []string{"exp"}, "exp": 1}), false},
	} {
		signer, err := jose.NewSigner(tt.key, tt.opts)
		w.must(err)
		jws, err := signer.Sign(claims("rp"))
		w.must(err)
		raw, err := jws.CompactSerialize()
		w.must(err)
		if got := w.authenticates(raw); got != tt.good {
			t.Errorf("%s: %v", name, got)
		}
	}
	doubled := strings.Replace(string(claims("rp")), `"sub":"rp"`, `"sub":"other","sub":"rp"`, 1)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: own}, nil)
	w.must(err)
	jws, err := signer.Sign([]byte(doubled))
	w.must(err)
	raw, err := jws.CompactSerialize()
	w.must(err)
	if w.authenticates(raw) {
		t.Error("a doubled claim was accepted")
	}
	if w.authenticates(jws.FullSerialize()) {
		t.Error("the JSON form was accepted")
	}
	if id := w.redeem(w.code()).ID; w.authenticates(id) {
		t.Error("an ID token authenticates a client")
	}
}

// authenticates reports whether an assertion gets past client authentication.
func (w *world) authenticates(assertion string) bool {
	w.t.Helper()
	form := exchange("x")
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	form.Set("client_assertion", assertion)
	rec := w.do("POST", "/oauth/token", form)
	switch {
	case rec.Code == http.StatusBadRequest && strings.Contains(rec.Body.String(), "invalid_grant"):
		return true
	case rec.Code == http.StatusUnauthorized && strings.Contains(rec.Body.String(), "invalid_client") && rec.Header().Get("WWW-Authenticate") != "":
		return false
	}
	w.t.Fatalf("%d %s", rec.Code, rec.Body)
	return false
}

// Public clients have no secret to hide behind, and may not ask about tokens.
func TestPublicClientsDoNotIntrospect(t *testing.T) {
	w := newWorld(t)
	token := w.redeem(w.code()).Access
	rec := w.do("POST", "/oauth/introspect", url.Values{"token": {token}, "client_id": {"app"}})
	if rec.Code/100 != 4 || strings.Contains(rec.Body.String(), "active") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	form := url.Values{"token": {token}, "client_id": {"app"}, "client_assertion_type": {"urn:other"}, "client_assertion": {w.assertion("rp", nil)}}
	if rec := w.do("POST", "/oauth/introspect", form); rec.Code/100 != 4 {
		t.Errorf("another assertion type: %d %s", rec.Code, rec.Body)
	}
	if rec := w.do("POST", "/oauth/introspect", w.as("rp", url.Values{"token": {token}, "client_id": {"other"}})); rec.Code != http.StatusUnauthorized {
		t.Errorf("one client's assertion with another's name: %d", rec.Code)
	}
}

// Where the jti is spent in the trip that reads the record, too, an assertion is good once: whatever
// became of the request that it came with.
func TestAssertionsAreGoodOnceWhereverTheyCome(t *testing.T) {
	w := newWorld(t)
	code, token := w.code(), w.redeem(w.code()).Access
	for name, tt := range map[string]struct {
		path  string
		first url.Values
		again url.Values
	}{
		"introspection":                 {"/oauth/introspect", url.Values{"token": {token}}, url.Values{"token": {token}}},
		"introspection, nonsense first": {"/oauth/introspect", url.Values{"token": {"x"}}, url.Values{"token": {token}}},
		"introspection, nonsense again": {"/oauth/introspect", url.Values{"token": {token}}, url.Values{"token": {"x"}}},
		"code exchange":                 {"/oauth/token", exchange("x"), exchange(code)},
		"code exchange without proof":   {"/oauth/token", exchange(code, "code", "x"), exchange(code)},
		"from one to the other":         {"/oauth/introspect", url.Values{"token": {token}}, exchange(code)},
		"revocation":                    {"/oauth/revoke", url.Values{"token": {"x"}}, url.Values{"token": {token}}},
	} {
		form := w.as("rp", tt.first)
		w.do("POST", tt.path, form)
		tt.again.Set("client_assertion_type", form.Get("client_assertion_type"))
		tt.again.Set("client_assertion", form.Get("client_assertion"))
		path := tt.path
		if tt.again.Has("code") {
			path = "/oauth/token"
		}
		if rec := w.do("POST", path, tt.again); rec.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	if got := w.redeem(code); got.Access == "" {
		t.Error("a code was used up by an assertion that was none")
	}
	if on, _ := w.active("rp", token); !on {
		t.Error("the token has ended")
	}
}

// Of 100 that come with one assertion at once one is let in, also where the jti is spent later.
func TestOneOfAHundredWithOneAssertion(t *testing.T) {
	w := newWorld(t)
	form := w.as("rp", url.Values{"token": {w.redeem(w.code()).Access}})
	var in atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if rec := w.do("POST", "/oauth/introspect", form); rec.Code == http.StatusOK {
				in.Add(1)
			}
		})
	}
	wg.Wait()
	if in.Load() != 1 {
		t.Errorf("%d were let in", in.Load())
	}
}

// RFC 7523 §3, RFC 9126 §2, CIBA Core §7.1: an assertion names the issuer, the token endpoint, or the endpoint
// that it is sent to where those want that, and none that it is not sent to.
func TestAddresseesOfAssertions(t *testing.T) {
	d := newCallDesk(t, nil)
	for path, extra := range map[string]url.Values{
		"/oauth/token": {"grant_type": {ciba}, "auth_req_id": {"x"}}, "/oauth/par": ask("client_id", "desk", "scope", "openid"), "/oauth/introspect": {"token": {"x"}},
		"/oauth/bc-authorize": {"scope": {"openid"}, "login_hint": {"nobody@example.org"}, "binding_message": {"42"}},
	} {
		for aud, good := range map[string]bool{
			"": true, "/oauth/token": true, "/oauth/par": path == "/oauth/par", "/oauth/bc-authorize": path == "/oauth/bc-authorize", "/oauth/introspect": false, "/oauth/par/": false,
		} {
			form := d.as("desk", extra)
			form.Set("client_assertion", d.assertion("desk", map[string]any{"aud": d.issuer + aud}))
			if rec := d.do("POST", path, form); (rec.Code != http.StatusUnauthorized) != good {
				t.Errorf("%q at %s: %d %s", aud, path, rec.Code, rec.Body)
			}
		}
	}
}
