package totp

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"eulogin.example/idp/internal/ident"
)

// The parameters of RFC 6238 that every authenticator app knows without being told.
const (
	Digits   = 6
	Period   = 30 * time.Second
	SeedSize = 20 // bytes; RFC 4226 §4 R6 recommends 160 bits
	// skew is how many steps a clock may be off in either direction (RFC 6238 §5.2).
	skew = 1
)

// Step gives the number of the time step that a moment falls into (RFC 6238 §4.2).
func Step(at time.Time) int64 { return at.Unix() / int64(Period/time.Second) }

// Code gives the code of a step (RFC 4226 §5.3).
func Code(seed []byte, step int64) string {
	mac := hmac.New(sha1.New, seed)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:offset+4]) & 0x7fffffff
	return fmt.Sprintf("%0*d", Digits, number%1_000_000)
}

// match gives the step whose code this is, among the present one and those beside it. It
// compares with all of them, each in constant time.
func match(seed []byte, code string, now time.Time) (step int64, ok bool) {
	for s := Step(now) - skew; s <= Step(now)+skew; s++ {
		if ident.Same(Code(seed, s), code) {
			step, ok = s, true
		}
	}
	return step, ok
}

// canonical undoes how people type codes and apps show them ("123 456"). It gives "" for what
// cannot be a code.
func canonical(typed string) string {
	if len(typed) > 64 {
		return ""
	}
	code := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '-', '\u00a0', '\u2009', '\u202f':
			return -1
		}
		return r
	}, typed)
	if len(code) != Digits || strings.Trim(code, "0123456789") != "" {
		return ""
	}
	return code
}
