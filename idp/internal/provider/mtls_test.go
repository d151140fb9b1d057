package provider_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// certified registers rp as a client that authenticates by its certificate.
func (w *world) certified(changes map[string]any) {
	w.t.Helper()
	all := map[string]any{"redirect_uris": []string{callback}, "scope": "openid email profile offline_access", "grant_types": []string{"authorization_code", "refresh_token"}, "token_endpoint_auth_method": "tls_client_auth"}
	for k, v := range changes {
		all[k] = v
	}
	w.register("rp", all)
}

// admits reports whether a connection with these certificates authenticates rp.
func (w *world) admits(srv *httptest.Server, certs []tls.Certificate) bool {
	w.t.Helper()
	status, out := w.over(srv, certs, "/oauth/token", exchange("x", "client_id", "rp"), nil)
	switch {
	case status == http.StatusBadRequest && out["error"] == "invalid_grant":
		return true
	case status == http.StatusUnauthorized && out["error"] == "invalid_client":
		return false
	}
	w.t.Fatalf("%d %v", status, out)
	return false
}

// RFC 8705 §2.1: of a client, a CA of ours says the registered name, at this moment, for this use.
func TestAClientIsKnownByItsCertificate(t *testing.T) {
	w := newWorld(t)
	ca, foreign := w.authority("CA"), w.authority("CA")
	srv := w.asking(ca)
	uri, err := url.Parse("https://rp.example/id")
	w.must(err)
	named := func(c *x509.Certificate) {
		c.DNSNames, c.URIs, c.IPAddresses, c.EmailAddresses = []string{"other.example", "rp.example"}, []*url.URL{uri}, []net.IP{net.ParseIP("192.0.2.7")}, []string{"ops@rp.example"}
	}
	plain, all := ca.client(nil), ca.client(named)
	for name, value := range map[string]string{
		"tls_client_auth_subject_dn": `CN=rp,O=Example\, Inc.,C=EU`, "tls_client_auth_san_dns": "RP.example", "tls_client_auth_san_uri": "https://rp.example/id",
		"tls_client_auth_san_ip": "192.0.2.7", "tls_client_auth_san_email": "ops@rp.example",
	} {
		w.certified(map[string]any{name: value})
		if !w.admits(srv, with(all)) {
			t.Errorf("%s: refused", name)
		}
		if w.admits(srv, with(plain)) != (name == "tls_client_auth_subject_dn") {
			t.Errorf("%s: a certificate without alternative names", name)
		}
		if w.admits(srv, with(foreign.client(named))) || w.admits(srv, nil) {
			t.Errorf("%s: another CA, or nothing", name)
		}
	}
	w.certified(map[string]any{"tls_client_auth_subject_dn": `CN=rp,O=Example\, Inc.,C=EU`})
	below, unknown := ca.below(), ca.below()
	unknown.rest = nil
	_, _, alone := w.issue(nil, nil)
	for name, tt := range map[string]struct {
		cert tls.Certificate
		good bool
	}{
		"good":                     {plain, true},
		"by way of another CA":     {below.client(nil), true},
		"a chain with a hole":      {unknown.client(nil), false},
		"its own CA":               {alone, false},
		"expired":                  {ca.client(func(c *x509.Certificate) { c.NotAfter = w.now().Add(-time.Second) }), false},
		"not yet":                  {ca.client(func(c *x509.Certificate) { c.NotBefore = w.now().Add(time.Minute) }), false},
		"for servers":              {ca.client(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }), false},
		"another name":             {ca.client(func(c *x509.Certificate) { c.Subject.CommonName = "rp2" }), false},
		"a name more":              {ca.client(func(c *x509.Certificate) { c.Subject.OrganizationalUnit = []string{"x"} }), false},
		"the name elsewhere":       {ca.client(func(c *x509.Certificate) { c.Subject, c.DNSNames = pkix.Name{CommonName: "x"}, []string{"rp"} }), false},
		"a CA with a child's name": {ca.client(func(c *x509.Certificate) { c.Subject.CommonName = "rp,O=Example\\, Inc.,C=EU" }), false},
	} {
		if got := w.admits(srv, with(tt.cert)); got != tt.good {
			t.Errorf("%s: %v", name, got)
		}
	}
	w.pass(2 * time.Hour)
	if w.admits(srv, with(plain)) {
		t.Error("the certificate has expired by our clock")
	}
}

