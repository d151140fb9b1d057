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
