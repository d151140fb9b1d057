package plain_test

import (
	"net/mail"
	"strings"
	"testing"
	"unicode/utf8"

	"eulogin.example/cpms/internal/plain"
)

func TestLineAndText(t *testing.T) {
	for s, want := range map[string]struct{ line, text bool }{
		"":                       {true, true},
		"Dr Anna Kovářová":       {true, true},
		"Ελένη Παπαδοπούλου":     {true, true},
		"שרה לוי":                {true, true},
		"two\nlines":             {false, true},
		"two\r\nlines\twith tab": {false, true},
		"nul \x00":               {false, false},
		"bell \a":                {false, false},
		"broken \xff":            {false, false},
		"mirrored \u202etxt":     {false, false},
		"isolated \u2066txt":     {false, false},
		"separator \u2028":       {false, false},
		strings.Repeat("é", 20):  {true, true},
		strings.Repeat("é", 31):  {false, false},
		strings.Repeat("x", 30):  {true, true},
		"next line \u0085 of C1": {false, false},
	} {
		if got := plain.Line(s, 30); got != want.line {
			t.Errorf("Line(%q) = %v", s, got)
		}
		if got := plain.Text(s, 30); got != want.text {
			t.Errorf("Text(%q) = %v", s, got)
		}
	}
}

func TestEmail(t *testing.T) {
	for _, s := range []string{"anna@hospital.example", "a.b+c@x.eu", "anna@münchen.example"} {
		if !plain.Email(s) {
			t.Errorf("%q was refused", s)
		}
	}
	for _, s := range []string{
		"", "anna", "anna@", "@x.eu", "anna@hospital", "anna@x.eu, eve@x.eu", "Anna <anna@x.eu>", "anna@x.eu\r\nBcc: eve@x.eu", "a b@x.eu", "anna@[10.0.0.1]",
		"anna@x.eu.", strings.Repeat("a", 250) + "@x.eu", "\"a b\"@x.eu",
	} {
		if plain.Email(s) {
			t.Errorf("%q was accepted", s)
		}
	}
}

// Whatever is accepted can be stored and sent.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{"anna@x.eu", "a\x00b", "\u202e", "x\ny", "\"q\"@x.eu", "a@b@c.eu", "é@é.é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if plain.Line(s, 50) && (!utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r\n") || utf8.RuneCountInString(s) > 50) {
			t.Fatalf("line %q", s)
		}
		if plain.Line(s, 50) && !plain.Text(s, 50) {
			t.Fatalf("a line that is no text: %q", s)
		}
		if plain.Email(s) {
			list, err := mail.ParseAddressList(s)
			if err != nil || len(list) != 1 || list[0].Address != s || strings.ContainsAny(s, "\r\n\x00 <>,") {
				t.Fatalf("address %q: %v", s, err)
			}
		}
	})
}
