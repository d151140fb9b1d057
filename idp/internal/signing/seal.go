package signing

import (
	"crypto"
	"crypto/x509"
	"fmt"
)

// name is what a key is sealed under. Keys of Usual are older than the others and stand under their
// kid alone.
func (k Sealed) name() string {
	if k.Algorithm == Usual {
		return k.KID
	}
	return k.KID + " " + string(k.Algorithm)
}

// make draws a key and seals it under its name.
func (r *Ring) make(k Sealed) ([]byte, error) {
	s, ok := schemes[k.Algorithm]
	if !ok {
		return nil, fmt.Errorf("signing: %q is none of our algorithms", k.Algorithm)
	}
	private, err := s.make(r.Random)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	return r.box.Seal(r.Random, der, k.name())
}

// open unseals a key; one that was moved to another name or algorithm does not open.
func (r *Ring) open(k Sealed) (crypto.Signer, error) {
	der, err := r.box.Open(k.Private, k.name())
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	private, ok := parsed.(crypto.Signer)
	if s, known := schemes[k.Algorithm]; !ok || !known || !s.fits(private.Public()) {
		return nil, fmt.Errorf("signing: the key %s is none for %q", k.KID, k.Algorithm)
	}
	return private, nil
}
