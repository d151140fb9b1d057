package ident_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"eulogin.example/cpms/internal/ident"
)

func TestIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := ident.NewID(rand.Reader)
		if !ident.IsID(id) || seen[id] {
			t.Fatalf("%q", id)
		}
		seen[id] = true
	}
	if a, b := ident.NewID(bytes.NewReader(bytes.Repeat([]byte{33}, 26))), strings.Repeat("1", 26); a != b {
		t.Errorf("33 is the second letter again: %q", a)
	}
	for _, s := range []string{"", "1", strings.Repeat("1", 25), strings.Repeat("1", 27), strings.Repeat("A", 26), strings.Repeat("1", 25) + "'", strings.Repeat("é", 13)} {
		if ident.IsID(s) {
			t.Errorf("%q passed", s)
		}
	}
}

func TestTokensAndDigests(t *testing.T) {
	a, b := ident.NewToken(rand.Reader), ident.NewToken(rand.Reader)
	if len(a) != 43 || a == b {
		t.Errorf("%q %q", a, b)
	}
	// SHA-256 of "abc" (FIPS 180-4, example).
	if d := ident.Digest("abc"); d != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Error(d)
	}
	if !ident.Same("x", "x") || ident.Same("x", "y") || ident.Same("x", "xx") {
		t.Error("Same")
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

func TestNoRandomnessNoID(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an id was made without randomness")
		}
	}()
	ident.NewID(broken{})
}

func FuzzIsID(f *testing.F) {
	f.Add("0123456789abcdefghjkmnpqrs")
	f.Fuzz(func(t *testing.T, s string) {
		if ident.IsID(s) && (len(s) != 26 || strings.ContainsAny(s, " '\"\\/%\x00")) {
			t.Fatalf("%q", s)
		}
	})
}
