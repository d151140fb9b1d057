package provider_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"eulogin.example/idp/internal/session"
)

// framed registers a service that is told by the browser alone, and one that is told both ways.
func (w *world) framed() {
	w.register("framed", map[string]any{
		"redirect_uris": []string{"https://framed.example/cb"}, "frontchannel_logout_uri": "https://framed.example/out?a=1", "frontchannel_logout_session_required": true,
		"post_logout_redirect_uris": []string{"https://framed.example/bye"},
	})
	w.register("both", map[string]any{
		"redirect_uris": []string{"https://both.example/cb"}, "frontchannel_logout_uri": "https://both.example/out", "backchannel_logout_uri": "https://both.example/back",
	})
}

// visits signs a living session in to services.
func (w *world) visits(c *http.Cookie, clients ...string) session.Session {
	w.t.Helper()
	for _, id := range clients {
		if got := answer(w.authorize(ask("client_id", id, "redirect_uri", "https://"+id+".example/cb", "scope", "openid"), c)); got.Get("code") == "" {
			w.t.Fatalf("%s: %v", id, got)
		}
	}
	sess, err := w.sessions.ByToken(w.t.Context(), c.Value)
	w.must(err)
	return sess
}

// OpenID Connect Front-Channel Logout 1.0 §3: after the sign-out, and not before, the page has a frame
// of each service that registered one, and may frame nothing else; then it goes on.
func TestFramesAfterASignOut(t *testing.T) {
	w := newWorld(t)
	w.framed()
	c := w.signIn(true)
	sess := w.visits(c, "framed", "both", "other")
	question := w.do("GET", "/end_session?"+url.Values{"client_id": {"framed"}, "post_logout_redirect_uri": {"https://framed.example/bye"}, "state": {"x"}}.Encode(), nil, c)
	if strings.Contains(question.Body.String(), "<iframe") || strings.Contains(question.Header().Get("Content-Security-Policy"), "frame-src") {
		t.Fatalf("the question tells services already:\n%s", question.Body)
	}
	if !strings.Contains(question.Body.String(), "<li>Service both</li><li>Service framed</li>") {
		t.Errorf("the question does not name who will be told:\n%s", question.Body)
	}
	done := w.do("POST", "/end_session/confirm", url.Values{"client_id": {"framed"}, "post_logout_redirect_uri": {"https://framed.example/bye"}, "state": {"x"}}, c)
	body := done.Body.String()
	if done.Code != http.StatusOK || done.Header().Get("Location") != "" || done.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %s", done.Code, done.Header().Get("Location"))
	}
	if csp := done.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "; frame-src https://framed.example https://both.example; ") {
		t.Errorf("CSP %q", csp)
	}
	for _, want := range []string{
		fmt.Sprintf(`<iframe src="https://framed.example/out?a=1&amp;iss=https%%3A%%2F%%2Fidp.example&amp;sid=%s" title="Service framed" sandbox="allow-scripts allow-same-origin" hidden>`, sess.ID),
		`<iframe src="https://both.example/out" title="Service both"`,
		`href="https://framed.example/bye?state=x" data-go-on>Continue</a>`, "js/go-on.",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing in\n%s", want, body)
		}
	}
	told, framed, rest := strings.Index(body, "<li>Service both</li>"), strings.Index(body, "<li>Service framed</li>"), strings.Index(body, "<li>Service other</li>")
	if told < 0 || framed < told || rest < framed || strings.Count(body, "<iframe") != 2 {
		t.Errorf("%d %d %d\n%s", told, framed, rest, body)
	}
	if n := w.count(`SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout'`); n != 1 {
		t.Errorf("%d logout tokens", n)
	}
	if again := w.do("POST", "/end_session/confirm", url.Values{}, c); strings.Contains(again.Body.String(), "<iframe") {
		t.Error("a session that is gone has frames")
	}
}

// With nowhere to go the page stays, and no script leads on.
func TestFramesWithoutAnAddressToGoTo(t *testing.T) {
	w := newWorld(t)
	w.framed()
	c := w.signIn(true)
	w.visits(c, "framed")
	body := w.do("POST", "/end_session/confirm", url.Values{}, c).Body.String()
	if !strings.Contains(body, "<iframe") || strings.Contains(body, "go-on") || !strings.Contains(body, "Sign in again") {
		t.Errorf("%s", body)
	}
}

// Security case 14: an address that is not the client's is no link on the page either.
func TestThePageWithFramesLeadsNowhereElse(t *testing.T) {
	w := newWorld(t)
	w.framed()
	for _, to := range []string{"https://evil.example/", "//evil.example", "https://framed.example/bye/x", "javascript:alert(1)", "https://framed.example/cb"} {
		c := w.signIn(true)
		w.visits(c, "framed")
		body := w.do("POST", "/end_session/confirm", url.Values{"client_id": {"framed"}, "post_logout_redirect_uri": {to}}, c).Body.String()
		if strings.Contains(body, "evil.example") || strings.Contains(body, "data-go-on") || strings.Contains(body, "javascript:") {
			t.Errorf("%q:\n%s", to, body)
		}
	}
}

// A service that was taken off the list, or withdrew its address, is not framed any more.
func TestOnlyRegisteredServicesAreFramed(t *testing.T) {
	w := newWorld(t)
	w.framed()
	c := w.signIn(true)
	w.visits(c, "framed", "both")
	w.register("framed", map[string]any{"redirect_uris": []string{"https://framed.example/cb"}})
	done := w.do("POST", "/end_session/confirm", url.Values{}, c)
	if strings.Contains(done.Body.String(), "framed.example") || strings.Contains(done.Header().Get("Content-Security-Policy"), "framed.example") {
		t.Errorf("%s\n%s", done.Header().Get("Content-Security-Policy"), done.Body)
	}
}

// oidcc-frontchannel-rp-initiated-logout-certification-test-plan with response_type=code. What a browser
// does with the page is shown by TestFrontChannelLogoutInABrowser in cpms/e2e.
func TestPlanFrontChannelLogout(t *testing.T) {
	plan(t, "Front-Channel Logout OP", "", []module{
		{"oidcc-frontchannel-logout-discovery-endpoint-verification", func(c *conforming) string {
			c.wants(c.metadata["frontchannel_logout_supported"] == true && c.metadata["frontchannel_logout_session_supported"] == true, "%v", c.metadata)
			return discoveryVerified(c)
		}},
		{"oidcc-frontchannel-rp-initiated-logout", func(c *conforming) string {
			c.register("rp", map[string]any{
				"redirect_uris": []string{callback}, "post_logout_redirect_uris": []string{bye}, "frontchannel_logout_uri": "https://rp.example/frontchannel_logout", "frontchannel_logout_session_required": true, "require_pkce": false,
			})
			cookie := c.signIn(false)
			claims, all := c.signed(cookie, "scope", "openid")
			rec := c.do("GET", "/end_session?"+url.Values{"id_token_hint": {all.ID}, "post_logout_redirect_uri": {bye}, "state": {"s2"}}.Encode(), nil, cookie)
			body := rec.Body.String()
			frame := "https://rp.example/frontchannel_logout?iss=" + url.QueryEscape(c.issuer) + "&amp;sid=" + url.QueryEscape(claims["sid"].(string))
			c.wants(strings.Contains(body, `<iframe src="`+frame+`"`), "%d %s", rec.Code, body)
			c.wants(strings.Contains(body, `href="`+bye+`?state=s2" data-go-on`), "%d %s", rec.Code, body)
			return c.over(cookie)
		}},
	})
}
