package signing_test

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
)

// Each algorithm has a key of its own, which says so (RFC 8725 §3.1), and what it signs is
// understood by another implementation.
func TestEachAlgorithmHasAKey(t *testing.T) {
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	r, err := ring(t, store, time.Now, all...)
	if err != nil {
		t.Fatal(err)
	}
	var set jose.JSONWebKeySet
	raw, _ := r.JWKS()
	if err := json.Unmarshal(raw, &set); err != nil || len(set.Keys) != len(all) {
		t.Fatalf("%d keys, %v", len(set.Keys), err)
	}
	for _, alg := range all {
		token, err := r.Sign(alg, signing.IDToken, map[string]string{"a": string(alg)})
		if err != nil {
			t.Fatal(err)
		}
		jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{alg})
		if err != nil {
			t.Fatal(err)
		}
		key := set.Key(jws.Signatures[0].Header.KeyID)
		if len(key) != 1 || key[0].Algorithm != string(alg) || key[0].Use != "sig" {
			t.Fatalf("%s: %+v", alg, key)
		}
		if payload, err := jws.Verify(key[0]); err != nil || string(payload) != `{"a":"`+string(alg)+`"}` {
			t.Errorf("%s: %s %v", alg, payload, err)
		}
		var claims map[string]string
		if err := r.Verify(token, signing.IDToken, &claims); err != nil || claims["a"] != string(alg) {
			t.Errorf("%s: %v", alg, err)
		}
		cut := strings.LastIndex(token, ".") + 1
		if err := r.Verify(token[:cut]+strings.Repeat("A", len(token)-cut), signing.IDToken, &claims); err == nil {
			t.Errorf("%s: a broken signature was accepted", alg)
		}
	}
}

