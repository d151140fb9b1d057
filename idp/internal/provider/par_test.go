package provider_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// push sends an authorization request ahead and gives its request_uri.
func (w *world) push(form url.Values) (string, *httptest.ResponseRecorder) {
	rec := w.do("POST", "/oauth/par", form)
	var got struct {
		URI     string `json:"request_uri"`
		Expires int    `json:"expires_in"`
		Error   string `json:"error"`
	}
	_ = json.Unmarshal(rec.Body.Bytes(), &got)
	if rec.Code == http.StatusCreated && (got.Expires != 300 || rec.Header().Get("Cache-Control") != "no-store") {
		w.t.Errorf("%s", rec.Body)
	}
	if got.Error != "" {
		return got.Error, rec
	}
	return got.URI, rec
}

// pulled is the request of a browser for a pushed one.
func pulled(uri string, changes ...string) url.Values {
	q := url.Values{"client_id": {"rp"}, "request_uri": {uri}}
	for i := 0; i < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
	}
	return q
}

// RFC 9126: what was pushed is what counts, once, for its client, for five minutes.
func TestAPushedRequestIsAnsweredOnce(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	uri, rec := w.push(w.as("rp", ask("ui_locales", "de")))
	if rec.Code != http.StatusCreated || !strings.HasPrefix(uri, "urn:ietf:params:oauth:request_uri:") || len(uri) < 70 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	// Nothing beside it counts: neither another address, nor another scope, nor prompt=none.
	got := answer(w.authorize(pulled(uri, "redirect_uri", "https://evil.example", "scope", "openid", "prompt", "login", "state", "other"), c))
	if got.Get("code") == "" || got.Get("state") != "s1" {
		t.Fatalf("%v", got)
	}
	if tokens := w.redeem(got.Get("code")); tokens.Refresh == "" {
		t.Errorf("the scope was not the pushed one: %+v", tokens)
	}
	again := w.authorize(pulled(uri), c)
	if again.Header().Get("Location") != "" || again.Code != http.StatusUnprocessableEntity || !strings.Contains(again.Body.String(), "no longer good") {
		t.Errorf("twice: %d %s", again.Code, again.Header().Get("Location"))
	}
	late, _ := w.push(w.as("rp", ask()))
	w.pass(5 * time.Minute)
	if rec := w.authorize(pulled(late), w.signIn(true)); rec.Header().Get("Location") != "" {
		t.Errorf("after five minutes: %s", rec.Header().Get("Location"))
	}
	stolen, _ := w.push(w.as("rp", ask()))
	if rec := w.authorize(pulled(stolen, "client_id", "other"), w.signIn(true)); rec.Header().Get("Location") != "" {
		t.Errorf("another client's: %s", rec.Header().Get("Location"))
	}
	native, rec := w.push(ask("client_id", "app", "redirect_uri", "http://127.0.0.1:1234/cb", "scope", "openid"))
	if rec.Code != http.StatusCreated || answer(w.authorize(pulled(native, "client_id", "app"), w.signIn(true))).Get("code") == "" {
		t.Errorf("a public client: %d %s", rec.Code, rec.Body)
	}
	if rec := w.authorize(pulled(native, "client_id", "app"), nil...); rec.Header().Get("Location") != "" {
		t.Error("the used one without a session")
	}
}

// A hundred browsers come with one request_uri: one is answered.
func TestOneOfAHundredPulls(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	uri, _ := w.push(w.as("rp", ask()))
	var mu sync.Mutex
	codes := 0
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if answer(w.authorize(pulled(uri), c)).Get("code") != "" {
				mu.Lock()
				codes++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if codes != 1 {
		t.Errorf("%d codes", codes)
	}
}

// What the authorization endpoint would refuse is refused at once, to the client itself; a client that is
// not authenticated as it registered pushes nothing.
func TestPushesThatAreRefused(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		form   url.Values
		status int
		want   string
	}{
		"no client authentication":  {ask(), 401, "invalid_client"},
		"another client's key":      {func() url.Values { f := ask(); f = w.as("other", f); return f }(), 401, "invalid_client"},
		"a client secret":           {ask("client_secret", "x"), 401, "invalid_client"},
		"another kind of assertion": {func() url.Values { f := w.as("rp", ask()); f.Set("client_assertion_type", "x"); return f }(), 401, "invalid_client"},
		"request_uri":               {w.as("rp", ask("request_uri", "urn:ietf:params:oauth:request_uri:x")), 400, "invalid_request"},
		"address":                   {w.as("rp", ask("redirect_uri", "https://evil.example/cb")), 400, "invalid_request"},
		"no address":                {w.as("rp", ask("redirect_uri", "")), 400, "invalid_request"},
		"response type":             {w.as("rp", ask("response_type", "token")), 400, "unsupported_response_type"},
		"no PKCE":                   {w.as("rp", ask("code_challenge", "")), 400, "invalid_request"},
		"scope":                     {w.as("rp", ask("scope", "email")), 400, "invalid_scope"},
		"claims":                    {w.as("rp", ask("claims", "{")), 400, "invalid_request"},
		"an unsigned object":        {w.as("rp", ask("request", "eyJhbGciOiJub25lIn0.e30.")), 400, "invalid_request_object"},
		"a public client's object":  {ask("client_id", "app", "redirect_uri", "http://127.0.0.1:1/cb", "request", "e.e.e"), 400, "invalid_request_object"},
	} {
		got, rec := w.push(tt.form)
		if rec.Code != tt.status || got != tt.want {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
	if rec := w.do("POST", "/oauth/par?x=1", w.as("rp", ask())); rec.Code != http.StatusBadRequest {
		t.Errorf("parameters in the address: %d", rec.Code)
	}
	if rec := w.do("GET", "/oauth/par", nil); rec.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", rec.Code)
	}
	for _, uri := range []string{"urn:ietf:params:oauth:request_uri:", "urn:ietf:params:oauth:request_uri:x", "urn:ietf:params:oauth:request_uri:" + strings.Repeat("A", 43)} {
		if rec := w.authorize(pulled(uri), w.signIn(true)); rec.Header().Get("Location") != "" || rec.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d %s", uri, rec.Code, rec.Header().Get("Location"))
		}
	}
}

// A client that registered to push has no other way.
func TestAClientThatMustPush(t *testing.T) {
	w := newWorld(t)
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "require_pushed_authorization_requests": true})
	if got := answer(w.authorize(ask("scope", "openid"), w.signIn(true))); got.Get("error") != "invalid_request" || got.Get("code") != "" || got.Get("iss") != w.issuer {
		t.Errorf("%v", got)
	}
	uri, _ := w.push(w.as("rp", ask("scope", "openid")))
	if got := answer(w.authorize(pulled(uri), w.signIn(true))); got.Get("code") == "" {
		t.Errorf("%v", got)
	}
}

// What is pushed lives through a sign-in: the question to the person comes after it was taken.
func TestAPushedRequestWaitsForTheSignIn(t *testing.T) {
	w := newWorld(t)
	uri, _ := w.push(w.as("rp", ask()))
	rec := w.authorize(pulled(uri))
	if to := rec.Header().Get("Location"); !strings.HasPrefix(to, "/login?flow=") {
		t.Errorf("%d %s", rec.Code, to)
	}
}
