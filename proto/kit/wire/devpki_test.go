package wire_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"eulogin.example/proto/kit/wire"
)

func TestDevPKIIsMadeOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "pki")
	var wg sync.WaitGroup
	seen := make([][]byte, 20)
	for i := range seen {
		wg.Go(func() {
			if err := wire.EnsureDevPKI(dir, time.Now(), "idp", "cpms"); err != nil {
				t.Error(err)
			}
			seen[i] = all(t, dir)
		})
	}
	wg.Wait()
	for _, s := range seen {
		if !bytes.Equal(s, seen[0]) || len(s) == 0 {
			t.Fatal("two of the callers saw different certificates")
		}
	}
	pair, err := tls.LoadX509KeyPair(wire.DevFiles(dir, "idp").Cert, wire.DevFiles(dir, "idp").Key)
	must(t, err)
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() || !slices.Equal(pair.Leaf.DNSNames, []string{"idp"}) || pair.Leaf.NotAfter.Sub(pair.Leaf.NotBefore) > 367*24*time.Hour {
		t.Fatalf("%T %v until %v", pair.PrivateKey, pair.Leaf.DNSNames, pair.Leaf.NotAfter)
	}
	info, err := os.Stat(wire.DevFiles(dir, "idp").Key)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Fatalf("the key's mode is %v", info.Mode())
	}
}

const helperDir = "WIRE_TEST_PKI_DIR"

// TestMain lets the test binary be another process that makes the same folder.
func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		if err := wire.EnsureDevPKI(dir, time.Now(), "idp", "cpms"); err != nil {
			panic(err)
		}
		ca, err := os.ReadFile(wire.DevFiles(dir, "").CA)
		if err != nil {
			panic(err)
		}
		_, _ = os.Stdout.Write(ca)
		return
	}
	os.Exit(m.Run())
}

func TestDevPKIAmongProcesses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	// What a process that was killed in the middle leaves behind.
	must(t, os.WriteFile(dir+".lock", nil, 0o600))
	must(t, os.Mkdir(dir+".new", 0o700))
	must(t, os.WriteFile(filepath.Join(dir+".new", "idp.pem"), []byte("half"), 0o600))
	must(t, os.Mkdir(dir, 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "ca.pem"), []byte("half"), 0o600))
	var wg sync.WaitGroup
	out := make([][]byte, 4)
	for i := range out {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), helperDir+"="+dir)
			var err error
			if out[i], err = cmd.Output(); err != nil {
				t.Errorf("process %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	for _, ca := range out {
		if len(ca) == 0 || !bytes.Equal(ca, out[0]) {
			t.Fatalf("the processes have different CAs:\n%s\n%s", out[0], ca)
		}
	}
	left, err := filepath.Glob(dir + ".*")
	must(t, err)
	if !slices.Equal(left, []string{dir + ".lock"}) {
		t.Fatalf("left behind: %v", left)
	}
}

func TestDevPKIIsRenewed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	now := time.Now()
	ensure := func(at time.Time, names ...string) []byte {
		must(t, wire.EnsureDevPKI(dir, at, names...))
		return all(t, dir)
	}
	first := ensure(now, "idp")
	if !bytes.Equal(first, ensure(now.AddDate(0, 11, 0), "idp")) {
		t.Fatal("good certificates were replaced")
	}
	second := ensure(now, "cpms")
	for _, name := range []string{"idp", "cpms"} { // the name of before is kept
		if _, err := tls.LoadX509KeyPair(wire.DevFiles(dir, name).Cert, wire.DevFiles(dir, name).Key); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(second, ensure(now, "idp")) {
		t.Fatal("asking for fewer names replaced the certificates")
	}
	if bytes.Equal(second, ensure(now.AddDate(0, 0, 360), "idp", "cpms")) {
		t.Fatal("certificates that end in five days were kept")
	}
}

func TestDevPKIWhereNothingCanBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if err := wire.EnsureDevPKI(filepath.Join(file, "pki"), time.Now(), "idp"); err == nil {
		t.Fatal("a folder inside a file")
	}
}

// all is the content of every file of a folder.
func all(t *testing.T, dir string) (out []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.pem"))
	if err != nil {
		t.Error(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Error(err)
		}
		out = append(out, raw...)
	}
	return out
}
