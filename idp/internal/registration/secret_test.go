package registration_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/registration"
)

// secrets are those of a client that are good now, as a process has them.
func (w *world) secrets(r *client.Registry, id string) []string {
	w.t.Helper()
	w.must(r.Refresh(w.t.Context()))
	c, err := r.ByID(w.t.Context(), id)
	w.must(err)
	return c.GoodSecrets(w.now())
}

// A secret is shown once and kept sealed; after a rotation the former one stays good for the overlap, in
// every process.
func TestSecretsRotate(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	first, err := w.Register(ctx, by, with(`"none"`, `"client_secret_jwt"`))
	w.must(err)
	if len(first.Secret) != 86 || !slices.Equal(w.secrets(w.other, "rp-1"), []string{first.Secret}) {
		t.Fatalf("%q, and %q is good", first.Secret, w.secrets(w.other, "rp-1"))
	}
	w.pass(time.Minute)
	second, err := w.RotateSecret(ctx, by, "rp-1", time.Hour)
	w.must(err)
	if second.Secret == first.Secret || !slices.Equal(w.secrets(w.other, "rp-1"), []string{second.Secret, first.Secret}) {
		t.Errorf("%q", w.secrets(w.other, "rp-1"))
	}
	w.pass(time.Hour)
	if !slices.Equal(w.secrets(w.other, "rp-1"), []string{second.Secret}) || !slices.Equal(w.secrets(w.Clients, "rp-1"), []string{second.Secret}) {
		t.Errorf("after the overlap: %q", w.secrets(w.other, "rp-1"))
	}
	third, err := w.RotateSecret(ctx, by, "rp-1", 0)
	w.must(err)
	if !slices.Equal(w.secrets(w.other, "rp-1"), []string{third.Secret}) {
		t.Errorf("without an overlap: %q", w.secrets(w.other, "rp-1"))
	}
	updated, err := w.Update(ctx, by, 3, with(`"none"`, `"client_secret_jwt","client_uri":"https://rp.example/"`))
	w.must(err)
	if updated.Secret != "" || !slices.Equal(w.secrets(w.other, "rp-1"), []string{third.Secret}) {
		t.Errorf("an update changed the secret: %q", updated.Secret)
	}
	w.sealed(first.Secret, second.Secret, third.Secret)
	_, err = w.Update(ctx, by, 4, []byte(metadata))
	w.must(err)
	if got := w.secrets(w.other, "rp-1"); len(got) != 0 {
		t.Errorf("a public client keeps %q", got)
	}
	back, err := w.Update(ctx, by, 5, with(`"none"`, `"client_secret_jwt"`))
	w.must(err)
	if back.Secret == "" || !slices.Equal(w.secrets(w.other, "rp-1"), []string{back.Secret}) {
		t.Errorf("a client that wants a secret again: %q", back.Secret)
	}
}

// sealed finds none of the secrets in the database (security case 42).
func (w *world) sealed(secrets ...string) {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), `SELECT sealed FROM client_secrets`)
	w.must(err)
	defer func() { _ = rows.Close() }()
	n := 0
	for rows.Next() {
		var raw []byte
		w.must(rows.Scan(&raw))
		n++
		if slices.ContainsFunc(secrets, func(s string) bool { return bytes.Contains(raw, []byte(s)) }) {
			w.t.Error("a secret is kept as it is")
		}
	}
	w.must(rows.Err())
	if n == 0 {
		w.t.Error("no secret is kept")
	}
}

// RFC 7592 §2.2: a client that registered itself says its secret in an update or says none; each update
// gives a new one, and the former stays good for a day.
func TestASelfRegisteredClientRotatesItsSecret(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	_, token := w.initial(1, registration.Policy{})
	first, err := w.RegisterSelf(ctx, token, said(map[string]any{"token_endpoint_auth_method": "client_secret_jwt"}))
	w.must(err)
	body := func(secret string) []byte {
		return said(map[string]any{"client_id": first.ID, "token_endpoint_auth_method": "client_secret_jwt", "client_secret": secret})
	}
	if _, err := w.UpdateSelf(ctx, first.ID, first.Token, body("chosen")); err == nil || !strings.Contains(err.Error(), "client_secret") {
		t.Errorf("a secret of its own choice: %v", err)
	}
	w.pass(time.Minute)
	second, err := w.UpdateSelf(ctx, first.ID, first.Token, body(first.Secret))
	w.must(err)
	if second.Secret == "" || !slices.Equal(w.secrets(w.other, first.ID), []string{second.Secret, first.Secret}) {
		t.Errorf("%q", w.secrets(w.other, first.ID))
	}
	w.pass(registration.Overlap)
	if !slices.Equal(w.secrets(w.other, first.ID), []string{second.Secret}) {
		t.Errorf("after a day: %q", w.secrets(w.other, first.ID))
	}
	if _, err := w.UpdateSelf(ctx, first.ID, second.Token, body(first.Secret)); err == nil || !strings.Contains(err.Error(), "client_secret") {
		t.Errorf("a secret that has ended: %v", err)
	}
	w.sealed(first.Secret, second.Secret)
}

// A secret that was sealed with another key opens for nobody: its client is left out, the others are
// served.
func TestSecretsOfAnotherKey(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	_, err := w.Register(ctx, by, with(`"none"`, `"client_secret_jwt"`))
	w.must(err)
	_, err = w.Register(ctx, by, with("rp-1", "rp-2"))
	w.must(err)
	_, err = w.db.ExecContext(ctx, `UPDATE client_secrets SET id = 'moved'`)
	w.must(err)
	if err := w.other.Refresh(ctx); err == nil || !strings.Contains(err.Error(), "rp-1") {
		t.Errorf("%v", err)
	}
	if _, err := w.other.ByID(ctx, "rp-1"); err == nil {
		t.Error("a client without a secret is served")
	}
	_, err = w.other.ByID(ctx, "rp-2")
	w.must(err)
}
