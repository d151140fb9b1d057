package plain

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// WordsMax is how many words of a text are searched by.
const WordsMax = 8

// letters that do not fall apart into a base letter and an accent.
var ligatures = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "ł", "l", "þ", "th", "ı", "i")

// Words gives what a text is found by: its words in lower case, without accents, each once,
// at most WordsMax. "Kovářová-Groß" gives "kovarova" and "gross".
func Words(s string) []string {
	var b strings.Builder
	for _, r := range norm.NFD.String(ligatures.Replace(strings.ToLower(s))) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’': // O'Brien is one word
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	slices.Sort(words)
	words = slices.Compact(words)
	return words[:min(len(words), WordsMax)]
}
