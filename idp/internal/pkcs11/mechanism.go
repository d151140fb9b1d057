//go:build cgo

package pkcs11

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/go-jose/go-jose/v4"
	"github.com/miekg/pkcs11"

	"eulogin.example/idp/internal/signing"
)

// The mechanisms of PKCS #11 3.0 for Ed25519 (§2.3.5, §2.3.14), which the binding does not name.
const (
	edwardsPairGen = 0x1055
	eddsa          = 0x1057
)

// mechanism is how a token makes keys of an algorithm, signs by it, and tells a public half.
type mechanism struct {
	generate uint
	params   []*pkcs11.Attribute // of the public half
	sign     uint
	with     []byte // parameter of sign
	hash     crypto.Hash
	prefix   []byte // before the hash: DigestInfo of RFC 8017 §9.2
	points   []uint // attributes of the public half
	public   func([][]byte) (crypto.PublicKey, error)
	signed   func([]byte) ([]byte, error) // as crypto.Signer gives it; nil: as the token does
}

var mechanisms = map[jose.SignatureAlgorithm]mechanism{
	jose.ES256: {
		generate: pkcs11.CKM_EC_KEY_PAIR_GEN, params: curve(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}), sign: pkcs11.CKM_ECDSA,
		hash: crypto.SHA256, points: []uint{pkcs11.CKA_EC_POINT}, public: p256, signed: inASN1,
	},
	jose.EdDSA: {
		generate: edwardsPairGen, params: curve(asn1.ObjectIdentifier{1, 3, 101, 112}), sign: eddsa,
		points: []uint{pkcs11.CKA_EC_POINT}, public: edwards,
	},
	jose.PS256: rsaKey(pkcs11.CKM_RSA_PKCS_PSS, crypto.SHA256, pkcs11.NewPSSParams(pkcs11.CKM_SHA256, pkcs11.CKG_MGF1_SHA256, 32), nil),
	jose.PS512: rsaKey(pkcs11.CKM_RSA_PKCS_PSS, crypto.SHA512, pkcs11.NewPSSParams(pkcs11.CKM_SHA512, pkcs11.CKG_MGF1_SHA512, 64), nil),
	jose.RS256: rsaKey(pkcs11.CKM_RSA_PKCS, crypto.SHA256, nil, []byte{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20}),
}

func rsaKey(sign uint, hash crypto.Hash, with, prefix []byte) mechanism {
	return mechanism{
		generate: pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, sign: sign, with: with, hash: hash, prefix: prefix,
		params: []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_MODULUS_BITS, signing.RSABits), pkcs11.NewAttribute(pkcs11.CKA_PUBLIC_EXPONENT, []byte{1, 0, 1})},
		points: []uint{pkcs11.CKA_MODULUS, pkcs11.CKA_PUBLIC_EXPONENT}, public: modulus,
	}
}

func curve(name asn1.ObjectIdentifier) []*pkcs11.Attribute {
	der, err := asn1.Marshal(name)
	if err != nil {
		panic(err) // the names are those above
	}
	return []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, der)}
}

// point reads a point as PKCS #11 has it: the octets in an OCTET STRING.
func point(values [][]byte) (octets []byte, err error) {
	rest, err := asn1.Unmarshal(values[0], &octets)
	if err == nil && len(rest) > 0 {
		err = errors.New("a point with something behind it")
	}
	return octets, err
}

func p256(values [][]byte) (crypto.PublicKey, error) {
	octets, err := point(values)
	if err != nil {
		return nil, err
	}
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), octets)
}

func edwards(values [][]byte) (crypto.PublicKey, error) {
	octets, err := point(values)
	if err == nil && len(octets) != ed25519.PublicKeySize {
		err = fmt.Errorf("a point of %d bytes", len(octets))
	}
	return ed25519.PublicKey(octets), err
}

func modulus(values [][]byte) (crypto.PublicKey, error) {
	e := new(big.Int).SetBytes(values[1])
	if !e.IsInt64() || e.Int64() != 65537 {
		return nil, errors.New("another exponent than 65537")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(values[0]), E: int(e.Int64())}, nil
}

// inASN1 turns the two numbers that a token gives into what crypto.Signer gives.
func inASN1(raw []byte) ([]byte, error) {
	if len(raw) != 64 {
		return nil, fmt.Errorf("a signature of %d bytes", len(raw))
	}
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:])})
}
