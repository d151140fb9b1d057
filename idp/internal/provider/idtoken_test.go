package provider_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/provider"
)

// eachAlgorithm registers rp for every algorithm of ID tokens, one after the other.
func eachAlgorithm(t *testing.T, do func(w *world, alg jose.SignatureAlgorithm)) {
	w := newWorld(t)
	for _, alg := range client.Algorithms {
		w.registerRP(map[string]any{"id_token_signed_response_alg": string(alg)})
		w.must(w.ring.Refresh(t.Context()))
		do(w, alg)
	}
}

// registerRP registers rp as it is, with changes.
func (w *world) registerRP(changes map[string]any) {
	m := map[string]any{
		"redirect_uris": []string{callback}, "post_logout_redirect_uris": []string{"https://rp.example/bye"}, "backchannel_logout_uri": "https://rp.example/logout",
		"scope": "openid email profile offline_access", "grant_types": []string{"authorization_code", "refresh_token"},
	}
	for k, v := range changes {
		m[k] = v
	}
	w.register("rp", m)
}

// algorithm gives the alg of a token that our keys verify, and holds it against the alg of the key.
func (w *world) algorithm(token string) string {
	w.t.Helper()
	w.claims(token)
	jws, err := jose.ParseSignedCompact(token, client.Algorithms)
	w.must(err)
	var set jose.JSONWebKeySet
	raw, _ := w.ring.JWKS()
	w.must(json.Unmarshal(raw, &set))
	header := jws.Signatures[0].Header
	if key := set.Key(header.KeyID); len(key) != 1 || key[0].Algorithm != header.Algorithm {
		w.t.Errorf("%s: %+v", header.Algorithm, key)
	}
	return header.Algorithm
}

// A client's ID tokens, at the code and at the refresh, and its logout tokens are signed by the
// algorithm that it registered (Registration §2, Back-Channel Logout 1.0 §2.6), and at_hash follows it.
func TestIDTokensByTheClientsAlgorithm(t *testing.T) {
	eachAlgorithm(t, func(w *world, alg jose.SignatureAlgorithm) {
		first := w.redeem(w.code())
		again := w.refresh(first.Refresh)
		c, err := w.clients.ByID(t.Context(), "rp")
		w.must(err)
		logout, err := provider.LogoutToken(provider.Config{Issuer: w.issuer, Now: w.now, Ring: w.ring}, c, anna, "sid1", "jti1")
		w.must(err)
		for name, token := range map[string]string{"code": first.ID, "refresh": again.ID, "logout": logout} {
			if got := w.algorithm(token); got != string(alg) {
				t.Errorf("%s: the token of %s is signed by %s", alg, name, got)
			}
		}
		short, long := sha256.Sum256([]byte(first.Access)), sha512.Sum512([]byte(first.Access))
		want := short[:16]
		if alg == jose.PS512 || alg == jose.EdDSA {
			want = long[:32]
		}
		if got := w.claims(first.ID)["at_hash"]; got != base64.RawURLEncoding.EncodeToString(want) {
			t.Errorf("%s: at_hash %v", alg, got)
		}
	})
}

// An id_token_hint of every algorithm is understood, also after the client has changed to another.
func TestHintsOfEveryAlgorithm(t *testing.T) {
	var hints []string
	eachAlgorithm(t, func(w *world, alg jose.SignatureAlgorithm) {
		hints = append(hints, w.redeem(w.code()).ID)
		for _, hint := range hints {
			rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {"https://rp.example/bye"}}.Encode(), nil)
			if rec.Header().Get("Location") != "https://rp.example/bye" {
				t.Errorf("%s: %d", alg, rec.Code)
			}
		}
	})
}

// Where a client has just registered for an algorithm, its key is made in the background: until then
// the answer is an outage that uses nothing up.
func TestAnAlgorithmThatIsNotReadyUsesNothingUp(t *testing.T) {
	w := newWorld(t)
	old := w.redeem(w.code())
	code := w.code()
	w.registerRP(map[string]any{"id_token_signed_response_alg": "EdDSA"})
	for name, form := range map[string]url.Values{"code": exchange(code), "refresh": {"grant_type": {"refresh_token"}, "refresh_token": {old.Refresh}}} {
		if got, rec := w.token(w.as("rp", form)); got.Access != "" || rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	w.must(w.ring.Refresh(t.Context()))
	if got := w.redeem(code); w.algorithm(got.ID) != "EdDSA" {
		t.Error("code")
	}
	if got := w.refresh(old.Refresh); got.ID == "" || w.algorithm(got.ID) != "EdDSA" {
		t.Errorf("refresh: %+v", got)
	}
}
