package seal_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	"eulogin.example/idp/internal/seal"
)

func box(t *testing.T, fill byte) *seal.Box {
	t.Helper()
	b, err := seal.New(bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatIsSealedOpensOnlyUnderItsNameAndKey(t *testing.T) {
	b, secret := box(t, 1), []byte("a secret that must not be read")
	one, err := b.Seal(rand.Reader, secret, "totp 1")
	if err != nil {
		t.Fatal(err)
	}
	two, _ := b.Seal(rand.Reader, secret, "totp 1")
	if bytes.Contains(one, secret) || bytes.Equal(one, two) {
		t.Error("the secret is readable, or two seals are alike")
	}
	if got, err := b.Open(one, "totp 1"); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("%q %v", got, err)
	}
	changed := bytes.Clone(one)
	changed[len(changed)-1] ^= 1
	for name, open := range map[string]func() ([]byte, error){
		"another name": func() ([]byte, error) { return b.Open(one, "totp 2") },
		"another key":  func() ([]byte, error) { return box(t, 2).Open(one, "totp 1") },
		"changed":      func() ([]byte, error) { return b.Open(changed, "totp 1") },
		"too short":    func() ([]byte, error) { return b.Open(one[:5], "totp 1") },
		"nothing":      func() ([]byte, error) { return b.Open(nil, "totp 1") },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s: opened as %q", name, got)
		}
	}
	for _, n := range []int{0, 16, 31, 33} {
		if _, err := seal.New(make([]byte, n)); err == nil {
			t.Errorf("a key of %d bytes was accepted", n)
		}
	}
}
