package ident

import (
	"net/mail"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"eulogin.example/proto/kit/fault"
)

// MaxEmail is the longest address that is accepted, in bytes (RFC 5321 §4.5.3.1.3).
const MaxEmail = 254

// ErrEmail says that a text is not one single e-mail address.
var ErrEmail = fault.New(fault.Invalid, "email.malformed")

// Email tidies a typed address: outer blanks off, Unicode NFC. It refuses everything but
// one bare address: display names, lists, comments, a second @, control characters.
func Email(typed string) (string, error) {
	s := norm.NFC.String(strings.TrimSpace(typed))
	at := strings.LastIndexByte(s, '@')
	if len(s) > MaxEmail || at < 1 || strings.Count(s, "@") != 1 || strings.ContainsFunc(s, unsafeInEmail) {
		return "", ErrEmail
	}
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Address != s {
		return "", ErrEmail
	}
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil || !strings.Contains(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", ErrEmail
	}
	return s, nil
}

// EmailKey gives the key under which an address is unique: NFC, folded case, and the
// domain in its ASCII form. It never removes dots or "+tags": those belong to the mail
// provider. The address itself is kept as it was typed.
func EmailKey(typed string) (string, error) {
	s, err := Email(typed)
	if err != nil {
		return "", err
	}
	at := strings.LastIndexByte(s, '@')
	domain, err := idna.Lookup.ToASCII(strings.ToLower(s[at+1:]))
	if err != nil {
		return "", ErrEmail
	}
	return norm.NFC.String(cases.Fold().String(s[:at])) + "@" + domain, nil
}

func unsafeInEmail(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(`"(),:;<>[\]`, r) || r == '\u200b' || r == '\ufeff'
}
