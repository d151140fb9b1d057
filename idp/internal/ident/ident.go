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

// AccountID names a person for ever; it is the `sub` of every token, e.g. "n00k3j5d9w".
// Like EU Login's uid it has at least seven characters (domain.md §1.5) and never a colon.
type AccountID string

// crockford leaves out i, l, o and u, so that nothing typed by hand is ambiguous.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// NewAccountID draws an account id: "n00" and eight characters (40 random bits).
// A collision is refused by the store's primary key, and the caller draws again.
func NewAccountID(random io.Reader) AccountID { return AccountID("n00" + letters(random, 8)) }

// NewID draws an identifier for records, events and requests: 26 characters, 130 random bits.
func NewID(random io.Reader) string { return letters(random, 26) }

// IsID reports whether a text has the shape of a NewID. What a visitor sends goes into a
// store's key only after this.
func IsID(s string) bool { return len(s) == 26 && strings.Trim(s, crockford) == "" }

// NewToken draws a bearer secret of 256 bits in base64url. Stores keep only its Digest.
func NewToken(random io.Reader) string {
	return base64.RawURLEncoding.EncodeToString(read(random, 32))
}

// IsToken reports whether a text has the shape of a NewToken.
func IsToken(s string) bool {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return err == nil && len(raw) == 32
}

// NewTypedCode draws a code of n characters for people to type, upper case without
// ambiguous characters: five bits a character.
func NewTypedCode(random io.Reader, n int) string { return strings.ToUpper(letters(random, n)) }

// CanonicalCode undoes what people do to a typed code: case, blanks, hyphens, and the
// look-alikes o for 0 and i or l for 1.
func CanonicalCode(typed string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '-', '\u00a0', '\u2010', '\u2011', '\u2013':
			return -1
		case 'o', 'O':
			return '0'
		case 'i', 'I', 'l', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(typed)))
}

// Grouped sets a code in groups of n characters with hyphens between them.
func Grouped(code string, n int) string {
	var b strings.Builder
	for i, r := range code {
		if i > 0 && i%n == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Digest is what stores keep of a secret of full entropy: SHA-256 in hex.
func Digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Same compares two secrets or digests in constant time.
func Same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func letters(random io.Reader, n int) string {
	out := read(random, n)
	for i, b := range out {
		out[i] = crockford[b&31]
	}
	return string(out)
}

// read fills n bytes; a random source that fails leaves nothing safe to go on with.
func read(random io.Reader, n int) []byte {
	buf := make([]byte, n)
	if _, err := io.ReadFull(random, buf); err != nil {
		panic(fmt.Sprintf("ident: random source: %v", err))
	}
	return buf
}
