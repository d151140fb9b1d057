package client

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"slices"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

func TestWhichKeySignsByWhichAlgorithm(t *testing.T) {
	must := func(k crypto.Signer, err error) any {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return k.Public()
	}
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	long := must(rsa.GenerateKey(rand.Reader, 2048))
	for name, tt := range map[string]struct {
		key  jose.JSONWebKey
		want []jose.SignatureAlgorithm
	}{
		"P-256":                {jose.JSONWebKey{Key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}, []jose.SignatureAlgorithm{jose.ES256}},
		"P-384":                {jose.JSONWebKey{Key: must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))}, nil},
		"Ed25519":              {jose.JSONWebKey{Key: edwards}, []jose.SignatureAlgorithm{jose.EdDSA}},
		"RSA":                  {jose.JSONWebKey{Key: long}, []jose.SignatureAlgorithm{jose.PS256, jose.PS512, jose.RS256}},
		"RSA for one":          {jose.JSONWebKey{Key: long, Algorithm: "PS512", Use: "sig"}, []jose.SignatureAlgorithm{jose.PS512}},
		"RSA for encryption":   {jose.JSONWebKey{Key: long, Use: "enc"}, nil},
		"RSA that is short":    {jose.JSONWebKey{Key: must(rsa.GenerateKey(rand.Reader, 1024))}, nil},
		"a secret":             {jose.JSONWebKey{Key: []byte("a secret that two know")}, nil},
		"nothing":              {jose.JSONWebKey{}, nil},
		"P-256 named as RS256": {jose.JSONWebKey{Key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), Algorithm: "RS256"}, nil},
	} {
		var got []jose.SignatureAlgorithm
		for _, alg := range append(Algorithms, jose.HS256, "none") {
			if Signs(tt.key, alg) {
				got = append(got, alg)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
