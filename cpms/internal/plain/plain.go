package plain

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// EmailMax is the longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3, less the brackets).
const EmailMax = 254

// Line reports whether s is text of one line and at most most characters.
func Line(s string, most int) bool {
	return readable(s, most, "")
}

// Text reports whether s is text, of any number of lines, and at most most characters.
func Text(s string, most int) bool {
	return readable(s, most, "\n\r\t")
}

// Email reports whether s is one bare address: no display name, no second address, a domain
// with a dot.
func Email(s string) bool {
	if len(s) > EmailMax || !Line(s, EmailMax) {
		return false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" {
		return false
	}
	domain := s[strings.LastIndexByte(s, '@')+1:]
	return strings.Contains(domain, ".") && !strings.ContainsAny(domain, "[]") && !strings.HasSuffix(domain, ".")
}

// readable refuses what PostgreSQL cannot store (NUL, broken UTF-8), what could forge lines
// elsewhere (other control characters), and what makes a text look like another one.
func readable(s string, most int, controls string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && !strings.ContainsRune(controls, r) || reorders(r) || r == '\u2028' || r == '\u2029'
	})
}

// reorders finds the characters that change the direction of what follows them: a name may
// be written from right to left without them (Unicode TR 36 §2.7).
func reorders(r rune) bool {
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}
