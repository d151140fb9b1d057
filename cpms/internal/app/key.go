package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// clientKey gives the key that signs client assertions. In development it is made once in
// the data folder.
func clientKey(c Config) (*ecdsa.PrivateKey, error) {
	text := []byte(c.ClientKey)
	if len(text) == 0 {
		file := filepath.Join(c.DataDir, "client-key.pem")
		var err error
		if text, err = os.ReadFile(file); errors.Is(err, os.ErrNotExist) {
			text, err = makeKey(file)
		}
		if err != nil {
			return nil, err
		}
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("the client key is no PEM block")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("the client key must be ECDSA P-256")
	}
	return key, nil
}

func makeKey(file string) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	return text, os.WriteFile(file, text, 0o600)
}

// sealKey reads a key-encryption key of 32 bytes in base64; nil when there is no text.
func sealKey(text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err == nil && len(raw) != 32 {
		err = errors.New("the key-encryption key must have 32 bytes")
	}
	return raw, err
}

// receiptKey gives the key that seals the keys of receipts. In development it is made once in
// the data folder.
func receiptKey(c Config) ([]byte, error) {
	if c.KeyEncryptionKey != nil {
		return c.KeyEncryptionKey, nil
	}
	file := filepath.Join(c.DataDir, "key-encryption-key")
	text, err := os.ReadFile(file)
	if !errors.Is(err, os.ErrNotExist) {
		if err != nil {
			return nil, err
		}
		return sealKey(string(text))
	}
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return nil, err
	}
	return raw, os.WriteFile(file, []byte(base64.StdEncoding.EncodeToString(raw)+"\n"), 0o600)
}
