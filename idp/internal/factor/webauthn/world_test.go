package webauthn_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"testing"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/idp/internal/webauthntest"
	"eulogin.example/proto/kit/fault"
)

// world is the factor on real stores.
type world struct {
	*accounttest.World
	t    testing.TB
	keys *webauthn.Service
	anna account.Account
}

// journal writes one event for each change, as account care does.
type journal struct{ clock *accounttest.Clock }

func (j journal) record(id ident.AccountID, action string) (factor.Record, error) {
	return factor.Record{At: j.clock.Now(), Events: []audit.Event{{Actor: id, Subject: id, Action: action}}}, nil
}

func (j journal) Added(_ context.Context, id ident.AccountID, _ factor.Factor) (factor.Record, error) {
	return j.record(id, "factor.added")
}

func (j journal) Removed(_ context.Context, id ident.AccountID, _ factor.Factor) (factor.Record, error) {
	return j.record(id, "factor.removed")
}

// people looks accounts up.
type people struct{ store *sqlstore.Store }

func (p people) Person(ctx context.Context, id ident.AccountID) (notify.Person, error) {
	a, err := p.store.ByID(ctx, id)
	return a.Person(), err
}

const (
	origin = "https://login.test"
	rpID   = "login.test"
)

func newWorld(t testing.TB, roots *x509.CertPool) *world {
	t.Helper()
	w := &world{World: accounttest.New(t), t: t}
	var err error
	w.keys, err = webauthn.New(webauthn.Config{
		Issuer: accounttest.Issuer, Product: "EU Login", Roots: roots, Store: sqlstore.NewKeys(w.Store, w.Store), KV: w.KV, Limits: w.Limits,
		People: people{w.Store}, Journal: journal{w.Clock}, Now: w.Clock.Now, Rand: rand.Reader,
	})
	must(t, err)
	w.anna = w.Anna(t)
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func device(t *testing.T) *webauthntest.Authenticator { return webauthntest.New(t, origin, rpID) }

// add enrols an authenticator for an account.
func (w *world) add(who account.ID, name string, a *webauthntest.Authenticator) webauthn.Credential {
	w.t.Helper()
	c, err := w.keys.Begin(w.t.Context(), who, name)
	must(w.t, err)
	k, err := w.keys.Finish(w.t.Context(), who, c.ID, a.Create(w.t, c.Options))
	must(w.t, err)
	return k
}

// ask opens a sign-in; "" names nobody.
func (w *world) ask(who account.ID) webauthn.Ceremony {
	w.t.Helper()
	c, err := w.keys.Ask(w.t.Context(), ident.NewID(rand.Reader), who)
	must(w.t, err)
	return c
}

// why gives the catalogue's key of what is wrong with an answer, or its code.
func why(err error) string {
	if e := fault.As(err); e != nil && len(e.Fields) > 0 {
		return e.Fields["code"].Key + e.Fields["name"].Key
	}
	if err == nil {
		return ""
	}
	return fault.CodeOf(err)
}
