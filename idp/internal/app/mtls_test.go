package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"eulogin.example/proto/kit/server"
)

// Settings that would serve nobody, or trust anybody, are refused.
func TestSettingsOfCertificates(t *testing.T) {
	good := map[string]string{"IDP_MTLS_ADDR": "127.0.0.1:0", "IDP_MTLS_URL": "https://mtls.idp.example/", "IDP_MTLS_CERT": "c", "IDP_MTLS_KEY": "k", "IDP_MTLS_CA": "a"}
	for name, tt := range map[string]struct {
		change map[string]string
		want   string // part of the fault
	}{
		"good":               {nil, ""},
		"no key":             {map[string]string{"IDP_MTLS_KEY": ""}, "IDP_MTLS_ADDR"},
		"no address of it":   {map[string]string{"IDP_MTLS_URL": ""}, "IDP_MTLS_ADDR"},
		"http":               {map[string]string{"IDP_MTLS_URL": "http://mtls.idp.example"}, "IDP_MTLS_URL"},
		"with a path":        {map[string]string{"IDP_MTLS_URL": "https://mtls.idp.example/x"}, "IDP_MTLS_URL"},
		"no listener":        {map[string]string{"IDP_MTLS_ADDR": ""}, "IDP_MTLS_CERT"},
		"proxy of nobody":    {map[string]string{"IDP_MTLS_PROXY": "true"}, "IDP_MTLS_PROXY"},
		"proxy":              {map[string]string{"IDP_MTLS_PROXY": "true", "IDP_TRUSTED_PROXIES": "10.0.0.0/8"}, ""},
		"proxy alone":        {map[string]string{"IDP_MTLS_PROXY": "true", "IDP_TRUSTED_PROXIES": "10.0.0.0/8", "IDP_MTLS_ADDR": "", "IDP_MTLS_CERT": "", "IDP_MTLS_KEY": "", "IDP_MTLS_URL": ""}, ""},
		"CAs for no purpose": {map[string]string{"IDP_MTLS_ADDR": "", "IDP_MTLS_CERT": "", "IDP_MTLS_KEY": ""}, "IDP_MTLS_CA"},
	} {
		_, err := ReadConfig(func(name string) string {
			if v, ok := tt.change[name]; ok {
				return v
			}
			return good[name]
		}, nil)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The listener takes any certificate and none, speaks TLS 1.3 only, serves the endpoints of clients only,
// and shows a renewed certificate of its own without a restart. Files that are half written count for
// nothing.
func TestTheListenerForCertificates(t *testing.T) {
	dir := t.TempDir()
	settings := MTLS{Addr: free(t), Base: "https://mtls.idp.example", Cert: filepath.Join(dir, "c.pem"), Key: filepath.Join(dir, "k.pem"), CA: filepath.Join(dir, "c.pem")}
	first := written(t, settings, "one.example")
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	a := &app{Config: Config{MTLS: settings}, log: quiet, group: &server.Group{Log: quiet, Patience: time.Second}}
	if err := a.certificates(t.Context()); err != nil || a.certs.cas.Load() == nil {
		t.Fatal(err)
	}
	if got := a.mtls().Admits(); got != settings.admits() || !got.CAs {
		t.Errorf("the provider lets in %+v, registration %+v", got, settings.admits())
	}
	seen := make(chan *http.Request, 10)
	if err := a.listenForCertificates(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r })); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.group.Run(ctx) }()
	defer func() { stop(); <-ended }()
	call := func(path string, c *tls.Config) (int, string, error) {
		c.InsecureSkipVerify = true
		res, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: c}}).Get("https://" + settings.Addr + path)
		if err != nil {
			return 0, "", err
		}
		_ = res.Body.Close()
		return res.StatusCode, res.TLS.PeerCertificates[0].DNSNames[0], nil
	}
	if status, name, err := call("/oauth/token", &tls.Config{Certificates: []tls.Certificate{first}}); status != http.StatusOK || name != "one.example" {
		t.Fatal(status, name, err)
	}
	if r := <-seen; len(r.TLS.PeerCertificates) != 1 {
		t.Error("the certificate was not asked for")
	}
	if status, _, err := call("/oauth/token", &tls.Config{}); status != http.StatusOK || len((<-seen).TLS.PeerCertificates) != 0 {
		t.Error("without a certificate", status, err)
	}
	for _, path := range []string{"/oauth/par", "/oauth/bc-authorize"} {
		if status, _, err := call(path, &tls.Config{Certificates: []tls.Certificate{first}}); status != http.StatusOK {
			t.Error(path, status, err)
		}
	}
	for _, path := range []string{"/authorize", "/login", "/account", "/oauth/keys", "/", "/oauth/token/../../login"} {
		if status, _, err := call(path, &tls.Config{}); status != http.StatusNotFound {
			t.Error(path, status, err)
		}
	}
	if _, _, err := call("/oauth/token", &tls.Config{MaxVersion: tls.VersionTLS12}); err == nil {
		t.Error("TLS 1.2")
	}
	if err := os.WriteFile(settings.Key, []byte("half"), 0o600); err != nil || a.certs.read() == nil {
		t.Error("half a key is taken", err)
	}
	written(t, settings, "two.example")
	if err := a.certs.read(); err != nil {
		t.Fatal(err)
	}
	if _, name, err := call("/oauth/token", &tls.Config{}); name != "two.example" {
		t.Error(name, err)
	}
}

// free gives an address where nobody listens.
func free(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// written makes a certificate of that name and writes it with its key.
func written(t *testing.T, m MTLS, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{m.Cert: {Type: "CERTIFICATE", Bytes: der}, m.Key: {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
