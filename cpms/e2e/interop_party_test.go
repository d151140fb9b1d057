//go:build interop

package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// party is a relying party that somebody else wrote, running as a process.
type party struct {
	t         *testing.T
	id        string
	listen    string
	base      string
	jwk       string // file of its private key
	redirects []string
	env       []string // more of its environment
	log       *lockedBuffer
}

// newParty makes a key for a relying party on a free port. redirect is below its address.
func newParty(t *testing.T, id, redirect string) *party {
	t.Helper()
	port := freePorts(t, 1)[0]
	p := &party{t: t, id: id, listen: addr(port), base: local("http", port), jwk: filepath.Join(t.TempDir(), "key.jwk"), log: &lockedBuffer{}}
	p.redirects = []string{p.base + redirect}
	return p
}

// register writes the metadata for idp, which has to start again to know them; changes lie over the
// usual ones.
func (p *party) register(sys *system, changes map[string]any) {
	p.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	private := jose.JSONWebKey{Key: key, KeyID: "k1", Algorithm: "ES256", Use: "sig"}
	p.write(p.jwk, private)
	meta := map[string]any{
		"client_id": p.id, "client_name": "Interoperation with " + p.id, "redirect_uris": p.redirects, "post_logout_redirect_uris": []string{p.base + "/bye"},
		"grant_types": []string{"authorization_code", "refresh_token"}, "response_types": []string{"code"}, "scope": "openid email offline_access",
		"token_endpoint_auth_method": "private_key_jwt", "jwks": jose.JSONWebKeySet{Keys: []jose.JSONWebKey{private.Public()}},
	}
	maps.Copy(meta, changes)
	p.write(filepath.Join(sys.dir, "clients", p.id+".json"), meta)
}

func (p *party) write(file string, v any) {
	p.t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, raw, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// start runs the relying party until the test ends, and waits until it answers.
func (p *party) start(sys *system, ca, command string, args ...string) {
	p.t.Helper()
	cmd := exec.Command(command, args...)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + p.t.TempDir(), "ISSUER=" + sys.idp.url, "CLIENT_ID=" + p.id, "CLIENT_KEY=" + p.jwk, "BASE=" + p.base, "LISTEN=" + p.listen,
		"SSL_CERT_FILE=" + ca, "NODE_EXTRA_CA_CERTS=" + ca, "REQUESTS_CA_BUNDLE=" + ca,
	}
	cmd.Env = append(cmd.Env, p.env...)
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		if p.t.Failed() {
			p.t.Logf("%s said:\n%s", p.id, tail(p.log.String()))
		}
	})
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if resp, err := http.Get("http://" + p.listen + "/bye"); err == nil {
			_ = resp.Body.Close()
			return
		}
	}
	p.t.Fatalf("%s does not answer:\n%s", p.id, tail(p.log.String()))
}
