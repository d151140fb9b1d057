package provider_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/signing"
)

// curves is a token that has ES256 alone.
type curves map[string]*ecdsa.PrivateKey

func (curves) Can(alg jose.SignatureAlgorithm) bool { return alg == jose.ES256 }
func (c curves) Make(_ jose.SignatureAlgorithm, kid string) (kept []byte, err error) {
	c[kid], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return []byte(kid), err
}
func (c curves) Open(_ jose.SignatureAlgorithm, kid string, _ []byte) (crypto.Signer, error) {
	return c[kid], nil
}
func (c curves) Drop(kid string) error { delete(c, kid); return nil }

// Where keys lie in a token, discovery offers what that can do, and what a client may sign by is another
// matter.
func TestDiscoveryOffersWhatTheTokenCanDo(t *testing.T) {
	w := newWorld(t)
	_, err := w.db.ExecContext(t.Context(), `DELETE FROM signing_keys`)
	w.must(err)
	w.ring, err = signing.New(t.Context(), signing.Config{Store: w.store, KEK: make([]byte, 32), Token: curves{}, Needed: w.clients.Signing, Now: w.now, Random: rand.Reader})
	w.must(err)
	w.serve()
	var doc map[string]any
	w.must(json.Unmarshal(w.do("GET", "/.well-known/openid-configuration", nil).Body.Bytes(), &doc))
	for _, member := range []string{"id_token_signing_alg_values_supported", "introspection_signing_alg_values_supported", "userinfo_signing_alg_values_supported"} {
		if list, _ := doc[member].([]any); !slices.Equal(list, []any{"ES256"}) {
			t.Errorf("%s: %v", member, doc[member])
		}
	}
	if list, _ := doc["token_endpoint_auth_signing_alg_values_supported"].([]any); !slices.Contains(list, any("RS256")) {
		t.Errorf("assertions: %v", list)
	}
	if w.algorithm(w.redeem(w.code()).ID) != "ES256" {
		t.Error("another algorithm")
	}
}
