package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"eulogin.example/idp/internal/registration"
)

// RFC 7591 §3.2.2: what the operator does not let in is no metadata here, told at registration and not at
// each request after it.
func TestAServiceCannotRegisterACertificateThatIsNotLetIn(t *testing.T) {
	w := newWorld(t)
	token := w.initial(1, registration.Policy{})
	byCertificate := map[string]any{"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "rp.example", "jwks": nil}
	bound := map[string]any{"tls_client_certificate_bound_access_tokens": true}
	refused := func(changes map[string]any, member string) {
		t.Helper()
		out, rec := w.dynamic(token, changes)
		if text, _ := out["error_description"].(string); rec.Code != http.StatusBadRequest || out["error"] != "invalid_client_metadata" || !strings.HasPrefix(text, member+": ") {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
	}
	refused(byCertificate, "token_endpoint_auth_method")
	refused(bound, "tls_client_certificate_bound_access_tokens")
	w.asking()
	refused(byCertificate, "token_endpoint_auth_method")
	srv := w.asking(w.authority("CA"))
	made, rec := w.dynamic(token, byCertificate)
	if rec.Code != http.StatusCreated || made["token_endpoint_auth_method"] != "tls_client_auth" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	srv.Close()
	w.mtls = nil
	w.serve()
	again := map[string]any{"client_id": made["client_id"], "redirect_uris": []string{callback}, "token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "rp.example"}
	manage, own := made["registration_client_uri"].(string), made["registration_access_token"].(string)
	if out, rec := w.json("PUT", manage, own, again); rec.Code != http.StatusBadRequest || out["error"] != "invalid_client_metadata" {
		t.Errorf("an update after the operator turned them off: %d %s", rec.Code, rec.Body)
	}
	if _, rec := w.json("GET", manage, own, nil); rec.Code != http.StatusOK {
		t.Errorf("its registration is gone: %d %s", rec.Code, rec.Body)
	}
}
