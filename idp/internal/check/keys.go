package check

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/signing"
)

// Key is a key of one run, sealed.
type Key struct {
	KID  string `json:"kid"`
	Kept []byte `json:"kept"`
}

// The keys of a run, by their place: the one that signs first, the one that comes with the rotation,
// and the one that is never published.
const (
	firstKey = iota
	nextKey
	strangersKey
	keysOfARun
)

// makeKeys makes the keys of a run.
func makeKeys(random io.Reader, box *seal.Box, alg jose.SignatureAlgorithm) ([]Key, error) {
	out := make([]Key, keysOfARun)
	for i := range out {
		private, err := signing.Throwaway(random, alg)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(private)
		if err != nil {
			return nil, err
		}
		out[i].KID = ident.NewID(random)
		if out[i].Kept, err = box.Seal(random, der, "check "+out[i].KID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (k Key) open(box *seal.Box) (crypto.Signer, error) {
	der, err := box.Open(k.Kept, "check "+k.KID)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("check: the key %s does not sign", k.KID)
	}
	return private, nil
}

// signing gives the place of the key that signs now.
func (r Run) signing() int {
	if r.Rotated {
		return nextKey
	}
	return firstKey
}

// JWKS is the key set of a run's issuer: the next key is in it from the rotation on.
func (s *Service) JWKS(r Run, alg jose.SignatureAlgorithm) ([]byte, error) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range r.Keys[:min(len(r.Keys), r.signing()+1)] {
		private, err := k.open(s.Box)
		if err != nil {
			return nil, err
		}
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: private.Public(), KeyID: k.KID, Algorithm: string(alg), Use: "sig"})
	}
	return json.Marshal(set)
}

// sign makes a token, rightly or wrongly.
func (s *Service) sign(r Run, alg jose.SignatureAlgorithm, t forged) (string, error) {
	payload, err := json.Marshal(t.claims)
	if err != nil {
		return "", err
	}
	named := r.Keys[r.signing()]
	key := jose.SigningKey{Algorithm: alg}
	switch t.how {
	case unsigned:
		header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"` + t.typ + `"}`))
		return header + "." + base64.RawURLEncoding.EncodeToString(payload) + ".", nil
	case shared:
		key, err = s.confused(named)
	case stranger:
		key.Key, err = r.Keys[strangersKey].open(s.Box)
	default:
		key.Key, err = named.open(s.Box)
	}
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType(jose.ContentType(t.typ)).WithHeader("kid", named.KID))
	if err != nil {
		return "", err
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}

// confused is a public key as the secret of an HMAC, the way in which libraries were deceived.
func (s *Service) confused(k Key) (jose.SigningKey, error) {
	private, err := k.open(s.Box)
	if err != nil {
		return jose.SigningKey{}, err
	}
	der, err := x509.MarshalPKIXPublicKey(private.Public())
	return jose.SigningKey{Algorithm: jose.HS256, Key: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})}, err
}
