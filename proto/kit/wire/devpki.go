package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// devLeft is how long a development certificate must still be valid; else all are made anew.
const devLeft = 7 * 24 * time.Hour

// DevFiles gives the files of one service in a folder made by EnsureDevPKI.
func DevFiles(dir, name string) Files {
	return Files{Cert: filepath.Join(dir, name+".pem"), Key: filepath.Join(dir, name+"-key.pem"), CA: filepath.Join(dir, "ca.pem")}
}

// EnsureDevPKI makes a folder with a CA and a certificate for each name (ECDSA P-256, one
// year, that one DNS name), for the development profile. A folder that serves already is left
// alone; one where a name is missing or a certificate ends soon is replaced as a whole, because
// the CA's key is not kept.
//
// Several processes may start at once: a file lock lets one work, and the kernel frees it when
// its holder dies, so that no lock is ever stale. The folder is built aside and renamed.
func EnsureDevPKI(dir string, now time.Time, names ...string) error {
	if err := ensureDevPKI(filepath.Clean(dir), now, names); err != nil {
		return fmt.Errorf("wire: development certificates: %w", err)
	}
	return nil
}

func ensureDevPKI(dir string, now time.Time, names []string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	lock, err := os.OpenFile(dir+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // closing unlocks
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	have, _ := filepath.Glob(filepath.Join(dir, "*-key.pem")) // the pattern is sound
	for _, h := range have {
		names = append(slices.Clone(names), strings.TrimSuffix(filepath.Base(h), "-key.pem"))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if usable(dir, now, names) {
		return nil
	}
	aside, old := dir+".new", dir+".old" // what a killed process left behind is swept away
	if err := errors.Join(os.RemoveAll(aside), os.RemoveAll(old), os.Mkdir(aside, 0o700)); err != nil {
		return err
	}
	if err := makePKI(aside, now, names); err != nil {
		return err
	}
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return errors.Join(os.Rename(aside, dir), os.RemoveAll(old))
}

// usable reports whether every name has a certificate of the folder's CA that lasts.
func usable(dir string, now time.Time, names []string) bool {
	ca, err := os.ReadFile(DevFiles(dir, "").CA)
	cas := x509.NewCertPool()
	if err != nil || !cas.AppendCertsFromPEM(ca) {
		return false
	}
	for _, name := range names {
		f := DevFiles(dir, name)
		pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		if err != nil {
			return false
		}
		if _, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: cas, DNSName: name, CurrentTime: now.Add(devLeft)}); err != nil {
			return false
		}
	}
	return true
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
	err = write(dir, "ca.pem", "CERTIFICATE", caDER)
	for _, name := range names {
		err = errors.Join(err, makeLeaf(dir, now, name, ca, caKey))
	}
	return err
}

func makeLeaf(dir string, now time.Time, name string, ca *x509.Certificate, caKey *ecdsa.PrivateKey) error {
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
	return errors.Join(write(dir, name+".pem", "CERTIFICATE", der), write(dir, name+"-key.pem", "PRIVATE KEY", raw))
}

func template(name string, now time.Time) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)) // never fails
	return &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0)}
}

func write(dir, name, kind string, der []byte) error {
	return os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
