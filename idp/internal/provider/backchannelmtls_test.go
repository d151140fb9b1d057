package provider_test

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"testing"
)

// RFC 8705 §5, CIBA Core §7: a service that has a certificate and no key of assertions asks on the phone
// where certificates are asked for, and what it gets serves that certificate alone.
func TestAServiceWithACertificateAsksWithoutABrowser(t *testing.T) {
	d := newCallDesk(t, nil)
	ca := d.authority("CA")
	srv := d.asking(ca)
	d.register("desk", map[string]any{
		"redirect_uris": []string{callback}, "grant_types": []string{"authorization_code", ciba}, "scope": "openid email", "backchannel_token_delivery_mode": "poll",
		"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_subject_dn": `CN=rp,O=Example\, Inc.,C=EU`, "tls_client_certificate_bound_access_tokens": true,
	})
	mine, foreign := ca.client(nil), d.authority("CA").client(nil)
	asks := url.Values{"client_id": {"desk"}, "scope": {"openid email"}, "login_hint": {"anna@example.org"}, "binding_message": {"42"}}
	for name, certs := range map[string][]tls.Certificate{"no certificate": nil, "another CA's": with(foreign)} {
		if status, out := d.over(srv, certs, "/oauth/bc-authorize", asks, nil); status != http.StatusUnauthorized || out["error"] != "invalid_client" {
			t.Errorf("%s: %d %v", name, status, out)
		}
	}
	status, begun := d.over(srv, with(mine), "/oauth/bc-authorize", asks, nil)
	id, _ := begun["auth_req_id"].(string)
	if status != http.StatusOK || id == "" {
		t.Fatalf("%d %v", status, begun)
	}
	poll := url.Values{"client_id": {"desk"}, "grant_type": {ciba}, "auth_req_id": {id}}
	d.must(d.approve("42"))
	if status, out := d.over(srv, with(foreign), "/oauth/token", poll, nil); status != http.StatusUnauthorized {
		t.Errorf("the answer by another CA's certificate: %d %v", status, out)
	}
	status, got := d.over(srv, with(mine), "/oauth/token", poll, nil)
	if status != http.StatusOK || got["token_type"] != "Bearer" {
		t.Fatalf("%d %v", status, got)
	}
	token := http.Header{"Authorization": {"Bearer " + got["access_token"].(string)}}
	if status, info := d.over(srv, with(mine), "/oauth/userinfo", nil, token.Clone()); status != http.StatusOK || info["sub"] != string(anna) {
		t.Errorf("%d %v", status, info)
	}
	if status, _ := d.over(srv, with(ca.client(nil)), "/oauth/userinfo", nil, token.Clone()); status != http.StatusUnauthorized {
		t.Errorf("another certificate of the same name: %d", status)
	}
}
