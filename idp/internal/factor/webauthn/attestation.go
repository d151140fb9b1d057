package webauthn

import (
	"crypto/x509"
	"encoding/asn1"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
)

// chained are the attestation statement formats that carry a chain of certificates, and whose
// signature the library has checked (WebAuthn §8.2, §8.3, §8.4, §8.8).
var chained = []protocol.AttestationFormat{
	protocol.AttestationFormatPacked, protocol.AttestationFormatTPM, protocol.AttestationFormatAndroidKey, protocol.AttestationFormatApple,
}

// attested reports whether a manufacturer that the operator trusts vouches for the
// authenticator. Anything else is no fault: the credential then counts for less.
func (s *Service) attested(p *protocol.ParsedCredentialCreationData) bool {
	object := p.Response.AttestationObject
	if s.Roots == nil || !slices.Contains(chained, protocol.AttestationFormat(object.Format)) {
		return false
	}
	raw, _ := object.AttStatement["x5c"].([]any)
	var chain []*x509.Certificate
	for _, one := range raw {
		der, _ := one.([]byte)
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return false
		}
		chain = append(chain, cert)
	}
	if len(chain) == 0 {
		return false
	}
	between := x509.NewCertPool()
	for _, cert := range chain[1:] {
		between.AddCert(cert)
	}
	leaf := *chain[0]
	leaf.UnhandledCriticalExtensions = slices.DeleteFunc(slices.Clone(leaf.UnhandledCriticalExtensions), asn1.ObjectIdentifier(subjectAltName).Equal)
	_, err := leaf.Verify(x509.VerifyOptions{
		Roots: s.Roots, Intermediates: between, CurrentTime: s.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err == nil
}

// subjectAltName is critical in the certificates of TPMs (TPM 2.0 EK profile §3.2.9): they
// have no subject. The library has read it.
var subjectAltName = []int{2, 5, 29, 17}
