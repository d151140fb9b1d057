package registration_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/proto/kit/fault"
)

const by = "command root"

// A client's life: this process sees each change at once, others when they read again; who did it stands
// in the audit.
func TestTheLifeOfAClient(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	r, err := w.Register(ctx, by, []byte(metadata))
	w.must(err)
	if r.State != client.Active || r.Version != 1 || r.Secret != "" || r.Token != "" {
		t.Fatalf("%+v", r)
	}
	if _, err := w.Clients.ByID(ctx, "rp-1"); err != nil {
		t.Fatal("the process that registered a client does not know it", err)
	}
	if _, err := w.other.ByID(ctx, "rp-1"); !errors.Is(err, client.ErrUnknown) {
		t.Fatal("another process knows without reading", err)
	}
	w.must(w.other.Refresh(ctx))
	_, err = w.other.ByID(ctx, "rp-1")
	w.must(err)

	w.pass(time.Minute)
	if _, err := w.Update(ctx, by, 2, with("A service", "Mine")); !errors.Is(err, registration.ErrVersion) {
		t.Fatalf("of a version that is not: %v", err)
	}
	r, err = w.Update(ctx, by, 1, with("A service", "Mine"))
	w.must(err)
	if c, err := w.Clients.ByID(ctx, "rp-1"); err != nil || c.Name != "Mine" || r.Version != 2 {
		t.Fatalf("%+v %v", c, err)
	}
	w.pass(time.Minute)
	_, err = w.Disable(ctx, "grpc operator", "rp-1")
	w.must(err)
	if _, err := w.Clients.ByID(ctx, "rp-1"); !errors.Is(err, client.ErrDisabled) {
		t.Fatalf("%v", err)
	}
	w.pass(time.Minute)
	_, err = w.Enable(ctx, by, "rp-1", 0)
	w.must(err)
	w.pass(time.Minute)
	w.must(w.Remove(ctx, by, "rp-1"))
	if _, err := w.Clients.ByID(ctx, "rp-1"); !errors.Is(err, client.ErrUnknown) {
		t.Fatalf("%v", err)
	}
	if _, err := w.Register(ctx, by, []byte(metadata)); !errors.Is(err, registration.ErrExists) {
		t.Fatalf("a removed client's id was given again: %v", err)
	}
	want := "client.registered by command root, client.updated by command root, client.disabled by grpc operator, client.enabled by command root, client.removed by command root"
	if got := w.events(); got != want {
		t.Errorf("%s", got)
	}
}