// Security case 22: an RSA key of PS256 could sign by RS256 as well; such a token is not ours.
func TestAKeySignsByOneAlgorithm(t *testing.T) {
	db := backendtest.SQLite(t, sqlstore.Migrations())
	store := sqlstore.New(db)
	r, err := ring(t, store, time.Now, jose.PS256)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := store.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(keys, func(k signing.Key) bool { return k.Algorithm == jose.PS256 })
	box, _ := seal.New(kek)
	der, err := box.Open(keys[i].Kept, keys[i].KID+" PS256")
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		t.Fatal(err)
	}
	for alg, want := range map[jose.SignatureAlgorithm]bool{jose.PS256: true, jose.PS512: false, jose.RS256: false} {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: private, KeyID: keys[i].KID}}, (&jose.SignerOptions{}).WithType(signing.IDToken))
		if err != nil {
			t.Fatal(err)
		}
		jws, err := signer.Sign([]byte(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		token, _ := jws.CompactSerialize()
		var claims map[string]string
		if got := r.Verify(token, signing.IDToken, &claims) == nil; got != want {
			t.Errorf("%s: understood %v", alg, got)
		}
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE signing_keys SET algorithm = 'RS256' WHERE algorithm = 'PS256'`); err != nil {
		t.Fatal(err)
	}
	if _, err := ring(t, store, time.Now); err == nil {
		t.Error("a sealed key was moved to another algorithm")
	}
}

// The first key of an algorithm is made when a client needs it, by a refresh and never by a token;
// it signs at once. From then on its line turns by itself: no key signs that was not published.
func TestAlgorithmsBeginWithTheirFirstClient(t *testing.T) {
	c := &clock{}
	c.at.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	var needed []jose.SignatureAlgorithm
	r, err := signing.New(t.Context(), signing.Config{Store: store, KEK: kek, Needed: func() []jose.SignatureAlgorithm { return needed }, Now: c.now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	c.pass(10 * 24 * time.Hour)
	needed = []jose.SignatureAlgorithm{jose.EdDSA}
	if _, err := r.Sign(jose.EdDSA, signing.IDToken, nil); !errors.Is(err, signing.ErrNotReady) || fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("before the refresh: %v", err)
	}
	if err := r.Prepare(t.Context()); err != nil || r.Ready(jose.EdDSA) != nil {
		t.Fatalf("Prepare: %v, %v", err, r.Ready(jose.EdDSA))
	}
	kids := map[jose.SignatureAlgorithm]map[string]bool{jose.ES256: {}, jose.EdDSA: {}}
	var known map[string]bool
	for hour := range 70 * 24 {
		if err := r.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for alg, seen := range kids {
			token, err := r.Sign(alg, signing.IDToken, nil)
			if err != nil {
				t.Fatalf("%s at hour %d: %v", alg, hour, err)
			}
			if hour > 0 && !known[kidOf(t, token)] {
				t.Fatalf("%s at hour %d: signed with a key that was not published an hour ago", alg, hour)
			}
			seen[kidOf(t, token)] = true
		}
		known = published(t, r)
		c.pass(time.Hour)
	}
	if len(kids[jose.ES256]) != 3 || len(kids[jose.EdDSA]) != 3 {
		t.Errorf("%d and %d keys signed in 70 days", len(kids[jose.ES256]), len(kids[jose.EdDSA]))
	}
}

// An algorithm that nobody needs any more gets no further key, and its last one is forgotten.
func TestAnAlgorithmThatNobodyNeedsEnds(t *testing.T) {
	c := &clock{}
	c.at.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	if _, err := ring(t, store, c.now, jose.EdDSA); err != nil {
		t.Fatal(err)
	}
	r, err := ring(t, store, c.now)
	if err != nil {
		t.Fatal(err)
	}
	for range 121 {
		if _, err := r.Sign(jose.EdDSA, signing.IDToken, nil); err != nil {
			t.Fatal(err)
		}
		c.pass(24 * time.Hour)
		if err := r.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Sign(jose.EdDSA, signing.IDToken, nil); !errors.Is(err, signing.ErrNotReady) {
		t.Errorf("after 121 days: %v", err)
	}
	keys, err := store.Keys(t.Context())
	if err != nil || slices.ContainsFunc(keys, func(k signing.Key) bool { return k.Algorithm == jose.EdDSA }) {
		t.Errorf("the private key was kept: %v", err)
	}
}

func TestAnUnknownAlgorithmMakesNoKey(t *testing.T) {
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	for _, alg := range []jose.SignatureAlgorithm{"none", jose.HS256, "", jose.ES384} {
		r, err := ring(t, store, time.Now, alg)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Refresh(t.Context()); err == nil || r.Ready(alg) == nil || r.Ready(jose.ES256) != nil {
			t.Errorf("%q: %v", alg, err)
		}
	}
}

// OpenID Connect Core §3.1.3.6: the left half of the hash that the algorithm names; Ed25519 has
// SHA-512 inside (RFC 8032 §5.1).
func TestHalf(t *testing.T) {
	short, long := sha256.Sum256([]byte("token")), sha512.Sum512([]byte("token"))
	for alg, want := range map[jose.SignatureAlgorithm][]byte{jose.ES256: short[:16], jose.PS256: short[:16], jose.RS256: short[:16], jose.PS512: long[:32], jose.EdDSA: long[:32]} {
		if got := signing.Half(alg, "token"); !slices.Equal(got, want) {
			t.Errorf("%s: %x", alg, got)
		}
	}
}

// One signature of an ID token's size by each algorithm.
func BenchmarkSign(b *testing.B) {
	store := sqlstore.New(backendtest.SQLite(b, sqlstore.Migrations()))
	r, err := signing.New(b.Context(), signing.Config{Store: store, KEK: kek, Needed: func() []jose.SignatureAlgorithm { return all }, Now: time.Now, Random: rand.Reader})
	if err != nil {
		b.Fatal(err)
	}
	claims := map[string]string{"iss": "https://idp.example", "sub": "n00annaaaaa", "text": strings.Repeat("x", 400)}
	for _, alg := range all {
		b.Run(string(alg), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Sign(alg, signing.IDToken, claims); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
