package signing

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"io"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/seal"
)

// Keeper makes private keys and opens them.
type Keeper interface {
	// Can reports whether it makes keys of an algorithm.
	Can(alg jose.SignatureAlgorithm) bool
	// Make makes a key of that name; kept is what the store has of it: the sealed key, or whatever
	// finds it again where it lies.
	Make(alg jose.SignatureAlgorithm, kid string) (kept []byte, err error)
	// Open gives the key ready to sign; one that was moved to another name or algorithm does not open.
	Open(alg jose.SignatureAlgorithm, kid string, kept []byte) (crypto.Signer, error)
	// Drop destroys what the keeper has of a key; one that is gone is no error.
	Drop(kid string) error
}

// The keepers by name, as the store has it.
const (
	InStore = "store"  // seals keys and leaves them to the store
	InToken = "pkcs11" // Config.Token
)

// sealed keeps keys in the store, under the key-encryption key.
type sealed struct {
	box    *seal.Box
	random io.Reader
}

// name is what a key is sealed under. Keys of Usual are older than the others and stand under their
// kid alone.
func name(alg jose.SignatureAlgorithm, kid string) string {
	if alg == Usual {
		return kid
	}
	return kid + " " + string(alg)
}

func (sealed) Can(alg jose.SignatureAlgorithm) bool { _, ok := schemes[alg]; return ok }

func (s sealed) Make(alg jose.SignatureAlgorithm, kid string) ([]byte, error) {
	private, err := schemes[alg].make(s.random)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	return s.box.Seal(s.random, der, name(alg, kid))
}

func (s sealed) Open(alg jose.SignatureAlgorithm, kid string, kept []byte) (crypto.Signer, error) {
	der, err := s.box.Open(kept, name(alg, kid))
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	private, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("signing: the key %s does not sign", kid)
	}
	return private, nil
}

// Drop has nothing to do: the store forgets the key.
func (sealed) Drop(string) error { return nil }
