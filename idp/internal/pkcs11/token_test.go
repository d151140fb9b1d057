//go:build cgo

package pkcs11

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/miekg/pkcs11"

	"eulogin.example/idp/internal/signing"
)

// soft is SoftHSM with a new token, as Debian's softhsm2 installs it.
var soft = Config{Module: "/usr/lib/softhsm/libsofthsm2.so", Token: "idp test", PIN: "5678"}

// TestMain makes the token of all tests: a module is initialised once in a process, with one
// configuration.
func TestMain(m *testing.M) {
	if os.Getenv("REPLICA_OF")+os.Getenv("CHILD_PIN") != "" { // another process with the same token
		os.Exit(m.Run())
	}
	dir, err := os.MkdirTemp("", "softhsm")
	if err == nil {
		err = os.Setenv("SOFTHSM2_CONF", filepath.Join(dir, "conf"))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "conf"), []byte("directories.tokendir = "+dir+"\nlog.level = ERROR\n"), 0o600)
	}
	if err == nil {
		var out []byte
		if out, err = exec.Command("softhsm2-util", "--init-token", "--free", "--label", soft.Token, "--so-pin", "1234", "--pin", soft.PIN).CombinedOutput(); err != nil {
			err = fmt.Errorf("SoftHSM for tests (apt-get install softhsm2, or `make test`): %w: %s", err, out)
		}
	}
	status := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		status = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

func opened(t testing.TB) *Token {
	t.Helper()
	token, err := open(soft)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

var all = []jose.SignatureAlgorithm{jose.ES256, jose.PS256, jose.PS512, jose.EdDSA, jose.RS256}

// A private key is made in the token, says itself that it never leaves it, and what is kept elsewhere
// is its public half.
func TestKeysNeverLeaveTheToken(t *testing.T) {
	token := opened(t)
	for _, alg := range all {
		kid := "kept-" + string(alg)
		kept, err := token.Make(alg, kid)
		if err != nil || !token.Can(alg) {
			t.Fatalf("%s: %v", alg, err)
		}
		if _, err := x509.ParsePKIXPublicKey(kept); err != nil {
			t.Errorf("%s: what is kept is no public key: %v", alg, err)
		}
		if _, err := x509.ParsePKCS8PrivateKey(kept); err == nil {
			t.Errorf("%s: what is kept is a private key", alg)
		}
		err = token.with(func(s pkcs11.SessionHandle) error {
			o, err := token.object(s, pkcs11.CKO_PRIVATE_KEY, alg, kid)
			if err != nil {
				return err
			}
			secret := uint(pkcs11.CKA_PRIVATE_EXPONENT)
			if alg == jose.ES256 || alg == jose.EdDSA {
				secret = pkcs11.CKA_VALUE
			}
			got, err := token.ctx.GetAttributeValue(s, o, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, nil), pkcs11.NewAttribute(pkcs11.CKA_NEVER_EXTRACTABLE, nil), pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, nil)})
			if err != nil {
				return err
			}
			if got[0].Value[0] != 0 || got[1].Value[0] != 1 || got[2].Value[0] != 1 {
				t.Errorf("%s: extractable %v, never extractable %v, sensitive %v", alg, got[0].Value, got[1].Value, got[2].Value)
			}
			if _, err := token.ctx.GetAttributeValue(s, o, []*pkcs11.Attribute{pkcs11.NewAttribute(secret, nil)}); !is(err, pkcs11.CKR_ATTRIBUTE_SENSITIVE) {
				t.Errorf("%s: the secret is told: %v", alg, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// A key opens under its name and for its algorithm, as the pair that the database knows, until it is
// dropped.
func TestOnlyTheKeyThatIsMeantOpens(t *testing.T) {
	token := opened(t)
	kept, err := token.Make(jose.ES256, "mine")
	if err != nil {
		t.Fatal(err)
	}
	other, err := token.Make(jose.ES256, "other")
	if err != nil {
		t.Fatal(err)
	}
	long, err := token.Make(jose.PS256, "long")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		alg  jose.SignatureAlgorithm
		kid  string
		kept []byte
		want bool
	}{
		"itself":                {jose.ES256, "mine", kept, true},
		"another algorithm":     {jose.RS256, "long", long, false},
		"another name":          {jose.ES256, "unknown", kept, false},
		"another public half":   {jose.ES256, "mine", other, false},
		"no public half":        {jose.ES256, "mine", nil, false},
		"an unknown algorithm":  {jose.ES384, "mine", kept, false},
		"a name with something": {jose.ES256, "mine ", kept, false},
	} {
		if _, err := token.Open(tt.alg, tt.kid, tt.kept); (err == nil) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	k, err := token.Open(jose.ES256, "mine", kept)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(nil)
	if _, err := k.Sign(nil, digest[:], crypto.SHA512); err == nil {
		t.Error("it signs by another hash")
	}
	if err := token.Drop("mine"); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Sign(nil, digest[:], crypto.SHA256); err == nil {
		t.Error("a key that was dropped signs")
	}
	if err := token.Drop("mine"); err != nil {
		t.Errorf("dropped again: %v", err)
	}
	if _, err := token.Make(jose.ES384, "x"); err == nil || token.Can(jose.ES384) {
		t.Error("an algorithm that is none of ours")
	}
}

// A token that was away, so that every session is gone, signs again by itself.
func TestATokenThatWasAway(t *testing.T) {
	token := opened(t)
	kept, err := token.Make(jose.ES256, "away")
	if err != nil {
		t.Fatal(err)
	}
	k, err := token.Open(jose.ES256, "away", kept)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("x"))
	many := func() {
		t.Helper()
		var wg sync.WaitGroup
		errs := make(chan error, 100)
		for range 100 {
			wg.Go(func() {
				_, err := k.Sign(nil, digest[:], crypto.SHA256)
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	many()
	if err := token.ctx.CloseAllSessions(token.slot); err != nil {
		t.Fatal(err)
	}
	many()
}

// A wrong setting says which it is.
func TestTokensThatDoNotOpen(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Config)
		word   string
	}{
		"no such module": {func(c *Config) { c.Module = "/nowhere.so" }, "/nowhere.so"},
		"no such token":  {func(c *Config) { c.Token = "another" }, `"another"`},
	} {
		c := soft
		tt.change(&c)
		if _, err := Open(c); err == nil || !strings.Contains(err.Error(), tt.word) || strings.Contains(err.Error(), soft.PIN) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The PIN counts: it is tried in a process of its own, because a login is the whole process's.
func TestAWrongPIN(t *testing.T) {
	if os.Getenv("CHILD_PIN") != "" {
		c := soft
		c.PIN = os.Getenv("CHILD_PIN")
		if _, err := Open(c); err != nil {
			t.Fatal(err)
		}
		return
	}
	for pin, want := range map[string]bool{soft.PIN: true, "0000": false} {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestAWrongPIN$")
		cmd.Env = append(os.Environ(), "CHILD_PIN="+pin)
		out, err := cmd.CombinedOutput()
		var failed *exec.ExitError
		if (err == nil) != want || (!want && (!errors.As(err, &failed) || !strings.Contains(string(out), "login") || strings.Contains(string(out), pin))) {
			t.Errorf("%s: %v\n%s", pin, err, out)
		}
	}
}

var _ signing.Keeper = (*Token)(nil)
