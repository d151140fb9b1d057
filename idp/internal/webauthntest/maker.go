package webauthntest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
	"time"
)

// model is the AAGUID of what the maker makes.
var model = [16]byte{'t', 'e', 's', 't', ' ', 'm', 'o', 'd', 'e', 'l'}

// Maker is a manufacturer of authenticators: it signs in the format "packed" with a
// certificate of its own (WebAuthn §8.2).
type Maker struct {
	Root    *x509.Certificate
	rootKey *ecdsa.PrivateKey
	cert    []byte
	key     *ecdsa.PrivateKey
}

// NewMaker makes a manufacturer whose certificates are valid for a century.
func NewMaker(t testing.TB, name string) *Maker {
	t.Helper()
	m := &Maker{rootKey: newKey(t), key: newKey(t)}
	root := template(1, pkix.Name{CommonName: name + " root"})
	root.IsCA, root.KeyUsage = true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, root, root, &m.rootKey.PublicKey, m.rootKey)
	check(t, err)
	m.Root, err = x509.ParseCertificate(der)
	check(t, err)
	leaf := template(2, pkix.Name{
		Country: []string{"BE"}, Organization: []string{name}, OrganizationalUnit: []string{"Authenticator Attestation"}, CommonName: name + " batch",
	})
	m.cert, err = x509.CreateCertificate(rand.Reader, leaf, m.Root, &m.key.PublicKey, m.rootKey)
	check(t, err)
	return m
}

// Pool is the folder of an operator who trusts these makers.
func Pool(makers ...*Maker) *x509.CertPool {
	p := x509.NewCertPool()
	for _, m := range makers {
		p.AddCert(m.Root)
	}
	return p
}

// PEM gives the maker's root as an operator keeps it.
func (m *Maker) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: m.Root.Raw})
}

func (m *Maker) attest(t testing.TB, data, client []byte) map[string]any {
	t.Helper()
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, m.key, digest[:])
	check(t, err)
	return map[string]any{"alg": -7, "sig": signature, "x5c": []any{m.cert}}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	return key
}

func template(serial int64, subject pkix.Name) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: subject, NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		BasicConstraintsValid: true,
	}
}
