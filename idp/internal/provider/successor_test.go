package provider_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A service that comes to an id that another one had, in a file after one was removed from the database, or in the
// database after a file went away, inherits nothing: no token of a person or of its own, no code, and no person's word.
func TestASuccessorInheritsNothing(t *testing.T) {
	const addr = "https://heir.example/cb"
	metadata := func(w *world) []byte {
		return w.metadata("heir", map[string]any{"redirect_uris": []string{addr}, "scope": "openid email offline_access cpms.grants.read", "grant_types": []string{"authorization_code", "refresh_token", "client_credentials"}})
	}
	file := func(w *world) {
		w.must(os.WriteFile(filepath.Join(w.folder, "heir.json"), metadata(w), 0o600))
		w.must(w.clients.Reload())
	}
	database := func(w *world) {
		_, err := w.registrar.Register(w.t.Context(), "command root", metadata(w))
		w.must(err)
	}
	for name, tt := range map[string]struct{ first, ends, then func(*world) }{
		"a file after the database": {database, func(w *world) { w.must(w.registrar.Remove(w.t.Context(), "command root", "heir")) }, file},
		"the database after a file": {file, func(w *world) {
			w.must(os.Remove(filepath.Join(w.folder, "heir.json")))
			w.must(w.clients.Reload())
		}, database},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			tt.first(w)
			w.pass(time.Second)
			c := w.signIn(true)
			mine := func(scope string) url.Values {
				return ask("client_id", "heir", "redirect_uri", addr, "scope", scope)
			}
			redeem := func(code string) (got tokens) {
				got, _ = w.token(w.as("heir", exchange(code, "redirect_uri", addr)))
				return got
			}
			online := redeem(answer(w.authorize(mine("openid email"), c)).Get("code"))
			away := redeem(answer(w.authorize(mine("openid email offline_access"), c)).Get("code"))
			own, _ := w.token(w.as("heir", url.Values{"grant_type": {"client_credentials"}}))
			open := answer(w.authorize(mine("openid email"), c)).Get("code")
			for which, token := range map[string]string{"online": online.Access, "away": away.Access, "own": own.Access} {
				if on, _ := w.active("heir", token); !on {
					t.Fatalf("%s: dead before", which)
				}
			}
			w.pass(time.Second)
			tt.ends(w)
			w.pass(time.Second)
			tt.then(w)
			for which, token := range map[string]string{"online": online.Access, "away": away.Access, "own": own.Access} {
				if on, body := w.active("heir", token); on {
					t.Errorf("%s: %s", which, body)
				}
			}
			for which, token := range map[string]string{"online": online.Access, "away": away.Access} {
				if rec := w.userinfo(token); rec.Code != http.StatusUnauthorized {
					t.Errorf("userinfo by %s: %d", which, rec.Code)
				}
			}
			if got, rec := w.token(w.as("heir", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {away.Refresh}})); got.Error != "invalid_grant" {
				t.Errorf("refresh: %d %s", rec.Code, rec.Body)
			}
			if got := redeem(open); got.Error != "invalid_grant" {
				t.Errorf("a code: %+v", got)
			}
			q := mine("openid email")
			q.Set("prompt", "none")
			if got := answer(w.authorize(q, c)); got.Get("error") != "consent_required" {
				t.Errorf("nobody is asked anew: %v", got)
			}
			again, _ := w.token(w.as("heir", url.Values{"grant_type": {"client_credentials"}}))
			if on, _ := w.active("heir", again.Access); !on {
				t.Error("its own new token is dead")
			}
		})
	}
}