// RFC 8705 §2.2: without a CA, the certificate or its key is the registered one.
func TestAClientWithASelfSignedCertificate(t *testing.T) {
	w := newWorld(t)
	srv := w.asking()
	cert, key, mine := w.issue(nil, nil)
	other, _, others := w.issue(nil, nil)
	renewed := func(change func(*x509.Certificate)) tls.Certificate {
		template := *cert
		change(&template)
		der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
		w.must(err)
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	}
	again := renewed(func(c *x509.Certificate) { c.NotAfter = c.NotAfter.Add(time.Hour) })
	late := renewed(func(c *x509.Certificate) { c.NotAfter = w.now().Add(-time.Second) })
	early := renewed(func(c *x509.Certificate) { c.NotBefore = w.now().Add(time.Minute) })
	by := func(keys ...jose.JSONWebKey) {
		w.certified(map[string]any{"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": jose.JSONWebKeySet{Keys: keys}})
	}
	by(jose.JSONWebKey{Key: other.PublicKey, KeyID: "a"}, jose.JSONWebKey{Key: key.Public(), KeyID: "b"})
	for name, tt := range map[string]struct {
		certs []tls.Certificate
		good  bool
	}{"its key": {with(mine), true}, "its key, renewed": {with(again), true}, "its other key": {with(others), true}, "its key, expired": {with(late), false}, "its key, too early": {with(early), false}, "nothing": {nil, false}} {
		if got := w.admits(srv, tt.certs); got != tt.good {
			t.Errorf("%s: %v", name, got)
		}
	}
	by(jose.JSONWebKey{Key: cert.PublicKey, KeyID: "a", Certificates: []*x509.Certificate{cert}})
	if !w.admits(srv, with(mine)) || w.admits(srv, with(again)) || w.admits(srv, with(others)) {
		t.Error("x5c names one certificate, and no other of its key")
	}
	w.certified(map[string]any{"tls_client_auth_subject_dn": `CN=rp,O=Example\, Inc.,C=EU`})
	if w.admits(srv, with(mine)) {
		t.Error("where no CA speaks for clients, none is known by its name")
	}
}

// Who registered one way to authenticate has no other (security case 23).
func TestACertificateIsNoOtherAuthentication(t *testing.T) {
	w := newWorld(t)
	ca := w.authority("CA")
	srv := w.asking(ca)
	if status, out := w.over(srv, with(ca.client(nil)), "/oauth/token", exchange("x", "client_id", "other"), nil); status != http.StatusUnauthorized {
		t.Errorf("a client with private_key_jwt: %d %v", status, out)
	}
	w.certified(map[string]any{"tls_client_auth_subject_dn": `CN=rp,O=Example\, Inc.,C=EU`})
	if w.authenticates(w.assertion("rp", nil)) {
		t.Error("a client of a certificate by an assertion")
	}
	if rec := w.do("POST", "/oauth/token", exchange("x", "client_id", "rp")); rec.Code != http.StatusUnauthorized {
		t.Errorf("without a certificate: %d", rec.Code)
	}
	good := ca.client(nil)
	for _, path := range []string{"/oauth/par", "/oauth/introspect", "/oauth/revoke"} {
		form := ask("token", "x")
		if status, out := w.over(srv, with(good), path, form, nil); status/100 != 2 {
			t.Errorf("%s: %d %v", path, status, out)
		}
		if status, out := w.over(srv, nil, path, form, nil); status != http.StatusUnauthorized {
			t.Errorf("%s without a certificate: %d %v", path, status, out)
		}
	}
	w.mtls = nil
	w.serve()
	if w.admits(srv, with(good)) {
		t.Error("certificates count where the operator lets none in")
	}
}

