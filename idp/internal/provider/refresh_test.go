package provider_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/policy"
)

func TestD20RefreshKeepsWhatTheSignInWas(t *testing.T) {
	w := newWorld(t)
	first := w.redeem(w.code())
	before := w.claims(first.ID)
	w.pass(time.Hour)
	refresh := func(token string) tokens {
		got, _ := w.token(w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}))
		return got
	}
	second := refresh(first.Refresh)
	after := w.claims(second.ID)
	for _, c := range []string{"acr", "auth_time", "sid", "sub", "iss", "aud"} {
		if before[c] == nil || before[c] != after[c] {
			t.Errorf("%s: %v became %v", c, before[c], after[c])
		}
	}
	if refresh(first.Refresh).Error != "invalid_grant" {
		t.Fatal("a rotated token was accepted")
	}
	third := refresh(second.Refresh)
	if third.Refresh == "" {
		t.Fatal("within the grace window a doubled refresh must not end the family")
	}
	w.pass(grant.Grace)
	if refresh(second.Refresh).Error != "invalid_grant" || refresh(third.Refresh).Error != "invalid_grant" {
		t.Fatal("reuse did not end the family")
	}
	if on, _ := w.active("rp", third.Access); !on {
		t.Log("the access token ends with its five minutes") // opaque tokens of the family are short
	}
}

func TestRefreshRaceHasOneWinner(t *testing.T) {
	w := newWorld(t)
	got := w.redeem(w.code())
	forms := make([]url.Values, 100)
	for i := range forms {
		forms[i] = w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}})
	}
	var n atomic.Int64
	var wg sync.WaitGroup
	for _, f := range forms {
		wg.Go(func() {
			if got, _ := w.token(f); got.Access != "" {
				n.Add(1)
			}
		})
	}
	wg.Wait()
	if n.Load() != 1 {
		t.Fatalf("%d winners", n.Load())
	}
}

func TestDisabledAccountGetsNothing(t *testing.T) {
	w := newWorld(t)
	got := w.redeem(w.code())
	_, err := w.db.ExecContext(t.Context(), `UPDATE accounts SET status = 'disabled'`)
	w.must(err)
	if again, _ := w.token(w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}})); again.Error != "invalid_grant" {
		t.Fatal("a disabled account was refreshed")
	}
	if a := answer(w.authorize(ask("prompt", "none"), w.signIn(true))); a.Get("code") != "" {
		t.Fatal("a disabled account got a code")
	}
}

// Security case 17: a public client's token that comes twice ends its family at once, and an
// older one ends it for everybody.
func TestReuseByPublicClientsHasNoGrace(t *testing.T) {
	w := newWorld(t)
	first, _ := w.token(w.nativeCode())
	refresh := func(token string) tokens {
		got, _ := w.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {"app"}})
		return got
	}
	second := refresh(first.Refresh)
	if second.Refresh == "" {
		t.Fatalf("%+v", second)
	}
	if refresh(first.Refresh).Error != "invalid_grant" || refresh(second.Refresh).Error != "invalid_grant" {
		t.Fatal("the family outlived the reuse")
	}
	if rec := w.userinfo(second.Access); rec.Code != http.StatusUnauthorized {
		t.Errorf("its access token lives: %d", rec.Code)
	}
}

func TestAnOldTokenEndsTheFamily(t *testing.T) {
	w := newWorld(t)
	first := w.redeem(w.code())
	second := w.refresh(first.Refresh)
	third := w.refresh(second.Refresh)
	if w.refresh(first.Refresh).Error != "invalid_grant" || w.refresh(third.Refresh).Error != "invalid_grant" {
		t.Fatal("a token of two rotations ago is no double click")
	}
	if on, _ := w.active("rp", third.Access); on {
		t.Error("the access token outlived its family")
	}
}

// Security case 18: what was approved once is held against what is so now.
func TestRefreshSeesWhatHasChanged(t *testing.T) {
	refresh := []string{"authorization_code", "refresh_token"}
	meta := func(more map[string]any) map[string]any {
		m := map[string]any{"redirect_uris": []string{callback}, "scope": "openid email profile offline_access", "grant_types": refresh}
		for k, v := range more {
			m[k] = v
		}
		return m
	}
	for name, change := range map[string]func(w *world){
		"account disabled":   func(w *world) { w.exec(`UPDATE accounts SET status = 'disabled'`) },
		"account erased":     func(w *world) { w.exec(`UPDATE accounts SET status = 'erased'`) },
		"two factors wanted": func(w *world) { w.exec(`UPDATE accounts SET always_mfa = TRUE`) },
		"family revoked":     func(w *world) { w.must(w.store.RevokeFamilies(w.t.Context(), w.now(), anna, "", "test")) },
		"level raised": func(w *world) {
			w.register("rp", meta(map[string]any{"default_acr_values": []string{policy.ACRMedium}}))
		},
		"grant taken away":          func(w *world) { w.register("rp", meta(map[string]any{"scope": "openid", "grant_types": refresh[:1]})) },
		"past its end":              func(w *world) { w.pass(31 * 24 * time.Hour) },
		"client gone":               func(w *world) { w.must(os.Remove(filepath.Join(w.folder, "rp.json"))); w.must(w.clients.Reload()) },
		"lifetime of the token set": func(w *world) { w.pass(10 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			rec := w.authorize(ask(), w.signIn(false))
			if name == "lifetime of the token set" {
				w.register("rp", meta(map[string]any{"refresh_token_lifetime": 300}))
			}
			got := w.redeem(answer(rec).Get("code"))
			change(w)
			if again := w.refresh(got.Refresh); again.Access != "" || again.Error == "" {
				t.Fatalf("%+v", again)
			}
		})
	}
}

// A client that may ask for less by now gets less; one that asks for more gets nothing.
func TestRefreshNarrows(t *testing.T) {
	w := newWorld(t)
	got := w.redeem(w.code())
	if w.refresh(got.Refresh, "scope", "openid phone").Error != "invalid_scope" {
		t.Fatal("a scope that was not granted")
	}
	less := w.refresh(got.Refresh, "scope", "openid email")
	if c := w.claims(less.ID); c["email"] == nil || c["name"] != nil {
		t.Errorf("%v", c)
	}
	if on, body := w.active("rp", less.Access); !on || !strings.Contains(body, `"openid email"`) {
		t.Errorf("%s", body)
	}
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "scope": "openid offline_access", "grant_types": []string{"authorization_code", "refresh_token"}})
	if c := w.claims(w.refresh(less.Refresh).ID); c["email"] != nil {
		t.Errorf("the client may not ask for the address any more: %v", c)
	}
}

// exec changes the database behind everybody's back.
func (w *world) exec(query string) {
	w.t.Helper()
	_, err := w.db.ExecContext(w.t.Context(), query)
	w.must(err)
}

// nativeCode signs in to the native client and gives the form that redeems its code.
func (w *world) nativeCode() url.Values {
	w.t.Helper()
	rec := w.authorize(ask("client_id", "app", "redirect_uri", "http://127.0.0.1:7/cb", "scope", "openid offline_access"), w.signIn(true))
	return exchange(answer(rec).Get("code"), "redirect_uri", "http://127.0.0.1:7/cb", "client_id", "app")
}
