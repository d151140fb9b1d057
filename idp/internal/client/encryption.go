package client

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
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

// Encryption is by what something is encrypted to a client; without an algorithm for the key it is not.
type Encryption struct {
	Key     jose.KeyAlgorithm
	Content jose.ContentEncryption
}

// encryption is what a client registered, or A128CBC-HS256 for the content (Registration §2, RFC 9701 §6).
func encryption(alg jose.KeyAlgorithm, enc jose.ContentEncryption) Encryption {
	return Encryption{alg, cmp.Or(enc, jose.A128CBC_HS256)}
}

// encryptionRules are those of the members for what is encrypted.
func encryptionRules(c *Client, what string, alg jose.KeyAlgorithm, enc jose.ContentEncryption) []rule {
	_, has := c.EncryptionKey(alg)
	name := what + "_encrypted_response"
	return []rule{
		{alg != "" && !slices.Contains(KeyAlgorithms, alg), fmt.Sprintf("%s_alg must be one of %v", name, KeyAlgorithms)},
		{enc != "" && (alg == "" || !slices.Contains(Encryptions, enc)), fmt.Sprintf("%s_enc must be one of %v, and goes with %s_alg", name, Encryptions, name)},
		{alg != "" && !has && c.JWKSURI == "", fmt.Sprintf(`%s_alg needs a public key with use "enc" in jwks, or jwks_uri: P-256, P-384 or P-521 for ECDH-ES, RSA of 2048 to 4096 bits for RSA-OAEP-256; there is none for %s`, name, alg)},
	}
}

// IDTokenEncryption is that of the client's ID tokens and logout tokens.
func (i IDTokens) IDTokenEncryption() Encryption { return encryption(i.IDTokenKeyAlg, i.IDTokenEnc) }

// EncryptionKey is the public key to which something is encrypted by an algorithm: the first that the client
// has for that, so that a client that changes it puts the new one before the old one.
func (c *Client) EncryptionKey(alg jose.KeyAlgorithm) (jose.JSONWebKey, bool) {
	i := slices.IndexFunc(c.JWKS.Keys, func(k jose.JSONWebKey) bool { return encrypts(k, alg) })
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
