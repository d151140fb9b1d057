package client

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// Algorithms are those by which a client may sign what it sends us, and have signed what we send it
// (RFC 7518 §3.1, RFC 8037), the usual one first. RS256 is for software that knows no other; FAPI 2.0 leaves it out.
var Algorithms = []jose.SignatureAlgorithm{jose.ES256, jose.PS256, jose.PS512, jose.EdDSA, jose.RS256}

// AssertionAlg is the one algorithm of a client's assertions (RFC 7523): what it registered, or
// ES256, or HS256 of a client with a secret. Nothing in an assertion's header chooses another (RFC 8725 §3.1).
func (c *Client) AssertionAlg() jose.SignatureAlgorithm {
	return jose.SignatureAlgorithm(cmp.Or(c.AuthAlg, string(c.assertionAlgs()[0])))
}

// assertionAlgs are those from which a client may choose: a key is never a secret, nor a secret a key.
func (c *Client) assertionAlgs() []jose.SignatureAlgorithm {
	if c.NeedsSecret() {
		return SecretAlgorithms
	}
	return Algorithms
}

// Signs reports whether a public key is one for an algorithm: P-256, Ed25519, or RSA of 2048 to
// 4096 bits.
func Signs(k jose.JSONWebKey, alg jose.SignatureAlgorithm) bool {
	if k.Algorithm != "" && k.Algorithm != string(alg) || k.Use != "" && k.Use != "sig" {
		return false
	}
	switch key := k.Key.(type) {
	case *ecdsa.PublicKey:
		return alg == jose.ES256 && key.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return alg == jose.EdDSA
	case *rsa.PublicKey:
		return slices.Contains([]jose.SignatureAlgorithm{jose.PS256, jose.PS512, jose.RS256}, alg) && key.N.BitLen() >= 2048 && key.N.BitLen() <= 4096
	}
	return false
}
