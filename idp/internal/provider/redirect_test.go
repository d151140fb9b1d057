package provider_test

import (
	"net/url"
	"strings"
	"testing"
)

func TestD23RedirectTable(t *testing.T) {
	w := newWorld(t)
	for _, uri := range []string{
		"", "https://rp.example", "https://rp.example/callback/", "https://rp.example/callback?x=1", "https://rp.example/callback#x", "https://rp.example:444/callback", "http://rp.example/callback",
		"https://rp.example@evil.example/callback", "https://rp.example.evil.example/callback", `https://rp.example\@evil.example/callback`, "https://rp.example/\tcallback", "https://rp.example/x/..;/callback",
		"https://rp.example/%2f../callback", "https://rp.example/%252f../callback", "https://RP.example/callback", "https://rp.example/Callback", "javascript:alert(1)", "//evil.example", "https://rp.examplе/callback",
		"https://localhost.evil.example/callback", "http://127.0.0.1.evil.example/cb", "http://127.0.0.1:9999/callback",
	} {
		rec := w.authorize(ask("redirect_uri", uri), w.signIn(true))
		if rec.Header().Get("Location") != "" || rec.Code < 400 || !strings.Contains(rec.Header().Get("Content-Type"), "text/html") {
			t.Errorf("%q: %d to %q", uri, rec.Code, rec.Header().Get("Location"))
		}
	}
	native := ask("client_id", "app", "scope", "openid", "redirect_uri", "http://127.0.0.1:45678/cb")
	if answer(w.authorize(native, w.signIn(true))).Get("code") == "" {
		t.Error("a native client may choose the port of a loopback address")
	}
	for _, uri := range []string{"http://localhost:1/cb", "http://127.0.0.1:1/other", "http://127.0.0.1.evil.example/cb", "http://[::1]:1/cb", "http://127.0.0.1:1@evil.example/cb"} {
		if rec := w.authorize(ask("client_id", "app", "scope", "openid", "redirect_uri", uri), w.signIn(true)); rec.Header().Get("Location") != "" {
			t.Errorf("native %q: %s", uri, rec.Header().Get("Location"))
		}
	}
	if rec := w.authorize(ask("client_id", "nobody"), w.signIn(true)); rec.Header().Get("Location") != "" || !strings.Contains(rec.Body.String(), "not registered here") {
		t.Errorf("unknown client: %d %s", rec.Code, rec.Header().Get("Location"))
	}
}

// Objects that are not signed, and addresses that idp would have to fetch.
func TestD10ForeignRequestObjectsAreRefused(t *testing.T) {
	w := newWorld(t)
	for param, want := range map[string]string{"request": "invalid_request_object", "request_uri": "request_uri_not_supported", "registration": "registration_not_supported"} {
		if a := answer(w.authorize(ask(param, "eyJhbGciOiJub25lIn0.e30."), w.signIn(true))); a.Get("error") != want {
			t.Errorf("%s: %v", param, a)
		}
	}
}

// D22, D31: a code by query is the only answer, and errors come the same way.
func TestD31OtherResponseModesAreRefused(t *testing.T) {
	w := newWorld(t)
	for _, mode := range []string{"fragment", "jwt", "form_post.jwt", "query.jwt", "x"} {
		rec := w.authorize(ask("response_mode", mode), w.signIn(true))
		if a := answer(rec); a.Get("error") != "invalid_request" || a.Get("iss") != w.issuer || a.Get("state") != "s1" || strings.Contains(rec.Header().Get("Location"), "#") {
			t.Errorf("%s: %s", mode, rec.Header().Get("Location"))
		}
	}
	if a := answer(w.authorize(ask("response_mode", "query"), w.signIn(true))); a.Get("code") == "" {
		t.Errorf("query: %v", a)
	}
	for _, kind := range []string{"token", "id_token", "code id_token", "code token", "none", "CODE"} {
		if a := answer(w.authorize(ask("response_type", kind), w.signIn(true))); a.Get("error") != "unsupported_response_type" {
			t.Errorf("%s: %v", kind, a)
		}
	}
}

// A registered query stays, and what comes back is what was sent.
func TestAnswersKeepTheRegisteredQuery(t *testing.T) {
	w := newWorld(t)
	const address = "https://rp.example/cb?tenant=a%26b"
	w.register("rp", map[string]any{"redirect_uris": []string{address}})
	const state = "a&b=c#d\r\nLocation: x é"
	u, err := url.Parse(w.authorize(ask("redirect_uri", address, "state", state), w.signIn(true)).Header().Get("Location"))
	if err != nil || u.Host != "rp.example" || u.Query().Get("tenant") != "a&b" || u.Query().Get("state") != state || u.Query().Get("code") == "" {
		t.Fatalf("%v %v", u, err)
	}
}
