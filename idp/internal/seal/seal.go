// Package seal keeps secrets unreadable at rest: AES-256-GCM under the operator's
// key-encryption key, each secret bound to the name of the record that holds it.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
)

// Box seals and opens with one key-encryption key.
type Box struct{ aead cipher.AEAD }

// New takes the key-encryption key of 32 bytes.
func New(kek []byte) (*Box, error) {
	if len(kek) != 32 {
		return nil, errors.New("seal: the key-encryption key must have 32 bytes")
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Box{aead: aead}, nil
}

// Seal hides a secret under a name, with a nonce of its own. Callers of different kinds use
// names that cannot be equal.
func (b *Box) Seal(random io.Reader, secret []byte, name string) ([]byte, error) {
	nonce := make([]byte, b.aead.NonceSize())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("seal: random source: %w", err)
	}
	return b.aead.Seal(nonce, nonce, secret, []byte(name)), nil
}

// Open gives a secret back; one that was moved to another name does not open.
func (b *Box) Open(sealed []byte, name string) ([]byte, error) {
	n := b.aead.NonceSize()
	if len(sealed) < n {
		return nil, fmt.Errorf("seal: %s is too short", name)
	}
	secret, err := b.aead.Open(nil, sealed[:n], sealed[n:], []byte(name))
	if err != nil {
		return nil, fmt.Errorf("seal: %s does not open: is it the right key-encryption key?", name)
	}
	return secret, nil
}
