package client

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/rsa"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// KeyAlgorithms and Encryptions are those by which tokens are encrypted to a client (RFC 7518 §4.1,
// §5.1). RSA1_5 is not among them (RFC 8725 §3.2), and nothing that needs a secret.
var (
	KeyAlgorithms = []jose.KeyAlgorithm{jose.ECDH_ES, jose.ECDH_ES_A256KW, jose.RSA_OAEP_256}
	Encryptions   = []jose.ContentEncryption{jose.A128CBC_HS256, jose.A128GCM, jose.A256GCM}
)

// Encrypted reports whether ID tokens and logout tokens of the client are encrypted.
func (i IDTokens) Encrypted() bool { return i.IDTokenKeyAlg != "" }

// IDTokenEncryption is the content encryption of the client's tokens: what it registered, or
// A128CBC-HS256 (Registration §2).
func (i IDTokens) IDTokenEncryption() jose.ContentEncryption {
	return cmp.Or(i.IDTokenEnc, jose.A128CBC_HS256)
}

// EncryptionKey is the public key to which the client's tokens are encrypted: the first that it has for
// that, so that a client that changes it puts the new one before the old one.
func (c *Client) EncryptionKey() (jose.JSONWebKey, bool) {
	i := slices.IndexFunc(c.JWKS.Keys, func(k jose.JSONWebKey) bool { return encrypts(k, c.IDTokenKeyAlg) })
	if i < 0 {
		return jose.JSONWebKey{}, false
	}
	return c.JWKS.Keys[i], true
}

// forEncryption reports whether a key is for encryption alone; it proves nothing about a client.
func forEncryption(k jose.JSONWebKey) bool { return k.Use == "enc" }

// encrypts reports whether a public key is one for a key algorithm: of a NIST curve for ECDH-ES, RSA of
// 2048 to 4096 bits for RSA-OAEP-256; and says itself that it is for encryption.
func encrypts(k jose.JSONWebKey, alg jose.KeyAlgorithm) bool {
	if !forEncryption(k) || k.KeyID == "" || k.Algorithm != "" && k.Algorithm != string(alg) {
		return false
	}
	switch key := k.Key.(type) {
	case *ecdsa.PublicKey:
		return strings.HasPrefix(string(alg), string(jose.ECDH_ES))
	case *rsa.PublicKey:
		return alg == jose.RSA_OAEP_256 && key.N.BitLen() >= 2048 && key.N.BitLen() <= 4096
	}
	return false
}
