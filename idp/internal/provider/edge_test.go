package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestD11MethodsAndQueries(t *testing.T) {
	w := newWorld(t)
	if code := w.do("GET", "/oauth/token?"+exchange("x").Encode(), nil).Code; code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", code)
	}
	if code := w.do("POST", "/oauth/token?code=x", exchange("x")).Code; code != http.StatusBadRequest {
		t.Errorf("query: %d", code)
	}
	code := w.code()
	if rec := w.do("POST", "/oauth/token?x=1", w.as("rp", exchange(code))); rec.Code != http.StatusBadRequest || strings.Contains(rec.Body.String(), "access_token") {
		t.Errorf("a good form at an address with a query: %d", rec.Code)
	}
	got := w.redeem(code)
	if code := w.do("GET", "/oauth/userinfo?access_token="+got.Access, nil).Code; code != http.StatusBadRequest {
		t.Errorf("a token in the query: %d", code)
	}
}

func TestD12NoStoreAndD13CORS(t *testing.T) {
	w := newWorld(t)
	_, rec := w.token(w.as("rp", exchange(w.code())))
	if rec.Header().Get("Cache-Control") != "no-store" {
		t.Error("a token may be cached")
	}
	for path, open := range map[string]bool{"/oauth/keys": true, "/.well-known/openid-configuration": true, "/oauth/userinfo": false, "/authorize": false, "/end_session": false} {
		r := httptest.NewRequest("GET", w.issuer+path, nil)
		r.Header.Set("Origin", "https://evil.example")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if got := rec.Header().Get("Access-Control-Allow-Origin"); (got != "") != open || rec.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %q", path, got)
		}
		if open && !strings.Contains(rec.Header().Get("Cache-Control"), "max-age") {
			t.Errorf("%s cannot be cached", path)
		}
	}
}

func TestD30RepeatedParameters(t *testing.T) {
	w := newWorld(t)
	q := ask()
	q.Add("redirect_uri", "https://evil.example")
	if rec := w.authorize(q, w.signIn(true)); rec.Header().Get("Location") != "" || rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("authorize: %d", rec.Code)
	}
	// A resource alone may come again (RFC 8707 §2), and takes no other parameter with it.
	q = ask()
	q["resource"] = []string{w.issuer, w.issuer}
	if answer(w.authorize(q, w.signIn(true))).Get("code") == "" {
		t.Error("a resource may come again")
	}
	q.Add("scope", "openid")
	if rec := w.authorize(q, w.signIn(true)); rec.Header().Get("Location") != "" || rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("authorize: %d", rec.Code)
	}
	form := w.as("rp", exchange("x"))
	form.Add("code", "y")
	if _, rec := w.token(form); rec.Code != http.StatusBadRequest {
		t.Errorf("token: %d", rec.Code)
	}
}

