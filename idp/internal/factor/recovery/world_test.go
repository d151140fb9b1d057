package recovery_test

import (
	"crypto/rand"
	"testing"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor/recovery"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

type world struct {
	*accounttest.World
	Codes *recovery.Service
	anna  account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, clock := backendtest.SQLite(t, sqlstore.Migrations()), accounttest.NewClock()
	return with(t, db, kv.NewEmbedded(db, clock.Now), clock)
}

func with(t *testing.T, db *sqldb.DB, store kv.Store, clock *accounttest.Clock) *world {
	t.Helper()
	w := &world{World: accounttest.With(t, db, store, clock)}
	var err error
	w.Codes, err = recovery.New(recovery.Config{
		Store: sqlstore.NewRecoveryCodes(w.Store), KV: store, Limits: w.Limits, People: sqlstore.NewDevices(w.Store, w.Store), Journal: w.Journal,
		Issuer: accounttest.Issuer, Now: clock.Now, Rand: rand.Reader,
	})
	check(t, err)
	w.anna = w.Anna(t)
	return w
}

func (w *world) issue(t *testing.T, replaces string) (recovery.Set, []string) {
	t.Helper()
	set, codes, err := w.Codes.Issue(t.Context(), w.anna.ID, replaces)
	check(t, err)
	return set, codes
}

func (w *world) ask(t *testing.T) string {
	t.Helper()
	q, err := w.Codes.Ask(t.Context(), w.anna.ID)
	check(t, err)
	return q.ID
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
