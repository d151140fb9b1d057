package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"eulogin.example/idp/internal/provider"
)

// authority signs certificates, right or wrong.
type authority struct {
	w    *world
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	rest [][]byte // between it and the root
}

func (w *world) authority(name string) *authority {
	w.t.Helper()
	a := &authority{w: w}
	a.cert, a.key, _ = w.issue(nil, func(c *x509.Certificate) {
		c.Subject, c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.ExtKeyUsage = pkix.Name{CommonName: name}, true, true, x509.KeyUsageCertSign, nil
	})
	return a
}

// below gives an authority that another one speaks for.
func (a *authority) below() *authority {
	b := &authority{w: a.w}
	var all tls.Certificate
	b.cert, b.key, all = a.w.issue(a, func(c *x509.Certificate) {
		c.Subject, c.IsCA, c.BasicConstraintsValid, c.KeyUsage, c.ExtKeyUsage = pkix.Name{CommonName: "below"}, true, true, x509.KeyUsageCertSign, nil
	})
	b.rest = all.Certificate[:1]
	return b
}

// client gives a certificate of this authority; change lays over the usual one.
func (a *authority) client(change func(*x509.Certificate)) tls.Certificate {
	_, _, cert := a.w.issue(a, change)
	return cert
}

// issue makes a certificate for a new key, self-signed without an authority.
func (w *world) issue(by *authority, change func(*x509.Certificate)) (*x509.Certificate, *ecdsa.PrivateKey, tls.Certificate) {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "rp", Organization: []string{"Example, Inc."}, Country: []string{"EU"}},
		NotBefore: w.now().Add(-time.Hour), NotAfter: w.now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if change != nil {
		change(c)
	}
	parent, signer := c, key
	var rest [][]byte
	if by != nil {
		parent, signer, rest = by.cert, by.key, by.rest
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	w.must(err)
	parsed, err := x509.ParseCertificate(der)
	w.must(err)
	return parsed, key, tls.Certificate{Certificate: append([][]byte{der}, rest...), PrivateKey: key}
}

// asking serves the provider a second time, at a TLS listener that asks for certificates; CAs speak for
// clients.
func (w *world) asking(cas ...*authority) *httptest.Server {
	w.t.Helper()
	pool := x509.NewCertPool()
	for _, ca := range cas {
		pool.AddCert(ca.cert)
	}
	if len(cas) == 0 {
		pool = nil
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.handler.ServeHTTP(rw, r) }))
	srv.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS13}
	srv.StartTLS()
	w.t.Cleanup(srv.Close)
	w.mtls = &provider.MTLS{Base: srv.URL, CAs: func() *x509.CertPool { return pool }}
	w.serve()
	return srv
}

// over posts a form, or asks where form is nil, over a connection with a certificate, or without one.
func (w *world) over(srv *httptest.Server, certs []tls.Certificate, path string, form url.Values, header http.Header) (int, map[string]any) {
	w.t.Helper()
	method := http.MethodPost
	if form == nil {
		method = http.MethodGet
	}
	r, err := http.NewRequest(method, srv.URL+path, strings.NewReader(form.Encode()))
	w.must(err)
	if header != nil {
		r.Header = header
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	transport := srv.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		if len(certs) == 0 {
			return &tls.Certificate{}, nil
		}
		return &certs[0], nil // whatever the server would like
	}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Do(r)
	w.must(err)
	defer func() { _ = res.Body.Close() }()
	var out map[string]any
	w.must(json.NewDecoder(res.Body).Decode(&out))
	return res.StatusCode, out
}

func with(cert ...tls.Certificate) []tls.Certificate { return cert }

func x5t(cert tls.Certificate) string {
	sum := sha256.Sum256(cert.Certificate[0])
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
