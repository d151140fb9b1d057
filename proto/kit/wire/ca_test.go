package wire_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"eulogin.example/proto/kit/wire"
)

// authority is a CA that signs what the test says, right or wrong.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test CA"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a := &authority{t: t, dir: t.TempDir(), cert: c, key: key}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	must(t, err)
	a.put("ca.pem", "CERTIFICATE", der)
	return a
}

// sign makes files with a certificate of these DNS names, valid until then.
func (a *authority) sign(file string, until time.Time, names ...string) wire.Files {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(a.t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "cpms"}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, DNSNames: names,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, key.Public(), a.key)
	must(a.t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	must(a.t, err)
	a.put(file+".pem", "CERTIFICATE", der)
	a.put(file+"-key.pem", "PRIVATE KEY", raw)
	return wire.DevFiles(a.dir, file)
}

func (a *authority) put(name, kind string, der []byte) {
	a.t.Helper()
	must(a.t, os.WriteFile(filepath.Join(a.dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

// install copies one side's files over those of another place, as a renewal does.
func install(t *testing.T, from, to wire.Files) {
	t.Helper()
	for src, dst := range map[string]string{from.Cert: to.Cert, from.Key: to.Key, from.CA: to.CA} {
		raw, err := os.ReadFile(src)
		must(t, err)
		must(t, os.WriteFile(dst, raw, 0o600))
	}
}
