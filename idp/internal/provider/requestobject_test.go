package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// object signs a request as a client would; changes lay over its claims, nil removes.
func (w *world) object(q url.Values, typ string, key *ecdsa.PrivateKey, changes map[string]any) string {
	w.t.Helper()
	claims := map[string]any{"iss": q.Get("client_id"), "aud": w.issuer, "exp": w.now().Add(5 * time.Minute).Unix(), "nbf": w.now().Unix()}
	for name := range q {
		claims[name] = q.Get(name)
	}
	for k, v := range changes {
		if claims[k] = v; v == nil {
			delete(claims, k)
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "k1"}}, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
	w.must(err)
	raw, err := json.Marshal(claims)
	w.must(err)
	jws, err := signer.Sign(raw)
	w.must(err)
	out, err := jws.CompactSerialize()
	w.must(err)
	return out
}

const objectType = "oauth-authz-req+jwt"

// RFC 9101: what was signed is what counts, and nothing beside it.
func TestASignedRequest(t *testing.T) {
	w := newWorld(t)
	c, key := w.signIn(true), w.keys["rp"]
	object := w.object(ask("max_age", ""), objectType, key, map[string]any{"max_age": 600, "claims": map[string]any{"id_token": map[string]any{"acr": nil}}})
	got := answer(w.authorize(url.Values{"client_id": {"rp"}, "request": {object}, "redirect_uri": {"https://evil.example"}, "state": {"other"}, "prompt": {"login"}, "scope": {"openid"}}, c))
	if got.Get("code") == "" || got.Get("state") != "s1" {
		t.Fatalf("%v", got)
	}
	if tokens := w.redeem(got.Get("code")); tokens.Refresh == "" {
		t.Errorf("the scope was not the signed one: %+v", tokens)
	}
	uri, rec := w.push(w.as("rp", url.Values{"request": {w.object(ask(), objectType, key, nil)}}))
	if rec.Code != 201 || answer(w.authorize(pulled(uri), c)).Get("code") == "" {
		t.Errorf("pushed: %d %s", rec.Code, rec.Body)
	}
	once := w.object(ask(), objectType, key, map[string]any{"jti": "one"})
	if got := answer(w.authorize(ask("request", once), c)); got.Get("code") == "" {
		t.Errorf("%v", got)
	}
	if got := answer(w.authorize(ask("request", once), c)); got.Get("error") != "invalid_request_object" {
		t.Errorf("twice: %v", got)
	}
}

// Every fault is refused in the same words, sent to an address that is registered; where there is none, it
// is a page.
func TestSignedRequestsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	c, key := w.signIn(true), w.keys["rp"]
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	with := func(k string, v any) string { return w.object(ask(), objectType, key, map[string]any{k: v}) }
	at := func(d time.Duration) int64 { return w.now().Add(d).Unix() }
	parts := strings.Split(with("x", "y"), ".")
	for name, object := range map[string]string{
		"not signed":                   "eyJhbGciOiJub25lIn0.e30.",
		"signed by nobody we know":     w.object(ask(), objectType, stranger, nil),
		"changed afterwards":           parts[0] + "." + strings.Replace(parts[1], parts[1][10:12], "AA", 1) + "." + parts[2],
		"another kind of token":        w.object(ask(), "logout+jwt", key, nil),
		"a client assertion":           w.assertion("rp", nil),
		"an assertion with parameters": with("sub", "rp"),
		"another issuer":               with("iss", "other"),
		"another client":               with("client_id", "other"),
		"no client":                    with("client_id", nil),
		"for somebody else":            with("aud", "https://other.example"),
		"for nobody":                   with("aud", nil),
		"without an end":               with("exp", nil),
		"over":                         with("exp", at(-time.Minute)),
		"good for too long":            with("exp", at(2*time.Hour)),
		"from the future":              with("nbf", at(time.Minute*2)),
		"from long ago":                with("nbf", at(-2*time.Hour)),
		"made in the future":           with("iat", at(time.Minute*2)),
		"never good":                   with("nbf", 1e300),
		"never made":                   with("iat", 1e300),
		"an object in it":              with("request", "x"),
		"an address in it":             with("request_uri", "https://rp.example/r"),
		"a list":                       with("scope", []string{"openid"}),
		"a fraction":                   with("max_age", 1.5),
		"too long":                     with("state", strings.Repeat("x", 17<<10)),
		"no token at all":              "x",
		"encrypted":                    "a.b.c.d.e",
	} {
		if got := answer(w.authorize(ask("request", object), c)); got.Get("error") != "invalid_request_object" || got.Get("code") != "" || got.Get("state") != "s1" {
			t.Errorf("%s: %v", name, got)
		}
		if rec := w.authorize(url.Values{"client_id": {"rp"}, "request": {object}}, c); rec.Header().Get("Location") != "" {
			t.Errorf("%s, without an address: %s", name, rec.Header().Get("Location"))
		}
	}
	if rec := w.authorize(url.Values{"client_id": {"rp"}, "request": {with("redirect_uri", "https://evil.example")}}, c); rec.Header().Get("Location") != "" {
		t.Errorf("a good object with an address that is not registered: %s", rec.Header().Get("Location"))
	}
	// And an object is no client assertion.
	form := w.as("rp", exchange("x"))
	form.Set("client_assertion", w.object(ask(), objectType, key, map[string]any{"sub": "rp", "jti": "a", "exp": at(time.Minute)}))
	if got, _ := w.token(form); got.Error != "invalid_client" {
		t.Errorf("an object as client assertion: %+v", got)
	}
}

// A client that registered to sign has no other way.
func TestAClientThatMustSign(t *testing.T) {
	w := newWorld(t)
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "require_signed_request_object": true})
	if got := answer(w.authorize(ask("scope", "openid"), w.signIn(true))); got.Get("error") != "invalid_request" {
		t.Errorf("%v", got)
	}
	if got, rec := w.push(w.as("rp", ask("scope", "openid"))); got != "invalid_request" {
		t.Errorf("pushed: %d %s", rec.Code, rec.Body)
	}
	if got := answer(w.authorize(ask("scope", "openid", "request", w.object(ask("scope", "openid"), objectType, w.keys["rp"], nil)), w.signIn(true))); got.Get("code") == "" {
		t.Errorf("%v", got)
	}
}
