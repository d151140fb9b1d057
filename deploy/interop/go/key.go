package main

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/oauth2"
)

// clientKey signs client assertions (RFC 7523), which x/oauth2 leaves to its users.
type clientKey struct{ jose.JSONWebKey }

func readKey(file string) (k clientKey, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return k, err
	}
	return k, json.Unmarshal(raw, &k.JSONWebKey)
}

func (k clientKey) assert(id, audience string) ([]oauth2.AuthCodeOption, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: k.JSONWebKey}, nil)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	claims, err := json.Marshal(map[string]any{"iss": id, "sub": id, "aud": audience, "jti": rand.Text(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()})
	if err != nil {
		return nil, err
	}
	jws, err := signer.Sign(claims)
	if err != nil {
		return nil, err
	}
	compact, err := jws.CompactSerialize()
	return []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
		oauth2.SetAuthURLParam("client_assertion", compact),
	}, err
}
