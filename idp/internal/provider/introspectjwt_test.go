package provider_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/client"
)

const introspectionType = "application/token-introspection+jwt"

// introspect asks about a token and says what answers are accepted.
func (w *world) introspect(as, token string, accept ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", w.issuer+"/oauth/introspect", strings.NewReader(w.as(as, url.Values{"token": {token}}).Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, a := range accept {
		r.Header.Add("Accept", a)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

// RFC 9701: the answer is signed, for who asked alone, and holds what the JSON holds.
func TestIntrospectionAsAJWT(t *testing.T) {
	w := apis(t)
	token := w.redeem(answer(w.authorize(aimed(wiki), w.signIn(true))).Get("code")).Access
	rec := w.introspect("wiki", token, introspectionType)
	if rec.Code != http.StatusOK || rec.Header().Get("Content-Type") != introspectionType || rec.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", rec.Code, rec.Header())
	}
	if h := w.header(rec.Body.String()); h["typ"] != "token-introspection+jwt" || h["alg"] != "ES256" {
		t.Errorf("%v", h)
	}
	c := w.claims(rec.Body.String())
	if c["iss"] != w.issuer || c["aud"] != "wiki" || c["iat"] != float64(w.now().Unix()) || len(c) != 4 {
		t.Errorf("%v", c)
	}
	var plain map[string]any
	w.must(json.Unmarshal(w.introspect("wiki", token).Body.Bytes(), &plain))
	got, _ := json.Marshal(c["token_introspection"])
	want, _ := json.Marshal(plain)
	if plain["active"] != true || string(got) != string(want) {
		t.Errorf("%s, not %s", got, want)
	}
	// Security case 24: of what does not concern who asks, or has ended, nothing but that stands in it.
	for name, rec := range map[string]*httptest.ResponseRecorder{"another one's": w.introspect("mail", token, introspectionType), "nonsense": w.introspect("wiki", "x", introspectionType)} {
		inside, _ := w.claims(rec.Body.String())["token_introspection"].(map[string]any)
		if !maps.Equal(inside, map[string]any{"active": false}) {
			t.Errorf("%s: %v", name, inside)
		}
	}
	if rec := w.introspect("wiki", "", introspectionType); rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), "invalid_request") {
		t.Errorf("no token: %d %s", rec.Code, rec.Body)
	}
}

func TestIntrospectionIsSignedAsRegistered(t *testing.T) {
	w := apis(t)
	server := map[string]any{"resource_identifiers": []string{wiki}, "grant_types": []string{}, "response_types": []string{}, "scope": "", "introspection_signed_response_alg": "RS256"}
	w.register("wiki", server)
	if rec := w.introspect("wiki", "x", introspectionType); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
		t.Errorf("before the key is there: %d %s", rec.Code, rec.Body)
	}
	w.must(w.ring.Refresh(t.Context()))
	rec := w.introspect("wiki", "x", introspectionType)
	if h := w.header(rec.Body.String()); h["alg"] != "RS256" || w.claims(rec.Body.String())["aud"] != "wiki" {
		t.Errorf("%v", h)
	}
	var doc struct {
		Algs []string `json:"introspection_signing_alg_values_supported"`
	}
	w.must(json.Unmarshal(w.do("GET", "/.well-known/openid-configuration", nil).Body.Bytes(), &doc))
	if !slices.Contains(doc.Algs, "RS256") || !slices.Contains(doc.Algs, "ES256") || slices.Contains(doc.Algs, "none") {
		t.Errorf("%v", doc.Algs)
	}
}

// RFC 9701 §5: signed, and then encrypted to the client that registered so; never in clear instead.
func TestIntrospectionIsEncryptedAsRegistered(t *testing.T) {
	r := newRecipient(t)
	token := r.redeem(r.code()).Access
	for _, alg := range client.KeyAlgorithms {
		r.registerRP(map[string]any{"introspection_encrypted_response_alg": string(alg), "introspection_encrypted_response_enc": "A256GCM", "jwks": r.set(alg)})
		inside := r.opened(r.introspect("rp", token, introspectionType).Body.String(), alg, jose.A256GCM)
		if answer, _ := r.claims(inside)["token_introspection"].(map[string]any); answer["active"] != true || r.header(inside)["typ"] != "token-introspection+jwt" {
			t.Errorf("%s: %v", alg, answer)
		}
	}
	if r.claims(r.redeem(r.code()).ID)["sub"] != string(anna) {
		t.Error("ID tokens were not to be encrypted")
	}
	r.registerRP(map[string]any{"introspection_encrypted_response_alg": "ECDH-ES", "jwks": map[string]any{"keys": []any{}}, "jwks_uri": "https://rp.example/keys"})
	signing := jose.JSONWebKeySet{Keys: r.set(jose.ECDH_ES).Keys[:1]}
	r.outside["rp.example"] = http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(rw).Encode(signing) })
	if rec := r.introspect("rp", token, introspectionType); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" || strings.Contains(rec.Body.String(), "active") {
		t.Errorf("without a key: %d %s", rec.Code, rec.Body)
	}
}

// Who does not ask for a JWT by its name gets JSON.
func TestOnlyWhoAsksForAJWTGetsOne(t *testing.T) {
	w := newWorld(t)
	for accept, signed := range map[string]bool{
		"":                                    false,
		"*/*":                                 false,
		"application/*":                       false,
		"application/jwt":                     false,
		"application/json, text/plain;q=0.5":  false,
		introspectionType:                     true,
		"Application/Token-Introspection+JWT": true,
		"application/json;q=0.2, " + introspectionType:      true,
		introspectionType + ";q=0":                          false,
		introspectionType + ";q=x":                          false,
		"application/json, " + introspectionType + ";q=0.9": true,
		",;,": false,
	} {
		rec := w.introspect("rp", "x", accept)
		if kind := rec.Header().Get("Content-Type"); rec.Code != http.StatusOK || (kind == introspectionType) != signed {
			t.Errorf("%q: %d %s", accept, rec.Code, kind)
		}
	}
}
