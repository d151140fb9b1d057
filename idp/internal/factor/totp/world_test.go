package totp_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"net/url"
	"testing"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

type world struct {
	*accounttest.World
	TOTP *totp.Service
	anna account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, clock := backendtest.SQLite(t, sqlstore.Migrations()), accounttest.NewClock()
	return with(t, db, kv.NewEmbedded(db, clock.Now), clock)
}

func with(t *testing.T, db *sqldb.DB, store kv.Store, clock *accounttest.Clock) *world {
	t.Helper()
	w := &world{World: accounttest.With(t, db, store, clock)}
	box, err := seal.New(bytes.Repeat([]byte{7}, 32))
	check(t, err)
	w.TOTP, err = totp.New(totp.Config{
		Product: "EU Login", Store: sqlstore.NewAuthenticators(w.Store, w.Store), KV: store, Box: box, Limits: w.Limits, Journal: w.Journal,
		Now: clock.Now, Rand: rand.Reader,
	})
	check(t, err)
	w.anna = w.Anna(t)
	return w
}

// engines runs a test on SQLite and PostgreSQL, with the embedded store and with Redis.
func engines(t *testing.T, f func(t *testing.T, w *world)) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		f(t, with(t, db, store, accounttest.NewClock()))
	}, sqlstore.Migrations())
}

func person(a account.Account) totp.Person {
	return totp.Person{Account: a.ID, Session: "session of " + a.Email, Label: a.Email}
}

// app is somebody's authenticator app.
type app struct {
	w    *world
	id   string
	seed []byte
}

// scan reads what a setup shows, as an app does.
func (w *world) scan(t *testing.T, id, uri string) app {
	t.Helper()
	u, err := url.Parse(uri)
	check(t, err)
	seed, err := base32.StdEncoding.DecodeString(u.Query().Get("secret"))
	check(t, err)
	if len(seed) != totp.SeedSize {
		t.Fatalf("a seed of %d bytes", len(seed))
	}
	return app{w, id, seed}
}

// code is what the app shows, some steps from now.
func (a app) code(steps int64) string { return totp.Code(a.seed, totp.Step(a.w.Clock.Now())+steps) }

// wrong is a code that the app does not show around now.
func (a app) wrong() string {
	for _, c := range []string{"000000", "111111", "222222", "333333"} {
		if c != a.code(-1) && c != a.code(0) && c != a.code(1) {
			return c
		}
	}
	panic("four codes are right")
}

// begin opens a setup and scans it.
func (w *world) begin(t *testing.T, a account.Account, name string) app {
	t.Helper()
	id, err := w.TOTP.Begin(t.Context(), person(a), name)
	check(t, err)
	shown, err := w.TOTP.Setup(t.Context(), person(a), id)
	check(t, err)
	return w.scan(t, id, shown.URI)
}

// add adds an app; the code of the present step is used up by it.
func (w *world) add(t *testing.T, a account.Account, name string) app {
	t.Helper()
	one := w.begin(t, a, name)
	_, err := w.TOTP.Confirm(t.Context(), person(a), one.id, one.code(0))
	check(t, err)
	return one
}

// ask opens a question.
func (w *world) ask(t *testing.T) string {
	t.Helper()
	q, err := w.TOTP.Ask(t.Context(), w.anna.ID)
	check(t, err)
	return q.ID
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