// RFC 8705 §3: tokens of a certificate serve connections with it, and nobody else.
func TestTokensOfACertificate(t *testing.T) {
	w := newWorld(t)
	ca := w.authority("CA")
	srv := w.asking(ca)
	w.certified(map[string]any{"tls_client_auth_subject_dn": `CN=rp,O=Example\, Inc.,C=EU`, "tls_client_certificate_bound_access_tokens": true, "introspects": []string{"rp"}})
	mine, thiefs := ca.client(nil), ca.client(nil)
	status, got := w.over(srv, with(mine), "/oauth/token", exchange(w.code(), "client_id", "rp"), nil)
	if status != http.StatusOK || got["token_type"] != "Bearer" {
		t.Fatalf("%d %v", status, got)
	}
	token := got["access_token"].(string)
	bearer := func() http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
	if status, info := w.over(srv, with(mine), "/oauth/userinfo", nil, bearer()); status != http.StatusOK || info["sub"] != string(anna) {
		t.Errorf("%d %v", status, info)
	}
	for name, certs := range map[string][]tls.Certificate{"another certificate": with(thiefs), "no certificate": nil} {
		if status, info := w.over(srv, certs, "/oauth/userinfo", nil, bearer()); status != http.StatusUnauthorized || info["error"] != "invalid_token" {
			t.Errorf("%s: %d %v", name, status, info)
		}
		if status, info := w.over(srv, certs, "/oauth/userinfo", url.Values{"access_token": {token}}, nil); status != http.StatusUnauthorized || info["error"] != "invalid_token" {
			t.Errorf("%s, in a form: %d %v", name, status, info)
		}
	}
	if rec := w.userinfo(token); rec.Code != http.StatusUnauthorized {
		t.Errorf("where no certificates are asked for: %d", rec.Code)
	}
	if _, told := w.over(srv, with(thiefs), "/oauth/introspect", url.Values{"token": {token}, "client_id": {"rp"}}, nil); told["active"] != true || told["cnf"].(map[string]any)["x5t#S256"] != x5t(mine) || told["cnf"].(map[string]any)["jkt"] != nil {
		t.Errorf("%v", told)
	}
	turn := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got["refresh_token"].(string)}, "client_id": {"rp"}}
	status, next := w.over(srv, with(thiefs), "/oauth/token", turn, nil)
	if status != http.StatusOK {
		t.Fatalf("a renewed certificate of a client that authenticates: %d %v", status, next)
	}
	token = next["access_token"].(string)
	if status, _ := w.over(srv, with(mine), "/oauth/userinfo", nil, bearer()); status != http.StatusUnauthorized {
		t.Errorf("the new token by the old certificate: %d", status)
	}
}

// A client whose tokens are bound gets none over another connection, and its code stays good; with DPoP
// beside it, both are needed.
func TestBoundToCertificateAndKey(t *testing.T) {
	w := newWorld(t)
	srv := w.asking()
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "scope": "openid email", "tls_client_certificate_bound_access_tokens": true})
	code := w.code("scope", "openid email")
	if got, rec := w.token(w.as("rp", exchange(code))); got.Error != "invalid_request" || got.Access != "" {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	_, _, mine := w.issue(nil, nil)
	h := w.holder()
	at := func(path string) map[string]any { return map[string]any{"htu": srv.URL + path} }
	nonce := w.dpopNonce(srv, mine, h)
	status, got := w.over(srv, with(mine), "/oauth/token", w.as("rp", exchange(code)), http.Header{"Dpop": {h.proof("POST", "/oauth/token", "", nonce, at("/oauth/token"))}})
	if status != http.StatusOK || got["token_type"] != "DPoP" {
		t.Fatalf("%d %v", status, got)
	}
	token := got["access_token"].(string)
	call := func(certs []tls.Certificate, scheme string, proofs ...string) int {
		header := http.Header{"Authorization": {scheme + " " + token}}
		if len(proofs) > 0 {
			header["Dpop"] = proofs
		}
		status, _ := w.over(srv, certs, "/oauth/userinfo", nil, header)
		return status
	}
	proof := func() string { return h.proof("GET", "/oauth/userinfo", token, nonce, at("/oauth/userinfo")) }
	if call(with(mine), "DPoP", proof()) != http.StatusOK {
		t.Error("with both")
	}
	if call(nil, "DPoP", proof()) != http.StatusUnauthorized || call(with(mine), "Bearer") != http.StatusUnauthorized {
		t.Error("with one of both")
	}
	if call(with(mine), "DPoP", h.proof("GET", "/oauth/userinfo", token, nonce, map[string]any{"htu": "https://evil.example/oauth/userinfo"})) != http.StatusUnauthorized {
		t.Error("a proof for another address")
	}
}

