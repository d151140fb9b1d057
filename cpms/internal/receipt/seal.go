package receipt

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
)

// box seals private keys with AES-256-GCM under the operator's key, each bound to its name.
type box struct{ aead cipher.AEAD }

func newBox(kek []byte) (*box, error) {
	if len(kek) != 32 {
		return nil, errors.New("receipt: the key-encryption key must have 32 bytes")
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &box{aead}, err
}

func (b *box) seal(random io.Reader, secret []byte, name string) ([]byte, error) {
	nonce := make([]byte, b.aead.NonceSize())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, fmt.Errorf("receipt: random source: %w", err)
	}
	return b.aead.Seal(nonce, nonce, secret, []byte(name)), nil
}

func (b *box) open(sealed []byte, name string) ([]byte, error) {
	if n := b.aead.NonceSize(); len(sealed) > n {
		if secret, err := b.aead.Open(nil, sealed[:n], sealed[n:], []byte(name)); err == nil {
			return secret, nil
		}
	}
	return nil, fmt.Errorf("receipt: key %s does not open: is it the right key-encryption key?", name)
}
