package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"eulogin.example/proto/kit/fault"
)

// MaxName is the longest first or last name, in characters.
const MaxName = 100

// The ways in which a text is no name.
var (
	ErrNameEmpty = fault.New(fault.Invalid, "account.name_empty")
	ErrNameLong  = fault.New(fault.Invalid, "account.name_long")
	ErrNameChars = fault.New(fault.Invalid, "account.name_chars")
)

// Name tidies a first or last name in any alphabet: NFC, outer blanks off, inner ones
// single. It accepts letters, marks, blanks, apostrophes, hyphens, full stops and the
// like. What mail programs would turn into a link cannot pass, because names stand in
// mails to addresses that nobody has confirmed yet.
func Name(typed string) (string, error) {
	if len(typed) > 8*MaxName {
		return "", ErrNameLong
	}
	if !utf8.ValidString(typed) || strings.ContainsFunc(typed, unicode.IsControl) {
		return "", ErrNameChars
	}
	s := spaceAfterStop(strings.Join(strings.Fields(norm.NFC.String(typed)), " "))
	switch {
	case s == "":
		return "", ErrNameEmpty
	case utf8.RuneCountInString(s) > MaxName:
		return "", ErrNameLong
	case strings.ContainsFunc(s, notInName), !strings.ContainsFunc(s, unicode.IsLetter):
		return "", ErrNameChars
	}
	return s, nil
}

func notInName(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" '’ʼ´`-‐–.,·()\u200c\u200d", r)
}

// spaceAfterStop sets a blank after a full stop that a word of two letters or more
// follows: "St.John" is read as "St. John", initials stay as they are.
func spaceAfterStop(s string) string {
	runes := []rune(s)
	var b strings.Builder
	for i, r := range runes {
		b.WriteRune(r)
		if r == '.' && i+2 < len(runes) && wordRune(runes[i+1]) && wordRune(runes[i+2]) {
			b.WriteRune(' ')
		}
	}
	return b.String()
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }
