package provider_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
)

// byCertificate are clients that authenticate by certificates, to which their tokens are bound.
type byCertificate struct {
	*world
	srv  *httptest.Server
	ca   *authority
	held map[string]*http.Client // a client with its certificate, "" without one
}

func newByCertificate(w *world) *byCertificate {
	v := &byCertificate{world: w, ca: w.authority("CA"), held: map[string]*http.Client{}}
	v.srv = w.asking(v.ca)
	for id, redirect := range fapiClients {
		w.register(id, fapiMetadata(redirect, map[string]any{
			"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": "CN=" + id + `,O=Example\, Inc.,C=EU`, "tls_client_certificate_bound_access_tokens": true,
		}))
		v.hold(id)
	}
	v.held[""] = v.connecting(tls.Certificate{})
	return v
}

// hold gives a client a certificate of its name.
func (v *byCertificate) hold(id string) {
	v.held[id] = v.connecting(v.ca.client(func(c *x509.Certificate) { c.Subject.CommonName = id }))
}

// connecting gives what calls with a certificate; its connection stays open as long as the listener.
func (v *byCertificate) connecting(cert tls.Certificate) *http.Client {
	transport := v.srv.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
	return &http.Client{Transport: transport}
}

// call gives the answer to a client's certificate; where nobody is to authenticate there is one all the same,
// and no client_id.
func (v *byCertificate) call(method, path, as string, form url.Values, bound bool) *httptest.ResponseRecorder {
	with := as
	switch {
	case as == "":
		with = "rp"
	case !form.Has("client_id"):
		form.Set("client_id", as)
	}
	if !bound {
		with = ""
	}
	r, err := http.NewRequest(method, v.srv.URL+path, strings.NewReader(form.Encode()))
	v.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.answered(with, r)
}

func (v *byCertificate) answered(with string, r *http.Request) *httptest.ResponseRecorder {
	res, err := v.held[with].Do(r)
	v.must(err)
	defer func() { _ = res.Body.Close() }()
	rec := httptest.NewRecorder()
	rec.Code = res.StatusCode
	_, err = io.Copy(rec.Body, res.Body)
	v.must(err)
	return rec
}

func (v *byCertificate) info(as, scheme, access string) int {
	r, err := http.NewRequest(http.MethodGet, v.srv.URL+"/oauth/userinfo", nil)
	v.must(err)
	r.Header.Set("Authorization", scheme+" "+access)
	return v.answered(as, r).Code
}

func (*byCertificate) scheme() string  { return "Bearer" }
func (*byCertificate) unbound() string { return "invalid_client" }

func (v *byCertificate) offered(f *fapi) {
	aliases, _ := f.metadata["mtls_endpoint_aliases"].(map[string]any)
	f.wants(f.supports("token_endpoint_auth_methods_supported", "tls_client_auth") && f.metadata["tls_client_certificate_bound_access_tokens"] == true, "%v", f.metadata)
	for _, endpoint := range []string{"token_endpoint", "pushed_authorization_request_endpoint", "userinfo_endpoint"} {
		alias, _ := aliases[endpoint].(string)
		f.wants(strings.HasPrefix(alias, v.srv.URL+"/"), "%s: %v", endpoint, aliases)
	}
}

// renew takes the next certificate of the same name.
func (v *byCertificate) renew() { v.hold("rp") }
