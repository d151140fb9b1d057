package signing

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"errors"
	"fmt"

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
	k.Private, err = r.box.Seal(r.random, der, k.KID)
	return k, err
}

// open unseals a key; one that was moved to another name does not open.
func (r *Ring) open(s Sealed) (*ecdsa.PrivateKey, error) {
	der, err := r.box.Open(s.Private, s.KID)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
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
