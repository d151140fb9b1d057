package provider_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"eulogin.example/idp/internal/grant"
)

func TestD15OutageIs503(t *testing.T) {
	w := newWorld(t)
	code, got, session := w.code(), w.redeem(w.code()), w.signIn(true)
	forms := map[string]url.Values{
		"/oauth/token":      w.as("rp", exchange(code)),
		"/oauth/introspect": w.as("rp", url.Values{"token": {got.Access}}),
		"/oauth/revoke":     w.as("rp", url.Values{"token": {got.Access}}),
	}
	refresh := w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}})
	w.must(w.db.Close())
	check := func(name string, rec *httptest.ResponseRecorder) {
		t.Helper()
		body := rec.Body.String()
		if rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" || strings.Contains(body, "invalid_grant") || strings.Contains(body, "active") || strings.Contains(body, "database") {
			t.Errorf("%s: %d %s", name, rec.Code, body)
		}
	}
	for path, form := range forms {
		check(path, w.do("POST", path, form))
	}
	check("refresh", w.do("POST", "/oauth/token", refresh))
	r := httptest.NewRequest("GET", w.issuer+"/oauth/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+got.Access)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	check("userinfo", rec)
	if rec := w.authorize(ask(), session); rec.Code != http.StatusServiceUnavailable {
		t.Errorf("authorize: %d", rec.Code)
	}
}

// An outage uses nothing up: the same request is good afterwards.
func TestAfterAnOutageTheSameRequestIsGood(t *testing.T) {
	w := newWorld(t)
	code := w.code()
	w.lasting.down.Store(true)
	if _, rec := w.token(w.as("rp", exchange(code))); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	w.lasting.down.Store(false)
	got, rec := w.token(w.as("rp", exchange(code)))
	if got.Refresh == "" {
		t.Fatalf("the code was used up: %d %s", rec.Code, rec.Body)
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}}
	for name, down := range map[string]func(bool){"expiring": w.kv.down.Store, "lasting": w.lasting.down.Store} {
		again := w.as("rp", form)
		down(true)
		if _, rec := w.token(again); rec.Code != http.StatusServiceUnavailable {
			t.Fatalf("%s: %d %s", name, rec.Code, rec.Body)
		}
		down(false)
	}
	if got = w.refresh(got.Refresh); got.Refresh == "" {
		t.Fatal("the refresh token was used up")
	}
	if got, _ := w.token(w.as("rp", exchange(code))); got.Error != "invalid_grant" {
		t.Fatal("the code came back for good")
	}
}

// A store hangs, and the caller gives up before it answers: the same code, and the same device code, are good
// when it is back.
func TestACallerThatGivesUpUsesNothingUp(t *testing.T) {
	w := tv(t)
	code, d := w.code(), w.beginDevice("tv")
	b := &deviceBrowser{w, []*http.Cookie{w.signIn(true)}}
	b.answer(b.typed(d.User), "allow")
	for name, form := range map[string]func() url.Values{
		"code": func() url.Values { return w.as("rp", exchange(code)) },
		"device": func() url.Values {
			return url.Values{"grant_type": {deviceGrant}, "client_id": {"tv"}, "device_code": {d.Device}}
		},
	} {
		ctx, giveUp := context.WithCancel(t.Context())
		w.lasting.before = giveUp
		r := httptest.NewRequest("POST", w.issuer+"/oauth/token", strings.NewReader(form().Encode())).WithContext(ctx)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != http.StatusServiceUnavailable {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
		w.lasting.before = nil
		w.pass(grant.DeviceInterval)
		if got, rec := w.token(form()); got.Refresh == "" {
			t.Errorf("%s afterwards: %d %s", name, rec.Code, rec.Body)
		}
	}
}

// Every endpoint, every store: an outage is 503, tells nothing of where, and changes no state.
func TestEachStoreDown(t *testing.T) {
	w := newWorld(t)
	code, got, c := w.code(), w.redeem(w.code()), w.signIn(true)
	native := w.nativeCode()
	for name, down := range map[string]func(bool){"expiring": w.kv.down.Store, "lasting": w.lasting.down.Store} {
		forms := map[string]url.Values{
			"/oauth/introspect": w.as("rp", url.Values{"token": {got.Access}}),
			"/oauth/revoke":     w.as("rp", url.Values{"token": {got.Refresh}}),
			"/oauth/token":      w.as("rp", exchange(code)),
		}
		down(true)
		answers := map[string]*httptest.ResponseRecorder{"userinfo": w.userinfo(got.Access), "authorize": w.authorize(ask(), c), "public client": w.do("POST", "/oauth/token", native)}
		for path, form := range forms {
			answers[path] = w.do("POST", path, form)
		}
		if name == "expiring" {
			answers["sign-out"] = w.do("GET", "/end_session", nil, c)
		}
		down(false)
		for what, rec := range answers {
			body := rec.Body.String()
			if rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" || rec.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s store, %s: %d %v", name, what, rec.Code, rec.Header())
			}
			for _, word := range []string{"10.2.3", "refused", "invalid_", "active", "code="} {
				if strings.Contains(body+rec.Header().Get("Location"), word) {
					t.Errorf("%s store, %s says %q: %s", name, what, word, body)
				}
			}
		}
	}
	if on, _ := w.active("rp", got.Access); !on {
		t.Error("a revocation that was answered with 503 has happened")
	}
}
