package app

import (
	"os"
	"path/filepath"
	"testing"

	"eulogin.example/idp/internal/webauthntest"
)

func TestAttestationRoots(t *testing.T) {
	if pool, err := attestationRoots(""); pool != nil || err != nil {
		t.Errorf("without a folder: %v, %v", pool, err)
	}
	dir := t.TempDir()
	if _, err := attestationRoots(dir); err == nil {
		t.Error("an empty folder is taken for none")
	}
	maker := webauthntest.NewMaker(t, "Trusted Keys")
	write := func(name string, raw []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("maker.pem", maker.PEM())
	pool, err := attestationRoots(dir)
	if err != nil || !pool.Equal(webauthntest.Pool(maker)) {
		t.Errorf("%v, %v", pool, err)
	}
	write("broken.pem", []byte("no certificate"))
	if _, err := attestationRoots(dir); err == nil {
		t.Error("a file without a certificate is passed over")
	}
}
