package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/clientkeys"
)

// keepsKeys lets a host publish the key by which a client signs at this moment.
func (w *world) keepsKeys(id, host string) {
	w.outside[host] = http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(rw).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: w.keys[id].Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}})
	})
}

func (w *world) newKey(id string) {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	w.keys[id] = key
}

// A client that keeps its keys at an address (jwks_uri) changes them there without us, and goes on with
// the refresh token that it has. Its signed requests are read with the same keys.
func TestAClientKeepsItsKeysItself(t *testing.T) {
	w := newWorld(t)
	w.newKey("far")
	w.keepsKeys("far", "far.example")
	w.register("far", map[string]any{
		"redirect_uris": []string{callback}, "grant_types": []string{"authorization_code", "refresh_token"}, "scope": "openid offline_access",
		"jwks": map[string]any{"keys": []any{}}, "jwks_uri": "https://far.example/keys",
	})
	form := ask("client_id", "far", "scope", "openid offline_access")
	code := answer(w.authorize(form, w.signIn(true))).Get("code")
	got, rec := w.token(w.as("far", exchange(code)))
	if got.Refresh == "" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	signed := url.Values{"request": {w.object(form, objectType, w.keys["far"], map[string]any{"iss": "far"})}}
	if rec := w.do("POST", "/oauth/par", w.as("far", signed)); rec.Code != http.StatusCreated {
		t.Errorf("a signed request: %d %s", rec.Code, rec.Body)
	}
	refresh := func() (next tokens, status int) {
		next, rec := w.token(w.as("far", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}}))
		if next.Refresh != "" {
			got = next
		}
		return next, rec.Code
	}
	former := w.keys["far"]
	w.newKey("far")
	w.pass(clientkeys.Fresh)
	if next, status := refresh(); next.Refresh == "" {
		t.Fatalf("with its new key: %d %+v", status, next)
	}
	w.keys["far"], former = former, w.keys["far"]
	if next, status := refresh(); next.Error != "invalid_client" || status != http.StatusUnauthorized {
		t.Errorf("with the key that it took away: %d %+v", status, next)
	}
	w.keys["far"] = former
	delete(w.outside, "far.example")
	w.pass(clientkeys.Fresh)
	if next, status := refresh(); next.Refresh == "" {
		t.Errorf("while its address is down: %d %+v", status, next)
	}
}
