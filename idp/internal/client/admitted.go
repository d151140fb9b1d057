package client

import (
	"cmp"
	"errors"
	"slices"
)

// Admitted says which certificates of clients the operator lets in (RFC 8705). The zero value lets none in.
type Admitted struct {
	Certificates bool // those of connections count
	CAs          bool // there are CAs that speak for clients of tls_client_auth
}

// Offers reports whether clients can authenticate in a way here.
func (a Admitted) Offers(method string) bool {
	switch method {
	case TLSClientAuth:
		return a.Certificates && a.CAs
	case SelfSignedTLSClientAuth:
		return a.Certificates
	}
	return slices.Contains(AuthMethods, method)
}

// Check gives *Faults of what a client cannot get here because its certificates are not let in. That is none
// of the rules of Parse: metadata that were good stay good when the operator lets certificates in no more.
func (a Admitted) Check(c *Client) error {
	faults := &Faults{Client: c.ID}
	for _, r := range []rule{
		{c.AuthMethod == TLSClientAuth && !a.Offers(TLSClientAuth), "token_endpoint_auth_method: tls_client_auth is not offered here, where no CA speaks for clients (IDP_MTLS_CA)"},
		{c.AuthMethod == SelfSignedTLSClientAuth && !a.Offers(SelfSignedTLSClientAuth), "token_endpoint_auth_method: self_signed_tls_client_auth is not offered here, where no certificates of clients are let in (IDP_MTLS_ADDR, IDP_MTLS_PROXY)"},
		{c.CertificateBound && !a.Certificates, "tls_client_certificate_bound_access_tokens: no certificates of clients are let in here (IDP_MTLS_ADDR, IDP_MTLS_PROXY)"},
	} {
		if r.wrong {
			faults.List = append(faults.List, Fault{memberOf(r.text), r.text})
		}
	}
	if len(faults.List) == 0 {
		return nil
	}
	return faults
}

// Unserved tells of the clients that could be served if certificates were let in that are not, by their
// ids; nil when there is none.
func (r *Registry) Unserved(a Admitted) error {
	var faults []*Faults
	for _, s := range r.now().clients {
		var f *Faults
		if s.state == Active && errors.As(a.Check(s.client), &f) {
			faults = append(faults, f)
		}
	}
	slices.SortFunc(faults, func(a, b *Faults) int { return cmp.Compare(a.Client, b.Client) })
	all := make([]error, len(faults))
	for i, f := range faults {
		all[i] = f
	}
	return errors.Join(all...)
}
