//go:build interop

package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// mod_auth_openidc under Apache, of Debian: a page for everybody who signed in, a page for those with
// a second factor, a refresh, and the sign-out.
func TestInteropModAuthOpenIDC(t *testing.T) {
	p := newParty(t, "mod-auth-openidc", "/redirect")
	dir := openFolder(t)
	s, ca := startInterop(t, "apache", func(sys *system) {
		p.register(sys, map[string]any{"jwks": jose.JSONWebKeySet{}, "token_endpoint_auth_method": "none", "post_logout_redirect_uris": []string{p.base + "/bye/"}})
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
	p.env = []string{"DIR=" + dir, "DOCS=" + docs, "CA=" + filepath.Join(dir, "ca.pem")}
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
