package ident

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

const letters = "0123456789abcdefghjkmnpqrstvwxyz"

// NewID draws an identifier: 26 characters, 130 random bits.
func NewID(random io.Reader) string {
	out := read(random, 26)
	for i, b := range out {
		out[i] = letters[b&31]
	}
	return string(out)
}

// IsID reports whether a text has the shape of NewID; nothing else becomes part of a lookup.
func IsID(s string) bool { return len(s) == 26 && strings.Trim(s, letters) == "" }

// NewToken draws a bearer secret of 256 bits. Stores keep only its Digest.
func NewToken(random io.Reader) string {
	return base64.RawURLEncoding.EncodeToString(read(random, 32))
}

// Digest is what stores keep of a secret of full entropy.
func Digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Same compares in constant time.
func Same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func read(random io.Reader, n int) []byte {
	buf := make([]byte, n)
	if _, err := io.ReadFull(random, buf); err != nil {
		panic(fmt.Sprintf("ident: random source: %v", err)) // nothing safe is left to do
	}
	return buf
}
