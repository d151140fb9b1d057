package phone

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
)

// Key is the public half of a phone's key: ECDSA on P-256, given as a JWK (RFC 7517, 7518
// §6.2). Only the coordinates are kept; every other member of the JWK is dropped.
type Key struct {
	X, Y string // base64url without padding, 32 bytes each
	pub  *ecdsa.PublicKey
}

// signatureSize is r and s, 32 bytes each, as WebCrypto and RFC 7518 §3.4 give them.
const signatureSize = 64

// ParseKey reads a JWK and refuses everything but a public point on P-256: another curve,
// a private member, coordinates of another length, a point off the curve.
func ParseKey(jwk []byte) (Key, error) {
	var in struct {
		Kty string          `json:"kty"`
		Crv string          `json:"crv"`
		X   string          `json:"x"`
		Y   string          `json:"y"`
		D   json.RawMessage `json:"d"`
	}
	if err := json.Unmarshal(jwk, &in); err != nil {
		return Key{}, ErrKey.Because(err)
	}
	if in.Kty != "EC" || in.Crv != "P-256" || in.D != nil {
		return Key{}, ErrKey
	}
	x, errX := base64.RawURLEncoding.Strict().DecodeString(in.X)
	y, errY := base64.RawURLEncoding.Strict().DecodeString(in.Y)
	if errX != nil || errY != nil || len(x) != 32 || len(y) != 32 {
		return Key{}, ErrKey
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	if err != nil {
		return Key{}, ErrKey.Because(err)
	}
	enc := base64.RawURLEncoding.EncodeToString // not the text that came: the decoder skips line breaks
	return Key{X: enc(x), Y: enc(y), pub: pub}, nil
}

// JWK gives the key in the one form that is stored and hashed: RFC 7638 §3.2, members in
// lexical order without white space.
func (k Key) JWK() string {
	return `{"crv":"P-256","kty":"EC","x":"` + k.X + `","y":"` + k.Y + `"}`
}

// Thumbprint names the key: SHA-256 of JWK in base64url (RFC 7638).
func (k Key) Thumbprint() string {
	sum := sha256.Sum256([]byte(k.JWK()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Verify reports whether sig (r and s, 64 bytes) is this key's ECDSA signature with SHA-256
// over message.
func (k Key) Verify(message, sig []byte) bool {
	if k.pub == nil || len(sig) != signatureSize {
		return false
	}
	sum := sha256.Sum256(message)
	r, s := new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])
	return ecdsa.Verify(k.pub, sum[:], r, s)
}
