package app

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/provider"
	"eulogin.example/proto/kit/config"
	"eulogin.example/proto/kit/server"
)

// MTLS are the settings of clients that come with certificates (RFC 8705).
type MTLS struct {
	Addr, Base string // of the listener that asks for certificates; "": none
	Cert, Key  string // files of its own certificate
	CA         string // file of the CAs of clients; "": only registered certificates count
	Proxy      bool   // trusted proxies name the certificate
}

// on reports whether certificates of clients count at all.
func (m MTLS) on() bool { return m.Addr != "" || m.Proxy }

// admits are the certificates that the settings let in.
func (m MTLS) admits() client.Admitted {
	return client.Admitted{Certificates: m.on(), CAs: m.CA != ""}
}

func (c *Config) mtls(r *config.Reader) {
	m := &c.MTLS
	m.Addr = r.String("MTLS_ADDR", "", "https for clients that authenticate by a certificate, or whose tokens are bound to one (RFC 8705); empty: no such listener")
	m.Base = strings.TrimSuffix(r.String("MTLS_URL", "", "that listener, or the proxy that asks for certificates, as clients reach it; named in discovery"), "/")
	m.Cert = r.String("MTLS_CERT", "", "certificate of that listener, renewed in place")
	m.Key = r.String("MTLS_KEY", "", "its key")
	m.CA = r.String("MTLS_CA", "", "file of the CAs whose certificates authenticate clients (tls_client_auth); empty: none do")
	m.Proxy = r.Bool("MTLS_PROXY", false, "whether proxies of IDP_TRUSTED_PROXIES name the client's certificate in Client-Cert (RFC 9440); they must remove the header from outside")
	u, err := url.Parse(m.Base)
	for _, rule := range []struct {
		wrong      bool
		name, what string
	}{
		{m.Addr != "" && (m.Cert == "" || m.Key == "" || m.Base == ""), "MTLS_ADDR", "needs IDP_MTLS_CERT, IDP_MTLS_KEY and IDP_MTLS_URL"},
		{m.Addr == "" && (m.Cert != "" || m.Key != ""), "MTLS_CERT", "goes with IDP_MTLS_ADDR"},
		{m.Base != "" && (err != nil || u.Scheme+"://"+u.Host != m.Base || u.Scheme != "https"), "MTLS_URL", "must be an address such as https://mtls.idp.example"},
		{!m.on() && (m.CA != "" || m.Base != ""), "MTLS_CA", "and IDP_MTLS_URL go with IDP_MTLS_ADDR or IDP_MTLS_PROXY"},
		{m.Proxy && len(c.TrustedProxies) == 0, "MTLS_PROXY", "needs IDP_TRUSTED_PROXIES"},
	} {
		if rule.wrong {
			r.Fault(rule.name, rule.what)
		}
	}
}

// certificates are ours of the listener for clients with certificates, and the CAs of theirs. The files are
// read again every minute.
type certificates struct {
	MTLS
	own  atomic.Pointer[tls.Certificate]
	cas  atomic.Pointer[x509.CertPool]
	seen [sha256.Size]byte // of the files
}

// certificates reads the files.
func (a *app) certificates(context.Context) error {
	if !a.MTLS.on() {
		return nil
	}
	a.certs = &certificates{MTLS: a.MTLS}
	a.group.Add("certificates of clients", every(time.Minute, a.log, func(context.Context) error { return a.certs.read() }))
	return a.certs.read()
}

// read reads what changed; with a fault what was good stays.
func (c *certificates) read() error {
	var all []byte
	var faults []error
	file := func(name string) (raw []byte) {
		if name == "" {
			return nil
		}
		raw, err := os.ReadFile(name)
		faults, all = append(faults, err), fmt.Appendf(all, "%d ", len(raw))
		all = append(all, raw...)
		return raw
	}
	cert, key, ca := file(c.Cert), file(c.Key), file(c.CA)
	sum := sha256.Sum256(all)
	if err := errors.Join(faults...); err != nil || sum == c.seen {
		return err
	}
	if c.Addr != "" {
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			return fmt.Errorf("IDP_MTLS_CERT: %w", err)
		}
		c.own.Store(&pair)
	}
	if c.CA != "" {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(ca) {
			return fmt.Errorf("IDP_MTLS_CA: no certificate in %s", c.CA)
		}
		c.cas.Store(pool)
	}
	c.seen = sum
	return nil
}

// unserved tells the log, whenever that changes, of clients whose certificates are not let in: they stay
// registered, so that nothing but they fails when an operator turns the certificates off.
func (a *app) unserved() func(context.Context) error {
	told := ""
	return func(ctx context.Context) error {
		now := ""
		if err := a.clients.Unserved(a.MTLS.admits()); err != nil {
			now = err.Error()
		}
		if now != told && now != "" {
			a.log.WarnContext(ctx, "clients are registered whose certificates are not let in", "clients", now)
		}
		told = now
		return nil
	}
}

// mtls is what the provider must know of certificates.
func (a *app) mtls() *provider.MTLS {
	if a.certs == nil {
		return nil
	}
	m := &provider.MTLS{Base: a.MTLS.Base, CAs: a.certs.cas.Load}
	if a.MTLS.Proxy {
		m.Proxy, _ = server.FromProxy(a.TrustedProxies) // the ranges were read before
	}
	return m
}

// listenForCertificates serves the endpoints of clients at a listener that asks for a certificate, and takes
// any: whose it is, the provider judges. Browsers never come here, so nobody is asked to choose one.
func (a *app) listenForCertificates(site http.Handler) error {
	if a.MTLS.Addr == "" {
		return nil
	}
	asking := &tls.Config{
		MinVersion: tls.VersionTLS13, ClientAuth: tls.RequestClientCert, NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return a.certs.own.Load(), nil },
	}
	return a.group.AddHTTPS("clients with certificates", a.MTLS.Addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !provider.Aliased(r.URL.Path) {
			http.NotFound(w, r)
			return
		}
		site.ServeHTTP(w, r)
	}), asking)
}
