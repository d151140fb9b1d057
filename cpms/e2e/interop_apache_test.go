//go:build interop

package e2e

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// mod_auth_openidc under Apache, of Debian: a page for everybody who signed in, a page for those with
// a second factor, a refresh, and the sign-out.
func TestInteropModAuthOpenIDC(t *testing.T) {
	p := newParty(t, "mod-auth-openidc", "/redirect")
	dir := openFolder(t)
	public := rsaKey(t, dir)
	s, ca := startInterop(t, "apache", func(sys *system) {
		p.register(sys, map[string]any{"token_endpoint_auth_signing_alg": "RS256", "jwks": jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}}, "post_logout_redirect_uris": []string{p.base + "/bye/"}})
	})
	docs := filepath.Join(dir, "docs")
	if err := os.CopyFS(docs, os.DirFS(filepath.Join(folder(t), "apache", "docs"))); err != nil {
		t.Fatal(err)
	}
	roots, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), roots, 0o644); err != nil {
		t.Fatal(err)
	}
	p.env = []string{"DIR=" + dir, "DOCS=" + docs, "CA=" + filepath.Join(dir, "ca.pem"), "CLIENT_KEY_PEM=" + filepath.Join(dir, "key.pem"), "CLIENT_CERT_PEM=" + filepath.Join(dir, "cert.pem")}
	p.start(s.sys, ca, "/usr/sbin/apache2", "-DFOREGROUND", "-f", filepath.Join(folder(t), "apache", "httpd.conf"))
	v := s.v
	v.open(p.base + "/basic/")
	s.signIn("password")
	v.sees("user=" + s.who.email)
	v.sees("acr=" + basicACR)
	v.open(p.base + "/strong/")
	s.secondFactor()
	v.sees("acr=" + mediumACR)
	access := between(v.text("p"), "access=")
	v.open(p.base + "/redirect?" + url.Values{"refresh": {p.base + "/strong/"}, "access_token": {access}}.Encode())
	v.sees("acr=" + mediumACR)
	if between(v.text("p"), "access=") == access {
		t.Errorf("nothing was renewed: %s", v.url())
	}
	v.open(p.base + "/redirect?logout=" + url.QueryEscape(p.base+"/bye/"))
	v.sees("goodbye")
	v.open(p.base + "/basic/")
	v.sees("E-mail address")
}

// openFolder is one that Apache's workers may read, who are not root.
func openFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "interop")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// between is the word that follows.
func between(text, from string) string {
	_, rest, _ := strings.Cut(text, from)
	return strings.Fields(rest + " .")[0]
}

// rsaKey makes the key of a client that signs with RS256 only, as PEM, and gives its public half.
func rsaKey(t *testing.T, dir string) jose.JSONWebKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "client"}, NotAfter: time.Now().Add(24 * time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*pem.Block{"key.pem": {Type: "PRIVATE KEY", Bytes: private}, "cert.pem": {Type: "CERTIFICATE", Bytes: cert}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return jose.JSONWebKey{Key: key.Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}
}
