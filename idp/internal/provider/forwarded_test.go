package provider_test

import (
	"crypto/tls"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"eulogin.example/proto/kit/server"
)

// sf writes a certificate as RFC 9440 has it.
func sf(der []byte) string { return ":" + base64.StdEncoding.EncodeToString(der) + ":" }

// Security case 30: the certificate that a header names counts from a listed proxy, and from nobody else;
// such a header over our own listener is a client's own.
func TestCertificatesThatAProxyNames(t *testing.T) {
	w := newWorld(t)
	ca := w.authority("CA")
	srv := w.asking(ca)
	w.certified(map[string]any{"tls_client_auth_subject_dn": `CN=rp,O=Example\, Inc.,C=EU`})
	good, chained := ca.client(nil), ca.below().client(nil)
	var err error
	w.mtls.Proxy, err = server.FromProxy([]string{"10.0.0.0/8"})
	w.must(err)
	w.serve()
	from := func(address string, header http.Header) int {
		r := httptest.NewRequest("POST", w.issuer+"/oauth/token", strings.NewReader(exchange("x", "client_id", "rp").Encode()))
		r.TLS = nil // the proxy speaks plain HTTP with us
		r.RemoteAddr = address
		r.Header = header
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		return rec.Code
	}
	leaf := good.Certificate[0]
	for name, tt := range map[string]struct {
		address string
		header  http.Header
		good    bool
	}{
		"a listed proxy":            {"10.1.2.3:4", http.Header{"Client-Cert": {sf(leaf)}}, true},
		"with a chain":              {"10.1.2.3:4", http.Header{"Client-Cert": {sf(chained.Certificate[0])}, "Client-Cert-Chain": {sf(chained.Certificate[1])}}, true},
		"the chain left out":        {"10.1.2.3:4", http.Header{"Client-Cert": {sf(chained.Certificate[0])}}, false},
		"another address":           {"192.0.2.7:4", http.Header{"Client-Cert": {sf(leaf)}}, false},
		"one that claims to be one": {"192.0.2.7:4", http.Header{"Client-Cert": {sf(leaf)}, "X-Forwarded-For": {"10.1.2.3"}}, false},
		"no address":                {"@", http.Header{"Client-Cert": {sf(leaf)}}, false},
		"nothing":                   {"10.1.2.3:4", http.Header{}, false},
		"two":                       {"10.1.2.3:4", http.Header{"Client-Cert": {sf(leaf), sf(leaf)}}, false},
		"two in one":                {"10.1.2.3:4", http.Header{"Client-Cert": {sf(leaf) + ", " + sf(leaf)}}, false},
		"PEM":                       {"10.1.2.3:4", http.Header{"Client-Cert": {"-----BEGIN CERTIFICATE-----"}}, false},
		"bare base64":               {"10.1.2.3:4", http.Header{"Client-Cert": {strings.Trim(sf(leaf), ":")}}, false},
		"more bytes":                {"10.1.2.3:4", http.Header{"Client-Cert": {sf(append(leaf[:len(leaf):len(leaf)], 0))}}, false},
		"a chain as long as can be": {"10.1.2.3:4", http.Header{"Client-Cert": {sf(leaf)}, "Client-Cert-Chain": slices.Repeat([]string{sf(leaf)}, 8)}, true},
		"a longer one":              {"10.1.2.3:4", http.Header{"Client-Cert": {sf(leaf)}, "Client-Cert-Chain": slices.Repeat([]string{sf(leaf)}, 9)}, false},
		"the chain alone":           {"10.1.2.3:4", http.Header{"Client-Cert-Chain": {sf(leaf)}}, false},
		"another proxy's header":    {"10.1.2.3:4", http.Header{"X-Client-Cert": {sf(leaf)}}, false},
	} {
		if got := from(tt.address, tt.header); got != map[bool]int{true: http.StatusBadRequest, false: http.StatusUnauthorized}[tt.good] {
			t.Errorf("%s: %d", name, got)
		}
	}
	if status, out := w.over(srv, nil, "/oauth/token", exchange("x", "client_id", "rp"), http.Header{"Client-Cert": {sf(leaf)}}); status != http.StatusUnauthorized {
		t.Errorf("our own listener believes a header: %d %v", status, out)
	}
	w.mtls.Proxy = nil
	w.serve()
	if got := from("10.1.2.3:4", http.Header{"Client-Cert": {sf(leaf)}}); got != http.StatusUnauthorized {
		t.Errorf("nobody said that proxies name certificates: %d", got)
	}
	var none []tls.Certificate
	if w.admits(srv, none) || !w.admits(srv, with(good)) {
		t.Error("the listener of our own")
	}
}
