package signing

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"errors"
	"fmt"
	"io"

	"eulogin.example/idp/internal/ident"
)

// make draws a key and seals it under its name.
func (r *Ring) make(k Sealed) (Sealed, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), r.random)
	if err != nil {
		return k, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return k, err
	}
	k.KID = ident.NewID(r.random)
	nonce := make([]byte, r.aead.NonceSize())
	if _, err := io.ReadFull(r.random, nonce); err != nil {
		return k, err
	}
	k.Private = r.aead.Seal(nonce, nonce, der, []byte(k.KID))
	return k, nil
}

// open unseals a key; one that was moved to another name does not open.
func (r *Ring) open(s Sealed) (*ecdsa.PrivateKey, error) {
	n := r.aead.NonceSize()
	if len(s.Private) < n {
		return nil, errors.New("signing: a sealed key is too short")
	}
	der, err := r.aead.Open(nil, s.Private[:n], s.Private[n:], []byte(s.KID))
	if err != nil {
		return nil, fmt.Errorf("signing: key %s does not open: is it the right key-encryption key?", s.KID)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("signing: not an ECDSA key")
	}
	return private, nil
}
