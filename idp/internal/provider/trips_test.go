package provider_test

import (
	"database/sql"
	"net/http"
	"testing"
)

// What an endpoint costs: trips to the expiring store, that of a client assertion for its jti included,
// and writes to the lasting one.
func TestTripsToTheStores(t *testing.T) {
	t.Run("handles", func(t *testing.T) { countTrips(t, newWorld(t)) })
	t.Run("JWTs", func(t *testing.T) { countTrips(t, apis(t, "access_token_format", "jwt")) })
}

func countTrips(t *testing.T, w *world) {
	c := w.signIn(true)
	plain := ask("scope", "openid email")
	w.authorize(plain, c) // the session remembers a new client once
	native := ask("client_id", "app", "redirect_uri", "http://127.0.0.1/cb", "scope", "openid")
	w.authorize(native, c)
	writes := w.watch()
	var code, access, offline string
	for _, step := range []struct {
		name  string
		trips int64
		write bool
		do    func() bool
	}{
		{"authorize with a living session", 2, false, func() bool { code = answer(w.authorize(plain, c)).Get("code"); return code != "" }},
		{"code exchange with private_key_jwt", 2, false, func() bool { got, _ := w.token(w.as("rp", exchange(code))); access = got.Access; return got.ID != "" }},
		{"introspection with private_key_jwt", 2, false, func() bool { on, _ := w.active("rp", access); return on }},
		{"userinfo", 2, false, func() bool { return w.userinfo(access).Code == http.StatusOK }},
		{"authorize of a public client", 2, false, func() bool { code = answer(w.authorize(native, c)).Get("code"); return code != "" }},
		{"code exchange of a public client", 2, false, func() bool {
			got, _ := w.token(exchange(code, "client_id", "app", "redirect_uri", "http://127.0.0.1/cb"))
			return got.ID != ""
		}},
		{"code exchange for access while away", 2, true, func() bool { got, _ := w.token(w.as("rp", exchange(code))); return got.Refresh != "" }},
		{"refresh with private_key_jwt", 2, true, func() bool { return w.refresh(offline).Refresh != "" }},
		{"key set", 0, false, func() bool { return w.do("GET", "/oauth/keys", nil).Code == http.StatusOK }},
		{"discovery", 0, false, func() bool { return w.do("GET", "/.well-known/openid-configuration", nil).Code == http.StatusOK }},
	} {
		if step.write {
			code = answer(w.authorize(ask(), c)).Get("code")
			offline = w.redeem(answer(w.authorize(ask(), c)).Get("code")).Refresh
		}
		w.kv.trips.Store(0)
		before := writes()
		if !step.do() {
			t.Fatalf("%s failed", step.name)
		}
		if n := w.kv.trips.Load(); n != step.trips {
			t.Errorf("%s: %d trips, not %d", step.name, n, step.trips)
		}
		if wrote := writes() != before; wrote != step.write {
			t.Errorf("%s: writes to the lasting store: %v", step.name, wrote)
		}
	}
}

// watch gives a number that changes whenever somebody else writes to the database.
func (w *world) watch() func() int64 {
	w.t.Helper()
	var seq int
	var name, file string
	w.must(w.db.QueryRowContext(w.t.Context(), `PRAGMA database_list`).Scan(&seq, &name, &file))
	own, err := sql.Open("sqlite", file)
	w.must(err)
	own.SetMaxOpenConns(1)
	w.t.Cleanup(func() { _ = own.Close() })
	return func() (n int64) {
		w.t.Helper()
		w.must(own.QueryRowContext(w.t.Context(), `PRAGMA data_version`).Scan(&n))
		return n
	}
}
