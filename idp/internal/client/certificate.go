package client

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Ways of client authentication by the certificate of the connection (RFC 8705 §2).
const (
	TLSClientAuth           = "tls_client_auth"             // a CA that the operator trusts speaks for it
	SelfSignedTLSClientAuth = "self_signed_tls_client_auth" // it, or its key, stands in jwks
)

// Certificate is the name of the certificate by which a client is known, and whether its tokens serve
// who holds that certificate alone (RFC 8705 §2.1.2 and §3.4).
type Certificate struct {
	SubjectDN        Subject `json:"tls_client_auth_subject_dn,omitzero"`
	SubjectDNS       string  `json:"tls_client_auth_san_dns,omitempty"`
	SubjectURI       string  `json:"tls_client_auth_san_uri,omitempty"`
	SubjectIP        string  `json:"tls_client_auth_san_ip,omitempty"`
	SubjectEmail     string  `json:"tls_client_auth_san_email,omitempty"`
	CertificateBound bool    `json:"tls_client_certificate_bound_access_tokens,omitempty"`
}

func (t Certificate) rules(c *Client) []rule {
	names := 0
	for _, there := range []bool{!t.SubjectDN.IsZero(), t.SubjectDNS != "", t.SubjectURI != "", t.SubjectIP != "", t.SubjectEmail != ""} {
		if there {
			names++
		}
	}
	uri, err := url.Parse(t.SubjectURI)
	return []rule{
		{c.AuthMethod == TLSClientAuth && names != 1, "tls_client_auth needs exactly one of tls_client_auth_subject_dn, tls_client_auth_san_dns, tls_client_auth_san_uri, tls_client_auth_san_ip and tls_client_auth_san_email"},
		{c.AuthMethod != TLSClientAuth && names > 0, "the names of a certificate go with tls_client_auth"},
		{!t.SubjectDN.IsZero() && t.SubjectDN.name == nil, "tls_client_auth_subject_dn must be a distinguished name as RFC 4514 writes it, for example CN=service,O=Example,C=EU"},
		{strings.ContainsAny(t.SubjectDNS, "*:/@ ") || strings.HasSuffix(t.SubjectDNS, "."), "tls_client_auth_san_dns must be one host name"},
		{t.SubjectURI != "" && (err != nil || !uri.IsAbs()), "tls_client_auth_san_uri must be an absolute URI"},
		{t.SubjectIP != "" && net.ParseIP(t.SubjectIP) == nil, "tls_client_auth_san_ip must be an IP address"},
		{t.SubjectEmail != "" && !strings.Contains(t.SubjectEmail, "@"), "tls_client_auth_san_email must be a mail address"},
	}
}

// Names reports whether a certificate, of which a CA has said so, is this client's.
func (t Certificate) Names(cert *x509.Certificate) bool {
	switch {
	case !t.SubjectDN.IsZero():
		return t.SubjectDN.Is(cert)
	case t.SubjectDNS != "":
		return slices.ContainsFunc(cert.DNSNames, func(n string) bool { return strings.EqualFold(n, t.SubjectDNS) })
	case t.SubjectURI != "":
		return slices.ContainsFunc(cert.URIs, func(u *url.URL) bool { return u.String() == t.SubjectURI })
	case t.SubjectIP != "":
		return slices.ContainsFunc(cert.IPAddresses, net.ParseIP(t.SubjectIP).Equal)
	case t.SubjectEmail != "":
		return slices.Contains(cert.EmailAddresses, t.SubjectEmail)
	}
	return false
}

// Holds reports whether a certificate stands in the client's jwks: by itself where an x5c is
// registered, by its key otherwise (RFC 8705 §2.2).
func (a Authentication) Holds(cert *x509.Certificate) bool {
	return slices.ContainsFunc(a.proving(), func(k jose.JSONWebKey) bool {
		if len(k.Certificates) > 0 {
			return k.Certificates[0].Equal(cert)
		}
		key, ok := k.Key.(interface{ Equal(crypto.PublicKey) bool })
		return ok && key.Equal(cert.PublicKey)
	})
}

// certifies reports whether a public key may be that of a client's certificate: a NIST curve, Ed25519, or
// RSA of 2048 to 4096 bits.
func certifies(k jose.JSONWebKey) bool {
	switch key := k.Key.(type) {
	case *ecdsa.PublicKey:
		return key.Params().BitSize >= 256
	case ed25519.PublicKey:
		return true
	case *rsa.PublicKey:
		return key.N.BitLen() >= 2048 && key.N.BitLen() <= 4096
	}
	return false
}