// What is refused changes nothing and is in no audit.
func TestChangesThatAreRefused(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	_, err := w.Register(ctx, by, []byte(metadata))
	w.must(err)
	_, err = w.Register(ctx, by, resourceServer("api"))
	w.must(err)
	before := w.events()
	for name, tt := range map[string]struct {
		err  func() error
		want error
	}{
		"an id twice":          {func() error { _, err := w.Register(ctx, by, []byte(metadata)); return err }, registration.ErrExists},
		"an id of a file":      {func() error { _, err := w.Register(ctx, by, with("rp-1", "in-file")); return err }, registration.ErrInFile},
		"bad metadata":         {func() error { _, err := w.Register(ctx, by, with("https://", "http://")); return err }, registration.ErrInvalid},
		"dry run of an id":     {func() error { _, err := w.Check(ctx, []byte(metadata)); return err }, registration.ErrExists},
		"an update of none":    {func() error { _, err := w.Update(ctx, by, 1, with("rp-1", "rp-2")); return err }, client.ErrUnknown},
		"an update of a file":  {func() error { _, err := w.Update(ctx, by, 1, with("rp-1", "in-file")); return err }, registration.ErrInFile},
		"a bad update":         {func() error { _, err := w.Update(ctx, by, 1, with("openid", "x")); return err }, registration.ErrInvalid},
		"another's resource":   {func() error { _, err := w.Register(ctx, by, resourceServer("rp-3")); return err }, registration.ErrInvalid},
		"a dry, old update":    {func() error { _, err := w.CheckUpdate(ctx, 7, []byte(metadata)); return err }, registration.ErrVersion},
		"disabling a file's":   {func() error { _, err := w.Disable(ctx, by, "in-file"); return err }, registration.ErrInFile},
		"removing none":        {func() error { return w.Remove(ctx, by, "rp-2") }, client.ErrUnknown},
		"a secret of none":     {func() error { _, err := w.RotateSecret(ctx, by, "rp-2", 0); return err }, client.ErrUnknown},
		"a secret of a public": {func() error { _, err := w.RotateSecret(ctx, by, "rp-1", 0); return err }, registration.ErrSecret},
		"a long overlap":       {func() error { _, err := w.RotateSecret(ctx, by, "rp-1", registration.MaxOverlap+1); return err }, registration.ErrInvalid},
	} {
		if err := tt.err(); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if w.events() != before {
		t.Errorf("%s", w.events())
	}
	_, err = w.CheckUpdate(ctx, 1, []byte(metadata))
	w.must(err)
	_, err = w.Check(ctx, with("rp-1", "rp-2"))
	w.must(err)
	if w.events() != before {
		t.Error("a dry run was none")
	}
}

// resourceServer are metadata of one whose resource is always the same.
func resourceServer(id string) []byte {
	return with(`"rp-1"`, `"`+id+`","resource_identifiers":["https://api.example"]`)
}

func TestInitialTokensAreBounded(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	good := registration.Policy{Scopes: []string{"openid"}, Hosts: []string{"rp.example"}}
	for name, tt := range map[string]struct {
		uses, days int64
		p          registration.Policy
		field      string
	}{
		"no use":        {0, 1, good, "uses"},
		"too many":      {registration.MaxUses + 1, 1, good, "uses"},
		"no day":        {1, 0, good, "days"},
		"too long":      {1, registration.MaxDays + 1, good, "days"},
		"no openid":     {1, 1, registration.Policy{Scopes: []string{"email"}}, "scopes"},
		"unknown scope": {1, 1, registration.Policy{Scopes: []string{"openid", "admin"}}, "scopes"},
		"a wild host":   {1, 1, registration.Policy{Scopes: []string{"openid"}, Hosts: []string{"*.example"}}, "hosts"},
		"an address":    {1, 1, registration.Policy{Scopes: []string{"openid"}, Hosts: []string{"https://rp.example"}}, "hosts"},
		"a port":        {1, 1, registration.Policy{Scopes: []string{"openid"}, Hosts: []string{"rp.example:8443"}}, "hosts"},
		"capitals":      {1, 1, registration.Policy{Scopes: []string{"openid"}, Hosts: []string{"RP.example"}}, "hosts"},
		"nothing":       {1, 1, registration.Policy{Scopes: []string{"openid"}, Hosts: []string{""}}, "hosts"},
	} {
		_, _, err := w.IssueToken(ctx, by, tt.uses, tt.days, tt.p)
		if !errors.Is(err, registration.ErrInvalid) || !strings.Contains(fields(err), tt.field) {
			t.Errorf("%s: %v", name, err)
		}
	}
	token, plain, err := w.IssueToken(ctx, by, 3, 7, good)
	w.must(err)
	if !token.Good(w.now()) || token.Good(w.now().AddDate(0, 0, 7)) || strings.Contains(token.Digest, plain) || token.Left != 3 {
		t.Errorf("%+v", token)
	}
	w.must(w.RevokeToken(ctx, by, token.ID))
	if err := w.RevokeToken(ctx, by, token.ID); !errors.Is(err, registration.ErrToken) {
		t.Errorf("%v", err)
	}
	if got := w.events(); got != "initial_token.issued by command root, initial_token.revoked by command root" {
		t.Errorf("%s", got)
	}
}

// fields names the fields at fault.
func fields(err error) string {
	var out []string
	if f := fault.As(err); f != nil {
		for name := range f.Fields {
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}

// An operator who turns a client off while it updates itself is not overruled: the update was made on what is no more.
func TestAnUpdateAmidADisabling(t *testing.T) {
	for _, approval := range []bool{false, true} {
		w := newWorld(t)
		_, token := w.initial(1, registration.Policy{Approval: approval})
		r, err := w.RegisterSelf(t.Context(), token, said(nil))
		w.must(err)
		w.Sector = func(context.Context, *client.Client) error { // between what is read and what is written
			_, err := w.Disable(t.Context(), by, r.ID)
			return err
		}
		if _, err := w.UpdateSelf(t.Context(), r.ID, r.Token, said(map[string]any{"client_id": r.ID})); !errors.Is(err, registration.ErrVersion) {
			t.Errorf("%v", err)
		}
		if now, err := w.Get(t.Context(), r.ID); err != nil || now.State != client.Disabled {
			t.Errorf("%s %v", now.State, err)
		}
	}
}
