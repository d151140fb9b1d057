package provider_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/grant"
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

// unplugged are keys of a token that goes away before its nth next signature, for that one.
type unplugged struct {
	curves
	in *atomic.Int64
}

func (u unplugged) Open(_ jose.SignatureAlgorithm, kid string, _ []byte) (crypto.Signer, error) {
	return plug{u.curves[kid], u.in}, nil
}

type plug struct {
	*ecdsa.PrivateKey
	in *atomic.Int64
}

func (p plug) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if p.in.Add(-1) == 0 {
		return nil, errors.New("unplugged")
	}
	return p.PrivateKey.Sign(random, digest, opts)
}

// Whichever signature of an answer fails, the access token's or that of the ID token after it: nothing is used up, and
// who comes again gets all that was meant, living.
func TestAKeyThatGoesAwayInTheMiddleUsesNothingUp(t *testing.T) {
	for format, signatures := range map[string]int64{"opaque": 1, "jwt": 2} {
		t.Run(format, func(t *testing.T) {
			w := apis(t, "access_token_format", format)
			_, err := w.db.ExecContext(t.Context(), `DELETE FROM signing_keys`)
			w.must(err)
			var in atomic.Int64
			w.ring, err = signing.New(t.Context(), signing.Config{Store: w.store, KEK: make([]byte, 32), Token: unplugged{curves{}, &in}, Needed: w.clients.Signing, Now: w.now, Random: rand.Reader})
			w.must(err)
			w.serve()
			good := func(what string, form url.Values) (got tokens) {
				t.Helper()
				for n := range signatures {
					_, err := w.ring.Sign(jose.ES256, signing.IDToken, nil) // it signs again, and is not tried beforehand
					w.must(err)
					in.Store(n + 1)
					if got, rec := w.token(w.as("rp", form)); got.Access != "" || rec.Code != http.StatusServiceUnavailable || in.Load() > 0 {
						t.Fatalf("%s, signature %d: %d %s", what, n+1, rec.Code, rec.Body)
					}
				}
				got, rec := w.token(w.as("rp", form))
				if on, _ := w.active("rp", got.Access); !on || got.ID == "" || got.Refresh == "" {
					t.Fatalf("%s afterwards: %d %s", what, rec.Code, rec.Body)
				}
				return got
			}
			first := good("code", exchange(w.code()))
			second := good("refresh", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.Refresh}})
			w.pass(grant.Grace) // what was used up is none that came twice
			if w.refresh(second.Refresh).Refresh == "" {
				t.Error("the family ended")
			}
		})
	}
}
