package ident

import (
	"crypto/rand"
	"strings"
	"testing"
)

func TestIDsHaveTheirShape(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := string(NewAccountID(rand.Reader))
		if len(id) != 11 || !strings.HasPrefix(id, "n00") || strings.ContainsAny(id, ":ilou") || seen[id] {
			t.Fatalf("account id %q", id)
		}
		seen[id] = true
	}
	if tok := NewToken(rand.Reader); len(tok) != 43 || tok == NewToken(rand.Reader) {
		t.Fatalf("token %q", tok)
	}
}

func TestTypedCodesForgiveWhatPeopleDo(t *testing.T) {
	for typed, want := range map[string]string{
		"ab3-kx9-2mp": "AB3KX92MP", " AB3 KX9 2MP ": "AB3KX92MP", "o1l-I0O": "011100", "": "",
	} {
		if got := CanonicalCode(typed); got != want {
			t.Errorf("%q: got %q want %q", typed, got, want)
		}
	}
	if Grouped("AB3KX92MP", 3) != "AB3-KX9-2MP" {
		t.Error(Grouped("AB3KX92MP", 3))
	}
}

func TestEmail(t *testing.T) {
	good := map[string]string{
		"anna@example.org":       "anna@example.org",
		" Anna@Example.ORG ":     "anna@example.org",
		"émile@exemple.fr":       "émile@exemple.fr",
		"e\u0301mile@exemple.fr": "émile@exemple.fr",
		"jörg@köln.example":      "jörg@xn--kln-sna.example",
		"o'neil+cpms@tcd.ie":     "o'neil+cpms@tcd.ie",
	}
	for in, want := range good {
		if got, err := EmailKey(in); err != nil || got != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "anna", "@example.org", "anna@", "anna@localhost", "a@b@example.org", "Anna <anna@example.org>",
		"anna@example.org, bob@example.org", "anna@example.org\r\nBcc: x@y.z", "anna@exa mple.org",
		`"a@b"@example.org`, "anna@example.org.", strings.Repeat("a", 250) + "@b.eu", "anna\u200b@example.org",
	} {
		if got, err := EmailKey(in); err == nil {
			t.Errorf("%q was accepted as %q", in, got)
		}
	}
}

func FuzzEmailKey(f *testing.F) {
	f.Add("anna@example.org")
	f.Add("jörg@köln.example")
	f.Add("a@b\r\n.c")
	f.Fuzz(func(t *testing.T, in string) {
		key, err := EmailKey(in)
		if err != nil {
			return
		}
		if again, err := EmailKey(key); err != nil || again != key {
			t.Fatalf("%q: key %q is not stable: %q %v", in, key, again, err)
		}
		if strings.ContainsAny(key, "\r\n \"<>,") || strings.Count(key, "@") != 1 {
			t.Fatalf("unsafe key %q", key)
		}
	})
}
