package account

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestNamesInAnyAlphabet(t *testing.T) {
	for in, want := range map[string]string{
		"Anna":            "Anna",
		"  Ana  María ":   "Ana María",
		"Jose\u0301":      "José",
		"O'Neill":         "O'Neill",
		"d’Ormesson":      "d’Ormesson",
		"Jean-Luc":        "Jean-Luc",
		"Παπαδόπουλος":    "Παπαδόπουλος",
		"Иванова":         "Иванова",
		"王":               "王",
		"สมชาย":           "สมชาย",
		"علی\u200cرضا":    "علی\u200cرضا",
		"J.R.R.":          "J.R.R.",
		"St.John":         "St. John",
		"evil.com":        "evil. com",
		"Ferrer (i) Pol":  "Ferrer (i) Pol",
		"Sagrada Fam·lia": "Sagrada Fam·lia",
	} {
		got, err := Name(in)
		if err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", in, got, err, want)
		}
	}
}

func TestTextsThatAreNoNames(t *testing.T) {
	for in, want := range map[string]error{
		"":                        ErrNameEmpty,
		" \u00a0 ":                ErrNameEmpty,
		strings.Repeat("a", 101):  ErrNameLong,
		strings.Repeat("é", 5000): ErrNameLong,
		"Anna\r\nBcc: x@y.eu":     ErrNameChars,
		"https://evil.example":    ErrNameChars,
		"<b>Anna</b>":             ErrNameChars,
		"anna@example.org":        ErrNameChars,
		"Win 1000 euro":           ErrNameChars,
		"Anna\u202e":              ErrNameChars,
		"\xff\xfe":                ErrNameChars,
		"---":                     ErrNameChars,
	} {
		if got, err := Name(in); !errors.Is(err, want) {
			t.Errorf("%q: got %q %v, want %v", in, got, err, want)
		}
	}
	if _, err := Name(strings.Repeat("é", 100)); err != nil {
		t.Errorf("a hundred characters are allowed: %v", err)
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"Anna", "O'Neill", "a.bc", "Jose\u0301", "a\u200db", "http://x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, err := Name(in)
		if err != nil {
			return
		}
		if again, err := Name(got); err != nil && !errors.Is(err, ErrNameLong) || err == nil && again != got {
			t.Fatalf("%q: %q is not stable: %q %v", in, got, again, err)
		}
		if strings.ContainsAny(got, "<>@:/\\\r\n\"0123456789") || !norm.NFC.IsNormalString(got) || utf8.RuneCountInString(got) > MaxName {
			t.Fatalf("%q passed as %q", in, got)
		}
	})
}
