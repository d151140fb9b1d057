package wire

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Files are the PEM files of one side: its certificate and key, and the CA of both sides.
type Files struct{ Cert, Key, CA string }

// reloadEvery is how often the files are looked at: a renewed certificate is used without a
// restart.
const reloadEvery = time.Minute

// identity is a certificate that follows its files.
type identity struct {
	files Files
	mu    sync.Mutex
	cert  *tls.Certificate
	read  time.Time
	now   func() time.Time
}

func (i *identity) get() (*tls.Certificate, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.cert != nil && i.now().Sub(i.read) < reloadEvery {
		return i.cert, nil
	}
	c, err := tls.LoadX509KeyPair(i.files.Cert, i.files.Key)
	if err != nil {
		if i.cert != nil {
			return i.cert, nil // half-written files: the old one is still good
		}
		return nil, fmt.Errorf("wire: %w", err)
	}
	i.cert, i.read = &c, i.now()
	return i.cert, nil
}

func pool(file string) (*x509.CertPool, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("wire: %w", err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(raw) {
		return nil, errors.New("wire: no certificate in " + file)
	}
	return p, nil
}

func serverTLS(f Files) (*tls.Config, error) {
	cas, err := pool(f.CA)
	if err != nil {
		return nil, err
	}
	id := &identity{files: f, now: time.Now}
	if _, err := id.get(); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: cas,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return id.get() },
	}, nil
}

func clientTLS(f Files, serverName string) (*tls.Config, error) {
	cas, err := pool(f.CA)
	if err != nil {
		return nil, err
	}
	id := &identity{files: f, now: time.Now}
	if _, err := id.get(); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, RootCAs: cas, ServerName: serverName,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return id.get() },
	}, nil
}
