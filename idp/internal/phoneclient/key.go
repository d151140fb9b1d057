package phoneclient

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
)

// Key is the phone's key pair, PKCS #8 in base64 when it is written down.
type Key struct{ private *ecdsa.PrivateKey }

// NewKey makes a key on P-256.
func NewKey() (Key, error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return Key{k}, err
}

// jwk is the public key, members in lexical order as RFC 7638 hashes them.
func (k Key) jwk() (map[string]string, error) {
	point, err := k.private.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	enc := base64.RawURLEncoding.EncodeToString
	return map[string]string{"kty": "EC", "crv": "P-256", "x": enc(point[1:33]), "y": enc(point[33:])}, nil
}

// thumbprint names the key (RFC 7638); Go writes maps with sorted keys.
func (k Key) thumbprint() (string, error) {
	jwk, err := k.jwk()
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(jwk)
	sum := sha256.Sum256(b)
	return base64.RawURLEncoding.EncodeToString(sum[:]), err
}

// sign gives r and s of ECDSA with SHA-256, 32 bytes each.
func (k Key) sign(text []byte) ([]byte, error) {
	sum := sha256.Sum256(text)
	r, s, err := ecdsa.Sign(rand.Reader, k.private, sum[:])
	if err != nil {
		return nil, err
	}
	return append(fill(r), fill(s)...), nil
}

// signDER gives the signature as authenticators write it.
func (k Key) signDER(text []byte) ([]byte, error) {
	sum := sha256.Sum256(text)
	return ecdsa.SignASN1(rand.Reader, k.private, sum[:])
}

func fill(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }

// MarshalText writes the private key down.
func (k Key) MarshalText() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	return []byte(base64.StdEncoding.EncodeToString(der)), err
}

// UnmarshalText reads a private key back.
func (k *Key) UnmarshalText(text []byte) error {
	der, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return err
	}
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return fmt.Errorf("phoneclient: the key is not on P-256")
	}
	k.private = private
	return nil
}
