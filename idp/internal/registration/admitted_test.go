package registration_test

import (
	"errors"
	"testing"

	"eulogin.example/idp/internal/client"
)

// A client of a certificate is registered where certificates are let in, and there alone; one that is
// registered stays when they are let in no more, and its next update says so.
func TestRegisteringAClientOfACertificate(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	certified := with(`"none"`, `"tls_client_auth","tls_client_auth_san_dns":"rp.example"`)
	refused := func(what string, err error) {
		t.Helper()
		var f *client.Faults
		if !errors.As(err, &f) || len(f.List) != 1 || f.List[0].Member != "token_endpoint_auth_method" {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := w.Check(ctx, certified)
	refused("a dry run", err)
	_, err = w.Register(ctx, by, certified)
	refused("registering", err)
	if w.events() != "" {
		t.Errorf("what was refused is in the audit: %s", w.events())
	}
	w.Admits = client.Admitted{Certificates: true, CAs: true}
	_, err = w.Register(ctx, by, certified)
	w.must(err)
	w.Admits = client.Admitted{Certificates: true}
	_, err = w.Update(ctx, by, 1, certified)
	refused("updating", err)
	_, err = w.CheckUpdate(ctx, 1, certified)
	refused("a dry run of updating", err)
	w.must(w.other.Refresh(ctx))
	if _, err := w.other.ByID(ctx, "rp-1"); err != nil {
		t.Errorf("a client is gone because its certificate is not let in: %v", err)
	}
	_, err = w.Update(ctx, by, 1, []byte(metadata))
	w.must(err)
}
