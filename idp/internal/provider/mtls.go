package provider

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
)

// MTLS says how certificates of clients come to us (RFC 8705): by connections of our own listener that
// asks for one, or from a proxy that says so in headers (RFC 9440). The handshake, here or there, proved
// that the client has the key; whose certificate it is, we judge.
type MTLS struct {
	// Base is the address of the endpoints where certificates are asked for; "": the issuer's own.
	Base string
	// CAs speak for clients of tls_client_auth; it gives nil where there are none.
	CAs func() *x509.CertPool
	// Proxy reports whether a request comes from a proxy whose headers name the certificate; nil: none does.
	Proxy func(*http.Request) bool
}

// Admits are the certificates that are let in; of nil none.
func (m *MTLS) Admits() client.Admitted {
	return client.Admitted{Certificates: m != nil, CAs: m != nil && m.CAs() != nil}
}

// aliased are the endpoints that clients with a certificate call (RFC 8705 §5).
var aliased = []string{tokenPath, pushPath, introspectPath, revokePath, userinfoPath, deviceAskPath, backchannelPath}

// Aliased reports whether an endpoint is served where certificates are asked for.
func Aliased(path string) bool { return slices.Contains(aliased, path) }

// mtlsMetadata tells what serves clients with certificates (RFC 8705 §3.3 and §5), if anything does.
func (s *server) mtlsMetadata() map[string]any {
	if s.MTLS == nil {
		return nil
	}
	out := map[string]any{"tls_client_certificate_bound_access_tokens": true}
	if s.MTLS.Base == "" {
		return out
	}
	aliases := map[string]any{}
	for _, path := range aliased {
		aliases[routes[path].member] = s.MTLS.Base + path
	}
	out["mtls_endpoint_aliases"] = aliases
	return out
}

// methods are the ways of client authentication that are served here.
func (s *server) methods() []string {
	admits := s.MTLS.Admits()
	return slices.DeleteFunc(slices.Clone(client.AuthMethods), func(m string) bool { return !admits.Offers(m) })
}

// base gives the address that a request was sent to: the issuer, or where certificates are asked for.
func (s *server) base(r *http.Request) string {
	if s.MTLS == nil || s.MTLS.Base == "" {
		return s.Issuer
	}
	if u, err := url.Parse(s.MTLS.Base); err == nil && u.Host == r.Host {
		return s.MTLS.Base
	}
	return s.Issuer
}

// presented gives the certificate of a request's client, and what came with it to build its chain. A
// header of anybody but a listed proxy counts for nothing (security case 30).
func (s *server) presented(r *http.Request) []*x509.Certificate {
	switch {
	case s.MTLS == nil:
		return nil
	case r.TLS != nil:
		return r.TLS.PeerCertificates
	case s.MTLS.Proxy == nil || !s.MTLS.Proxy(r):
		return nil
	}
	certs, err := forwarded(r.Header)
	if err != nil {
		s.Log.WarnContext(r.Context(), "the certificate that a proxy named cannot be read", "error", err)
	}
	return certs
}

var errCertificate = errors.New("provider: the client's certificate is not good")

// certified checks that a request comes with the certificate of a client that authenticates by it.
func (s *server) certified(r *http.Request, c *client.Client) error {
	certs := s.presented(r)
	if len(certs) == 0 {
		return errCertificate
	}
	if c.AuthMethod == client.SelfSignedTLSClientAuth {
		return selfSigned(c, certs[0], s.Now())
	}
	roots := s.MTLS.CAs()
	if c.AuthMethod != client.TLSClientAuth || roots == nil || !c.Names(certs[0]) {
		return errCertificate
	}
	rest := x509.NewCertPool()
	for _, cert := range certs[1:] {
		rest.AddCert(cert)
	}
	_, err := certs[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: rest, CurrentTime: s.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	return err
}

// selfSigned checks a certificate that the client registered itself: nobody speaks for it, but its time
// counts all the same. It is pure.
func selfSigned(c *client.Client, cert *x509.Certificate, now time.Time) error {
	if !c.Holds(cert) || now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		return errCertificate
	}
	return nil
}

// bound gives who alone the tokens of a request will serve: the key that it proves to hold, and the
// certificate that it comes with where the client's tokens are bound to one. What a client registered
// must be there.
func (s *server) bound(ctx context.Context, c *client.Client) (b grant.Binding, err error) {
	if c.CertificateBound {
		if b.X5T = s.thumbprint(exchange(ctx).r); b.X5T == "" {
			return b, oidc.ErrInvalidRequest().WithDescription("this client's tokens are bound to a certificate: the connection has none")
		}
	}
	b.JKT, err = s.proof(ctx, c.DPoPBound)
	return b, err
}

// thumbprint gives that of the certificate that a request comes with (RFC 8705 §3.1), "" without one.
func (s *server) thumbprint(r *http.Request) string {
	certs := s.presented(r)
	if len(certs) == 0 {
		return ""
	}
	sum := sha256.Sum256(certs[0].Raw)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// connected reports whether a request comes over a connection with the certificate that a token is bound to.
func (s *server) connected(r *http.Request, b grant.Binding) bool {
	return b.X5T == "" || ident.Same(b.X5T, s.thumbprint(r))
}
