package client

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// Of a set at an address fifty keys are looked at, and private ones are left out, whatever they are for.
func TestWhichKeysOfASetCount(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &Client{ID: "rp", Authentication: Authentication{AuthMethod: PrivateKeyJWT}}
	read := func(keys ...jose.JSONWebKey) []jose.JSONWebKey {
		t.Helper()
		raw, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.WithKeys(raw)
		if err != nil {
			t.Fatal(err)
		}
		return got.JWKS.Keys
	}
	var many []jose.JSONWebKey
	for i := range mostKeys + 1 {
		many = append(many, jose.JSONWebKey{Key: key.Public(), KeyID: fmt.Sprint("k", i), Algorithm: "ES256", Use: "sig"})
	}
	if got := read(many...); len(got) != mostKeys || got[mostKeys-1].KeyID != "k49" {
		t.Errorf("%d keys count", len(got))
	}
	for _, use := range []string{"sig", "enc"} {
		if got := read(jose.JSONWebKey{Key: key, KeyID: "private", Use: use}, many[0]); len(got) != 1 || got[0].KeyID != "k0" {
			t.Errorf("a private key for %s counts: %+v", use, got)
		}
	}
}
