package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Security case 18: what an operator takes from a client is gone at once, for everything that it had been
// given. Nobody is sent to it, and its other tokens come back only when it is enabled again.
func TestADisabledClientGetsNothing(t *testing.T) {
	w := newWorld(t)
	w.stored("db", map[string]any{
		"redirect_uris": []string{callback}, "post_logout_redirect_uris": []string{"https://rp.example/bye"},
		"grant_types": []string{"authorization_code", "refresh_token"}, "scope": "openid email offline_access",
	})
	cookie, q := w.signIn(true), ask("client_id", "db", "scope", "openid email offline_access")
	code := func() string { return answer(w.authorize(q, cookie)).Get("code") }
	got, rec := w.token(w.as("db", exchange(code())))
	if got.Refresh == "" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	late := code()
	refresh := func() (tokens, int) {
		tk, rec := w.token(w.as("db", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}}))
		return tk, rec.Code
	}
	_, err := w.registrar.Disable(t.Context(), "command root", "db")
	w.must(err)

	page := w.authorize(q, cookie)
	if page.Code != http.StatusForbidden || page.Header().Get("Location") != "" || !strings.Contains(page.Body.String(), "This service is switched off") {
		t.Errorf("authorize: %d to %q", page.Code, page.Header().Get("Location"))
	}
	if rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {got.ID}, "post_logout_redirect_uri": {"https://rp.example/bye"}}.Encode(), nil, cookie); rec.Code != http.StatusForbidden || rec.Header().Get("Location") != "" {
		t.Errorf("people are sent to it at sign-out: %d %q", rec.Code, rec.Header().Get("Location"))
	}
	if tk, rec := w.token(w.as("db", exchange(late))); tk.Error != "invalid_client" || rec.Code != http.StatusUnauthorized {
		t.Errorf("a code: %d %s", rec.Code, rec.Body)
	}
	if tk, status := refresh(); tk.Error != "invalid_client" || status != http.StatusUnauthorized {
		t.Errorf("a refresh: %d %+v", status, tk)
	}
	for path, form := range map[string]url.Values{
		"/oauth/introspect": {"token": {got.Access}}, "/oauth/revoke": {"token": {got.Access}}, "/oauth/par": q,
	} {
		if rec := w.do("POST", path, w.as("db", form)); rec.Code != http.StatusUnauthorized || strings.Contains(rec.Body.String(), "active") {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
	if rec := w.userinfo(got.Access); rec.Code != http.StatusUnauthorized {
		t.Errorf("userinfo: %d", rec.Code)
	}
	w.register("watcher", map[string]any{"redirect_uris": []string{"https://watcher.example/cb"}, "introspects": []string{"db"}})
	if on, body := w.active("watcher", got.Access); on || body != `{"active":false}` && body != "{\"active\":false}\n" {
		t.Errorf("introspection: %s", body)
	}

	_, err = w.registrar.Enable(t.Context(), "command root", "db", 0)
	w.must(err)
	if on, _ := w.active("watcher", got.Access); !on {
		t.Error("an enabled client's token is dead")
	}
	if tk, status := refresh(); tk.Refresh == "" {
		t.Fatalf("a refresh of an enabled client: %d", status)
	} else {
		got = tk
	}
	w.must(w.registrar.Remove(t.Context(), "command root", "db"))
	if rec := w.authorize(q, cookie); rec.Code != http.StatusUnprocessableEntity || rec.Header().Get("Location") != "" {
		t.Errorf("a removed client: %d", rec.Code)
	}
	if on, _ := w.active("watcher", got.Access); on {
		t.Error("a removed client's token lives")
	}
	if tk, status := refresh(); tk.Error != "invalid_client" || status != http.StatusUnauthorized {
		t.Errorf("a removed client's refresh: %d %+v", status, tk)
	}
}

// A client that waits for its approval is one that gets nothing yet.
func TestTheDeviceOfADisabledClient(t *testing.T) {
	w := newWorld(t)
	w.stored("tv", map[string]any{
		"response_types": []string{}, "grant_types": []string{"urn:ietf:params:oauth:grant-type:device_code"}, "token_endpoint_auth_method": "none", "scope": "openid",
	})
	ask := url.Values{"client_id": {"tv"}, "scope": {"openid"}}
	if rec := w.do("POST", "/oauth/device_authorization", ask); rec.Code != http.StatusOK {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	_, err := w.registrar.Disable(t.Context(), "command root", "tv")
	w.must(err)
	if rec := w.do("POST", "/oauth/device_authorization", ask); rec.Code != http.StatusUnauthorized || !strings.Contains(rec.Body.String(), "invalid_client") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}

// stored registers a client in the database.
func (w *world) stored(id string, changes map[string]any) {
	w.t.Helper()
	_, err := w.registrar.Register(w.t.Context(), "command root", w.metadata(id, changes))
	w.must(err)
}
