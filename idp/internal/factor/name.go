package factor

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxName is how many characters the name of a factor may have.
const MaxName = 50

// CleanName tidies the name that a person gives a factor: NFC, blanks at the ends off. It
// gives "" for a name that is empty, too long or holds anything that cannot be seen.
func CleanName(typed string) string {
	if !utf8.ValidString(typed) {
		return ""
	}
	s := norm.NFC.String(strings.TrimSpace(typed))
	if utf8.RuneCountInString(s) > MaxName || strings.ContainsFunc(s, Unseen) {
		return ""
	}
	return s
}

// Unseen reports whether a character cannot be seen: controls, format characters (among them
// those that turn the direction of text), line and paragraph separators.
func Unseen(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}
