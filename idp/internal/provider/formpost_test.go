package provider_test

import (
	"net/http"
	"strings"
	"testing"
)

// The answer stands in a form for the registered address and in no address, whether a living session
// gives it or a sign-in, and whether it is a code or an error.
func TestFormPostIsTheAnswerInABody(t *testing.T) {
	w := newWorld(t)
	const state = `"><script>alert(1)</script>&'`
	flow, binding := w.signedIn(ask("response_mode", "form_post", "state", state))
	straight := w.authorize(ask("response_mode", "form_post", "state", state), w.signIn(true))
	after := w.do("GET", "/authorize/callback?id="+flow, nil, binding)
	for name, rec := range map[string]string{"straight": straight.Body.String(), "after a sign-in": after.Body.String()} {
		if !strings.Contains(rec, `<form method="post" action="`+callback+`"`) || strings.Contains(rec, "<script>alert") {
			t.Errorf("%s: %s", name, rec)
		}
	}
	for name, rec := range map[string]http.Header{"straight": straight.Header(), "after a sign-in": after.Header()} {
		if rec.Get("Location") != "" || rec.Get("Cache-Control") != "no-store" || !strings.Contains(rec.Get("Content-Security-Policy"), "form-action 'self' https://rp.example") {
			t.Errorf("%s: %v", name, rec)
		}
	}
	got := posted(after)
	if got.Get("state") != state || got.Get("iss") != w.issuer || len(got) != 3 {
		t.Errorf("%v", got)
	}
	if all := w.redeem(got.Get("code")); all.ID == "" {
		t.Error("the code of the form gives nothing")
	}
	refused := posted(w.authorize(ask("response_mode", "form_post", "prompt", "none")))
	if refused.Get("error") != "login_required" || refused.Get("state") != "s1" || refused.Get("iss") != w.issuer || refused.Has("code") {
		t.Errorf("an error: %v", refused)
	}
	elsewhere := w.authorize(ask("response_mode", "form_post", "redirect_uri", "https://evil.example/cb"), w.signIn(true))
	if strings.Contains(elsewhere.Body.String(), `action="https://evil`) || elsewhere.Code < 400 {
		t.Errorf("an address that is not registered: %d %s", elsewhere.Code, elsewhere.Body)
	}
}
