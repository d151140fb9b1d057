package wire

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"

	"google.golang.org/grpc/credentials"
)

// Files are the PEM files of one side: its certificate and key, and the CA of both sides.
type Files struct{ Cert, Key, CA string }

// material is what the files hold. They are read at every handshake: handshakes are rare, and
// a renewed certificate or a replaced CA then counts from the next one on. Connections that
// stand keep what they were made with, for at most an hour (MaxConnectionAge).
type material struct {
	files Files
	log   *slog.Logger

	mu   sync.Mutex
	seen [sha256.Size]byte
	cert tls.Certificate
	cas  *x509.CertPool
}

func newMaterial(f Files, log *slog.Logger) (*material, error) {
	m := &material{files: f, log: log}
	_, _, err := m.get()
	return m, err
}

// get gives certificate and CAs. Files that are half written do not count: the last good ones
// stay in use, and each such state is logged once.
func (m *material) get() (tls.Certificate, *x509.CertPool, error) {
	cert, err1 := os.ReadFile(m.files.Cert)
	key, err2 := os.ReadFile(m.files.Key)
	ca, err3 := os.ReadFile(m.files.CA)
	err := errors.Join(err1, err2, err3)
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %d %v\n%s%s%s", len(cert), len(key), len(ca), err, cert, key, ca))
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cas != nil && sum == m.seen {
		return m.cert, m.cas, nil
	}
	var pair tls.Certificate
	cas := x509.NewCertPool()
	if err == nil {
		pair, err = tls.X509KeyPair(cert, key)
	}
	if err == nil && !cas.AppendCertsFromPEM(ca) {
		err = errors.New("no certificate in " + m.files.CA)
	}
	switch {
	case err != nil && m.cas == nil:
		return tls.Certificate{}, nil, fmt.Errorf("wire: %w", err)
	case err != nil:
		m.log.Warn("certificate files cannot be used; the last good ones stay", "error", err)
	default:
		m.cert, m.cas = pair, cas
	}
	m.seen = sum
	return m.cert, m.cas, nil
}

// serverTLS asks every client for a certificate of our CA.
func (m *material) serverTLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		cert, cas, err := m.get()
		return &tls.Config{
			MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"}, Certificates: []tls.Certificate{cert},
			ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: cas,
			SessionTicketsDisabled: true, // a resumed session would skip a CA that was replaced
		}, err
	}}
}

// clientCreds shows our certificate and expects the server's name, with the files of the
// moment at each handshake.
type clientCreds struct {
	credentials.TransportCredentials
	material *material
	server   string
}

func (m *material) clientCreds(server string) credentials.TransportCredentials {
	return clientCreds{credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS13, ServerName: server}), m, server}
}

// ClientHandshake implements credentials.TransportCredentials.
func (c clientCreds) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	cert, cas, err := c.material.get()
	if err != nil {
		return nil, nil, err
	}
	return credentials.NewTLS(&tls.Config{
		MinVersion: tls.VersionTLS13, ServerName: c.server, RootCAs: cas, Certificates: []tls.Certificate{cert},
	}).ClientHandshake(ctx, authority, conn)
}

// Clone implements credentials.TransportCredentials.
func (c clientCreds) Clone() credentials.TransportCredentials {
	c.TransportCredentials = c.TransportCredentials.Clone()
	return c
}