// dpopNonce asks for one over a connection with a certificate.
func (w *world) dpopNonce(srv *httptest.Server, cert tls.Certificate, h *holder) string {
	w.t.Helper()
	r, err := http.NewRequest("POST", srv.URL+"/oauth/userinfo", nil)
	w.must(err)
	r.Header.Set("Authorization", "DPoP x")
	r.Header.Set("DPoP", h.proof("POST", "/oauth/userinfo", "x", "", map[string]any{"htu": srv.URL + "/oauth/userinfo"}))
	res, err := srv.Client().Do(r)
	w.must(err)
	defer func() { _ = res.Body.Close() }()
	if res.Header.Get("DPoP-Nonce") == "" || !strings.Contains(res.Header.Get("WWW-Authenticate"), "use_dpop_nonce") {
		w.t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	return res.Header.Get("DPoP-Nonce")
}

// A public client's refresh tokens serve its certificate alone (RFC 8705 §7.1).
func TestRefreshTokensOfACertificate(t *testing.T) {
	w := newWorld(t)
	srv := w.asking()
	w.register("app", map[string]any{
		"redirect_uris": []string{"http://127.0.0.1/cb"}, "application_type": "native", "token_endpoint_auth_method": "none", "scope": "openid offline_access",
		"grant_types": []string{"authorization_code", "refresh_token"}, "tls_client_certificate_bound_access_tokens": true,
	})
	_, _, mine := w.issue(nil, nil)
	_, _, thiefs := w.issue(nil, nil)
	code := answer(w.authorize(ask("client_id", "app", "redirect_uri", "http://127.0.0.1/cb", "scope", "openid offline_access"), w.signIn(true))).Get("code")
	status, got := w.over(srv, with(mine), "/oauth/token", exchange(code, "client_id", "app", "redirect_uri", "http://127.0.0.1/cb"), nil)
	if status != http.StatusOK {
		t.Fatalf("%d %v", status, got)
	}
	turn := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got["refresh_token"].(string)}, "client_id": {"app"}}
	for name, certs := range map[string][]tls.Certificate{"a thief's": with(thiefs), "none": nil} {
		if status, out := w.over(srv, certs, "/oauth/token", turn, nil); status != http.StatusBadRequest || out["access_token"] != nil {
			t.Errorf("%s: %d %v", name, status, out)
		}
	}
	if status, out := w.over(srv, with(mine), "/oauth/token", turn, nil); status != http.StatusOK || out["refresh_token"] == nil {
		t.Errorf("its own: %d %v", status, out)
	}
}

// Discovery tells of certificates what is so (RFC 8705 §3.3, §5).
func TestDiscoveryTellsOfCertificates(t *testing.T) {
	w := newWorld(t)
	tell := func() map[string]any {
		var doc map[string]any
		w.must(json.Unmarshal(w.do("GET", "/.well-known/openid-configuration", nil).Body.Bytes(), &doc))
		return doc
	}
	methods := func(doc map[string]any) string {
		raw, err := json.Marshal([]any{doc["token_endpoint_auth_methods_supported"], doc["introspection_endpoint_auth_methods_supported"]})
		w.must(err)
		return string(raw)
	}
	if doc := tell(); doc["mtls_endpoint_aliases"] != nil || doc["tls_client_certificate_bound_access_tokens"] != nil || strings.Contains(methods(doc), "tls") {
		t.Errorf("%v", doc)
	}
	w.asking()
	if got := methods(tell()); strings.Contains(got, `"tls_client_auth"`) || strings.Count(got, `"self_signed_tls_client_auth"`) != 2 {
		t.Error(got)
	}
	srv := w.asking(w.authority("CA"))
	doc := tell()
	if got := methods(doc); strings.Count(got, `"tls_client_auth"`) != 2 || doc["tls_client_certificate_bound_access_tokens"] != true {
		t.Error(got)
	}
	aliases := doc["mtls_endpoint_aliases"].(map[string]any)
	for _, name := range []string{"token_endpoint", "pushed_authorization_request_endpoint", "introspection_endpoint", "revocation_endpoint", "userinfo_endpoint", "device_authorization_endpoint", "backchannel_authentication_endpoint"} {
		alias, _ := aliases[name].(string)
		if path, ok := strings.CutPrefix(alias, srv.URL); !ok || doc[name] != w.issuer+path {
			t.Errorf("%s: %q", name, alias)
		}
	}
	if len(aliases) != 7 {
		t.Errorf("%v", aliases)
	}
}
