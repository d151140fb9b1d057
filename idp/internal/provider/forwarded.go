package provider

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
)

// The headers in which a proxy names the certificate of a client's connection and its chain (RFC 9440),
// and how many certificates the chain may have.
const (
	certHeader  = "Client-Cert"
	chainHeader = "Client-Cert-Chain"
	chainLimit  = 8
)

var errForwarded = errors.New("provider: no certificate as RFC 9440 has it")

// forwarded reads the certificate that a proxy names, and those that came with it; none without the
// header. It is strict: whoever writes these headers is our own.
func forwarded(h http.Header) ([]*x509.Certificate, error) {
	named := h.Values(certHeader)
	if len(named) == 0 {
		return nil, nil
	}
	if len(named) > 1 {
		return nil, errForwarded
	}
	items := named
	if chain := strings.Join(h.Values(chainHeader), ","); chain != "" {
		items = append(items[:1:1], strings.Split(chain, ",")...)
	}
	if len(items) > 1+chainLimit {
		return nil, errForwarded
	}
	certs := make([]*x509.Certificate, 0, len(items))
	for _, item := range items {
		der, ok := byteSequence(item)
		if !ok {
			return nil, errForwarded
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		certs = append(certs, cert)
	}
	return certs, nil
}

// byteSequence reads one of a structured field (RFC 8941 §3.3.5): base64 between colons.
func byteSequence(item string) ([]byte, bool) {
	item = strings.Trim(item, " \t")
	if len(item) < 2 || item[0] != ':' || item[len(item)-1] != ':' || strings.ContainsAny(item, "\r\n") {
		return nil, false
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(item[1 : len(item)-1])
	return raw, err == nil
}
