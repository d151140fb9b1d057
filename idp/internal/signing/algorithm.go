package signing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/go-jose/go-jose/v4"
)

// Usual is the algorithm of those who ask for no other. Its keys are always there.
const Usual = jose.ES256

// RSABits is the size of RSA keys, by which they are as strong as P-256 (NIST SP 800-57-1 §5.6.1).
const RSABits = 3072

// scheme is what an algorithm (RFC 7518 §3.1, RFC 8037 §3.1) takes: which keys, and how one signs.
// A key serves one algorithm, the one in its JWK (RFC 8725 §3.1), so RSA keys are not shared.
type scheme struct {
	half crypto.Hash // of at_hash: the hash of the algorithm, and for Ed25519 the one inside it
	make func(io.Reader) (crypto.Signer, error)
	fits func(crypto.PublicKey) bool
	opts crypto.SignerOpts
}

var schemes = map[jose.SignatureAlgorithm]scheme{
	jose.ES256: {crypto.SHA256, makeP256, isP256, crypto.SHA256},
	jose.PS256: {crypto.SHA256, makeRSA, isRSA, pss(crypto.SHA256)},
	jose.PS512: {crypto.SHA512, makeRSA, isRSA, pss(crypto.SHA512)},
	jose.EdDSA: {crypto.SHA512, makeEd25519, isEd25519, crypto.Hash(0)},
	jose.RS256: {crypto.SHA256, makeRSA, isRSA, crypto.SHA256},
}

// pss has a salt as long as the hash (RFC 7518 §3.5).
func pss(h crypto.Hash) *rsa.PSSOptions {
	return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: h}
}

func makeP256(random io.Reader) (crypto.Signer, error) {
	return ecdsa.GenerateKey(elliptic.P256(), random)
}

func makeRSA(random io.Reader) (crypto.Signer, error) { return rsa.GenerateKey(random, RSABits) }

func makeEd25519(random io.Reader) (crypto.Signer, error) {
	_, private, err := ed25519.GenerateKey(random)
	return private, err
}

func isP256(k crypto.PublicKey) bool {
	p, ok := k.(*ecdsa.PublicKey)
	return ok && p.Curve == elliptic.P256()
}

func isRSA(k crypto.PublicKey) bool {
	p, ok := k.(*rsa.PublicKey)
	return ok && p.N.BitLen() >= RSABits
}

func isEd25519(k crypto.PublicKey) bool { _, ok := k.(ed25519.PublicKey); return ok }

// sign gives the signature of a message as JOSE writes it.
func (s scheme) sign(random io.Reader, k crypto.Signer, message []byte) ([]byte, error) {
	if h := s.opts.HashFunc(); h != 0 {
		d := h.New()
		d.Write(message)
		message = d.Sum(nil)
	}
	out, err := k.Sign(random, message, s.opts)
	if _, ok := k.Public().(*ecdsa.PublicKey); ok && err == nil {
		return fixed(out)
	}
	return out, err
}

// fixed turns an ECDSA signature in ASN.1 into the two numbers of RFC 7518 §3.4.
func fixed(der []byte) ([]byte, error) {
	var n struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &n); err != nil {
		return nil, fmt.Errorf("signing: signature: %w", err)
	}
	if n.R.Sign() < 0 || n.S.Sign() < 0 || n.R.BitLen() > 256 || n.S.BitLen() > 256 {
		return nil, errors.New("signing: signature: not of P-256")
	}
	out := make([]byte, 64)
	n.R.FillBytes(out[:32])
	n.S.FillBytes(out[32:])
	return out, nil
}

// Half is what at_hash holds of a token (OpenID Connect Core §3.1.3.6): the left half of the hash
// that goes with the algorithm of the ID token.
func Half(alg jose.SignatureAlgorithm, token string) []byte {
	h := schemes[alg].half.New()
	h.Write([]byte(token))
	return h.Sum(nil)[:h.Size()/2]
}
