package factor_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"eulogin.example/idp/internal/factor"
)

func TestCleanName(t *testing.T) {
	for typed, want := range map[string]string{
		" Anna’s phone ": "Anna’s phone", "e\u0301cole": "école", strings.Repeat("ß", 50): strings.Repeat("ß", 50),
		"電話": "電話", "\u202eenohp": "", "": "", "  ": "", strings.Repeat("a", 51): "", "a\x00b": "", "a\nb": "", "a\u202eb": "", "a\u200bb": "", "\xff": "",
	} {
		if got := factor.CleanName(typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add("Anna’s phone")
	f.Add("a\u202e\xffb")
	f.Fuzz(func(t *testing.T, typed string) {
		name := factor.CleanName(typed)
		if utf8.RuneCountInString(name) > factor.MaxName || !utf8.ValidString(name) || strings.ContainsFunc(name, factor.Unseen) {
			t.Fatalf("%q gave %q", typed, name)
		}
		if again := factor.CleanName(name); again != name {
			t.Fatalf("%q is not stable: %q", name, again)
		}
	})
}
