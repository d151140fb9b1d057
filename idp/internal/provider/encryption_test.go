package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/clientkeys"
	"eulogin.example/idp/internal/provider"
)

// recipient is a client that has its tokens encrypted to it.
type recipient struct {
	*world
	keys map[jose.KeyAlgorithm]any // private
}

func newRecipient(t *testing.T) *recipient {
	t.Helper()
	w := newWorld(t)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	w.must(err)
	return &recipient{w, map[jose.KeyAlgorithm]any{jose.ECDH_ES: curve, jose.ECDH_ES_A256KW: curve, jose.RSA_OAEP_256: long}}
}

// set holds a key to prove oneself with and one for encryption.
func (r *recipient) set(alg jose.KeyAlgorithm) jose.JSONWebKeySet {
	private := jose.JSONWebKey{Key: r.keys[alg], KeyID: "e1", Use: "enc"}
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: r.world.keys["rp"].Public(), KeyID: "k1", Use: "sig"}, private.Public()}}
}

func (r *recipient) wants(alg jose.KeyAlgorithm, enc string) {
	changes := map[string]any{"id_token_encrypted_response_alg": string(alg), "jwks": r.set(alg)}
	if enc != "" {
		changes["id_token_encrypted_response_enc"] = enc
	}
	r.registerRP(changes)
}

// opened decrypts a token and gives the JWS inside.
func (r *recipient) opened(token string, alg jose.KeyAlgorithm, enc jose.ContentEncryption) string {
	r.t.Helper()
	jwe, err := jose.ParseEncryptedCompact(token, []jose.KeyAlgorithm{alg}, []jose.ContentEncryption{enc})
	if err != nil {
		r.t.Fatalf("%s %s: %v: %s", alg, enc, err, token)
	}
	if h := jwe.Header; h.KeyID != "e1" || h.ExtraHeaders[jose.HeaderContentType] != "JWT" {
		r.t.Errorf("%s %s: %+v", alg, enc, h)
	}
	inside, err := jwe.Decrypt(r.keys[alg])
	r.must(err)
	return string(inside)
}

// Every offered pair of algorithms gives a signed token inside an encrypted one (OpenID Connect Core
// §10.2): at the code, at the refresh, and as a logout token (Back-Channel Logout 1.0 §2.6).
func TestEncryptedIDTokens(t *testing.T) {
	r := newRecipient(t)
	for _, alg := range client.KeyAlgorithms {
		for _, enc := range append([]jose.ContentEncryption{""}, client.Encryptions...) {
			r.wants(alg, string(enc))
			if enc == "" {
				enc = jose.A128CBC_HS256
			}
			first := r.redeem(r.code())
			again := r.refresh(first.Refresh)
			c, err := r.clients.ByID(t.Context(), "rp")
			r.must(err)
			logout, err := provider.LogoutToken(provider.Config{Issuer: r.issuer, Now: r.now, Ring: r.ring}, c, anna, "sid1", "jti1")
			r.must(err)
			for name, token := range map[string]string{"code": first.ID, "refresh": again.ID, "logout": logout} {
				if claims := r.claims(r.opened(token, alg, enc)); claims["sub"] != string(anna) || claims["aud"] != "rp" {
					t.Errorf("%s %s, %s: %v", alg, enc, name, claims)
				}
			}
		}
	}
}

// An encrypted hint cannot be read: it is not for us. What is inside is one (Core §3.1.2.1).
func TestEncryptedHints(t *testing.T) {
	r := newRecipient(t)
	r.wants(jose.ECDH_ES, "")
	hint := r.redeem(r.code()).ID
	leave := func(hint string) (int, string) {
		rec := r.do("GET", "/end_session?"+url.Values{"id_token_hint": {hint}, "post_logout_redirect_uri": {"https://rp.example/bye"}}.Encode(), nil)
		return rec.Code, rec.Header().Get("Location")
	}
	if status, to := leave(hint); status != http.StatusUnprocessableEntity || to != "" {
		t.Errorf("encrypted: %d %s", status, to)
	}
	if _, to := leave(r.opened(hint, jose.ECDH_ES, jose.A128CBC_HS256)); to != "https://rp.example/bye" {
		t.Errorf("what is inside: %q", to)
	}
	if a := answer(r.authorize(ask("id_token_hint", hint, "prompt", "none"), r.signIn(true))); a.Get("code") == "" {
		t.Errorf("an encrypted hint must not lock anybody out: %v", a)
	}
}

// A client that keeps its keys itself gets nothing in clear while they cannot be had, and loses nothing
// by that; a key that it changes counts.
func TestNothingIsSentInClearInstead(t *testing.T) {
	r := newRecipient(t)
	r.registerRP(map[string]any{
		"token_endpoint_auth_method": "private_key_jwt", "jwks": map[string]any{"keys": []any{}}, "jwks_uri": "https://rp.example/keys",
		"id_token_encrypted_response_alg": "RSA-OAEP-256", "id_token_encrypted_response_enc": "A256GCM",
	})
	var set atomic.Pointer[jose.JSONWebKeySet]                              // it is read in the background, too
	set.Store(&jose.JSONWebKeySet{Keys: r.set(jose.RSA_OAEP_256).Keys[:1]}) // nothing to encrypt to
	r.outside["rp.example"] = http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(rw).Encode(set.Load()) })
	code := r.code()
	got, rec := r.token(r.as("rp", exchange(code)))
	if rec.Code != http.StatusServiceUnavailable || got.Access != "" || rec.Header().Get("Retry-After") == "" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	c, err := r.clients.ByID(t.Context(), "rp")
	r.must(err)
	conf := provider.Config{Issuer: r.issuer, Now: r.now, Ring: r.ring, Subjects: r.subjects, Remote: clientkeys.New(&http.Client{Transport: r.outside}, r.now, slog.New(slog.DiscardHandler))}
	if token, err := provider.LogoutToken(conf, c, anna, "sid1", "jti1"); err == nil || token != "" {
		t.Errorf("a logout token: %q %v", token, err)
	}
	whole := r.set(jose.RSA_OAEP_256)
	set.Store(&whole)
	r.pass(clientkeys.Cooldown)
	got = r.redeem(code)
	if claims := r.claims(r.opened(got.ID, jose.RSA_OAEP_256, jose.A256GCM)); claims["sub"] != string(anna) {
		t.Errorf("%v", claims)
	}
}
