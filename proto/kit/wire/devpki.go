package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// DevFiles gives the files of one service in a folder made by EnsureDevPKI.
func DevFiles(dir, name string) Files {
	return Files{Cert: filepath.Join(dir, name+".pem"), Key: filepath.Join(dir, name+"-key.pem"), CA: filepath.Join(dir, "ca.pem")}
}

// EnsureDevPKI makes, once, a folder with a CA and a certificate for each name, for the
// development profile. Two processes may start at once: the folder is built aside and
// renamed into place, and whoever comes second uses the first one's.
func EnsureDevPKI(dir string, now time.Time, names ...string) error {
	if _, err := os.Stat(filepath.Join(dir, "ca.pem")); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return fmt.Errorf("wire: %w", err)
	}
	aside, err := os.MkdirTemp(filepath.Dir(dir), "pki-")
	if err != nil {
		return fmt.Errorf("wire: %w", err)
	}
	defer func() { _ = os.RemoveAll(aside) }()
	if err := makePKI(aside, now, names); err != nil {
		return fmt.Errorf("wire: %w", err)
	}
	if err := os.Rename(aside, dir); err != nil {
		if _, serr := os.Stat(filepath.Join(dir, "ca.pem")); serr == nil || errors.Is(err, fs.ErrExist) {
			return serr
		}
		return fmt.Errorf("wire: %w", err)
	}
	return nil
}

func makePKI(dir string, now time.Time, names []string) error {
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	ca := template("eulogin development CA", now)
	ca.IsCA, ca.BasicConstraintsValid, ca.KeyUsage = true, true, x509.KeyUsageCertSign
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return err
	}
	if err := write(dir, "ca.pem", "CERTIFICATE", caDER); err != nil {
		return err
	}
	for _, name := range names {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return err
		}
		c := template(name, now)
		c.DNSNames = []string{name}
		c.KeyUsage = x509.KeyUsageDigitalSignature
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
		der, err := x509.CreateCertificate(rand.Reader, c, ca, key.Public(), caKey)
		if err != nil {
			return err
		}
		raw, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return err
		}
		if err := errors.Join(write(dir, name+".pem", "CERTIFICATE", der), write(dir, name+"-key.pem", "PRIVATE KEY", raw)); err != nil {
			return err
		}
	}
	return nil
}

func template(name string, now time.Time) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic(err) // the system's random source never fails
	}
	return &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0)}
}

func write(dir, name, kind string, der []byte) error {
	return os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
