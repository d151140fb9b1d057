package plain_test

import (
	"slices"
	"strings"
	"testing"

	"eulogin.example/cpms/internal/plain"
)

func TestWordsAreFoundHoweverTheyAreWritten(t *testing.T) {
	for text, want := range map[string]string{
		"Anna Kovářová": "anna kovarova", "KOVAROVA, anna": "anna kovarova", "Groß-Gerau": "gerau gross", "O’Brien": "obrien", "Ångström Øre": "angstrom ore",
		"Παπαδόπουλος": "παπαδοπουλος", "a a A": "a", " -– ": "", "": "",
	} {
		if got := strings.Join(plain.Words(text), " "); got != want {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
	if n := len(plain.Words("a b c d e f g h i j k")); n != plain.WordsMax {
		t.Errorf("%d words", n)
	}
}

func FuzzWords(f *testing.F) {
	f.Add("Anna Kovářová")
	f.Fuzz(func(t *testing.T, s string) {
		words := plain.Words(s)
		if len(words) > plain.WordsMax || slices.Contains(words, "") {
			t.Errorf("%q: %q", s, words)
		}
	})
}