// Scripts may read the answers of the token endpoint where a public client registered its
// origin, and never with cookies.
func TestCORSIsPerRouteAndClient(t *testing.T) {
	w := newWorld(t)
	preflight := func(path, origin string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("OPTIONS", w.issuer+path, nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", "POST")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		return rec
	}
	for path, want := range map[string]string{"/oauth/token": "https://spa.example", "/oauth/userinfo": "https://spa.example", "/oauth/revoke": "https://spa.example", "/oauth/introspect": "", "/authorize": "", "/end_session": ""} {
		rec := preflight(path, "https://spa.example")
		if got := rec.Header().Get("Access-Control-Allow-Origin"); got != want || (want != "") != (rec.Code == http.StatusOK) {
			t.Errorf("%s: %d %q", path, rec.Code, got)
		}
	}
	for _, origin := range []string{"https://evil.example", "https://rp.example", "http://spa.example", "https://spa.example.evil.example", "null", "http://127.0.0.1"} {
		rec := preflight("/oauth/token", origin)
		if rec.Header().Get("Access-Control-Allow-Origin") != "" || rec.Header().Get("Vary") != "Origin" {
			t.Errorf("%s: %v", origin, rec.Header())
		}
	}
}

// OpenID Connect Core §3.1.2.1 and RP-Initiated Logout §2 want POST from other sites too. It
// becomes a GET, because only with that the browser sends its cookies.
func TestFormsOfServicesBecomeGET(t *testing.T) {
	w := newWorld(t)
	for path, form := range map[string]url.Values{"/authorize": ask(), "/end_session": {"client_id": {"rp"}, "state": {"x"}}} {
		r := httptest.NewRequest("POST", w.issuer+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "https://rp.example")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if to := rec.Header().Get("Location"); rec.Code != http.StatusSeeOther || to != path+"?"+form.Encode() {
			t.Fatalf("%s: %d to %q", path, rec.Code, to)
		}
		if len(rec.Result().Cookies()) != 0 {
			t.Errorf("%s: a foreign form changed cookies", path)
		}
	}
	r := httptest.NewRequest("POST", w.issuer+"/end_session/confirm", strings.NewReader(""))
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	c := w.signIn(true)
	r.AddCookie(c)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusForbidden {
		t.Errorf("another site said yes for the person: %d", rec.Code)
	}
	if a := answer(w.authorize(ask("prompt", "none"), c)); a.Get("code") == "" {
		t.Error("another site signed the person out")
	}
}

func TestOtherMethodsAndPaths(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		method, path, allow string
		code                int
	}{
		{"HEAD", "/.well-known/openid-configuration", "", 200}, {"HEAD", "/oauth/keys", "", 200}, {"HEAD", "/authorize/callback", "GET", 405}, {"PUT", "/authorize", "GET, POST", 405},
		{"POST", "/oauth/keys", "GET, HEAD", 405}, {"DELETE", "/oauth/token", "POST", 405}, {"GET", "/end_session/confirm", "POST", 405},
		{"GET", "/healthz", "", 404}, {"GET", "/ready", "", 404}, {"POST", "/device_authorization", "", 404}, {"GET", "/oauth/token/", "", 404},
	} {
		rec := w.do(tt.method, tt.path, nil)
		if rec.Code != tt.code || rec.Header().Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d, Allow %q", tt.method, tt.path, rec.Code, rec.Header().Get("Allow"))
		}
	}
}

func TestBodiesAreLimited(t *testing.T) {
	w := newWorld(t)
	form := exchange(strings.Repeat("x", 100<<10))
	if rec := w.do("POST", "/oauth/token", form); rec.Code != http.StatusBadRequest || strings.Contains(rec.Body.String(), "xxx") {
		t.Errorf("%d", rec.Code)
	}
	if rec := w.do("POST", "/authorize", ask("state", strings.Repeat("x", 20<<10))); rec.Code != http.StatusBadRequest || rec.Header().Get("Location") != "" {
		t.Errorf("a form that makes no address: %d", rec.Code)
	}
	if a := answer(w.authorize(ask("state", strings.Repeat("x", 2000)), w.signIn(true))); a.Get("error") != "invalid_request" || a.Get("state") != "" {
		t.Errorf("a long state: %v", a)
	}
}

// Security case 37: nothing that a stranger wrote into an address stands in a page as it is.
func TestErrorPagesReflectNothing(t *testing.T) {
	w := newWorld(t)
	const evil = `"><script>alert(1)</script>`
	repeated := ask()
	repeated[evil] = []string{"1", "2"}
	for name, target := range map[string]string{
		"a repeated parameter's name": "/authorize?" + repeated.Encode(),
		"client":                      "/authorize?" + ask("client_id", evil, "ui_locales", evil, "login_hint", evil).Encode(),
		"address":                     "/authorize?" + ask("redirect_uri", "javascript:alert(1)//"+evil).Encode(),
		"flow":                        "/authorize/callback?" + url.Values{"id": {evil}}.Encode(),
		"sign-out":                    "/end_session?" + url.Values{"client_id": {"rp"}, "state": {evil}, "post_logout_redirect_uri": {"https://rp.example/bye"}}.Encode(),
	} {
		rec := w.do("GET", target, nil, w.signIn(true))
		if strings.Contains(rec.Body.String(), "<script>alert") || !strings.Contains(rec.Header().Get("Content-Security-Policy"), "script-src 'self'") || rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}
