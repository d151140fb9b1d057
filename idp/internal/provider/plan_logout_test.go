package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// oidcc-rp-initiated-logout-certification-test-plan with response_type=code.
func TestPlanRPInitiatedLogout(t *testing.T) { plan(t, "RP-Initiated Logout OP", "", logoutModules) }

const bye = "https://rp.example/bye"

var logoutModules = []module{
	{"oidcc-rp-initiated-logout-discovery-endpoint-verification", func(c *conforming) string {
		address, _ := c.metadata["end_session_endpoint"].(string)
		c.wants(strings.HasPrefix(address, "https://"), "%q", address)
		return discoveryVerified(c)
	}},
	{"oidcc-rp-initiated-logout", func(c *conforming) string {
		return c.leaves(map[string]string{"post_logout_redirect_uri": bye, "state": "s2"}, bye+"?state=s2")
	}},
	{"oidcc-rp-initiated-logout-no-state", func(c *conforming) string {
		return c.leaves(map[string]string{"post_logout_redirect_uri": bye}, bye)
	}},
	{"oidcc-rp-initiated-logout-bad-post-logout-redirect-uri", func(c *conforming) string {
		return c.stays(map[string]string{"post_logout_redirect_uri": "https://rp.example/elsewhere", "state": "s2"})
	}},
	{"oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri", func(c *conforming) string {
		return c.stays(map[string]string{"post_logout_redirect_uri": bye + "?foo=bar", "state": "s2"})
	}},
	{"oidcc-rp-initiated-logout-modified-id-token-hint", func(c *conforming) string {
		return c.stays(map[string]string{"post_logout_redirect_uri": bye, "state": "s2", "id_token_hint": "+"})
	}},
	{"oidcc-rp-initiated-logout-bad-id-token-hint", func(c *conforming) string {
		return c.stays(map[string]string{"post_logout_redirect_uri": bye, "state": "s2", "id_token_hint": forged(c.world)})
	}},
	{"oidcc-rp-initiated-logout-no-id-token-hint", func(c *conforming) string {
		return c.stays(map[string]string{"post_logout_redirect_uri": bye, "state": "s2", "id_token_hint": ""})
	}},
	{"oidcc-rp-initiated-logout-no-params", func(c *conforming) string {
		return c.stays(map[string]string{"id_token_hint": ""})
	}},
	{"oidcc-rp-initiated-logout-no-post-logout-redirect-uri", func(c *conforming) string {
		rec, cookie := c.leave(map[string]string{"state": "s2"})
		c.wants(strings.HasPrefix(rec.Header().Get("Location"), "/") || rec.Code == http.StatusOK, "%d %s", rec.Code, rec.Header().Get("Location"))
		return c.over(cookie)
	}},
	{"oidcc-rp-initiated-logout-only-state", func(c *conforming) string {
		return c.stays(map[string]string{"state": "s2", "id_token_hint": ""})
	}},
}

// leave signs somebody in and sends the browser to end_session with the ID token as hint; changes
// replace parameters, and "+" changes the token.
func (c *conforming) leave(changes map[string]string) (*httptest.ResponseRecorder, *http.Cookie) {
	c.t.Helper()
	cookie := c.signIn(false)
	_, all := c.signed(cookie)
	q := url.Values{"id_token_hint": {all.ID}}
	for name, value := range changes {
		switch value {
		case "":
			q.Del(name)
		case "+":
			q.Set(name, all.ID[:len(all.ID)-10]+"AAAAAAAAAA")
		default:
			q.Set(name, value)
		}
	}
	return c.do("GET", "/end_session?"+q.Encode(), nil, cookie), cookie
}

// leaves wants the browser to be sent back, and the session to be over.
func (c *conforming) leaves(changes map[string]string, to string) string {
	c.t.Helper()
	rec, cookie := c.leave(changes)
	c.wants(rec.Header().Get("Location") == to, "%d %s", rec.Code, rec.Header().Get("Location"))
	return c.over(cookie)
}

func (c *conforming) over(cookie *http.Cookie) string {
	c.t.Helper()
	got := c.answers(cookie, "prompt", "none")
	c.wants(got.Get("error") == "login_required", "the session lives: %v", got)
	return ""
}

// stays wants an error page or a question, and the browser to stay here.
func (c *conforming) stays(changes map[string]string) string {
	c.t.Helper()
	rec, _ := c.leave(changes)
	c.wants(rec.Header().Get("Location") == "" && strings.Contains(rec.Header().Get("Content-Type"), "html"), "%d %s", rec.Code, rec.Header().Get("Location"))
	return ""
}

// oidcc-backchannel-rp-initiated-logout-certification-test-plan with response_type=code. What the
// client receives is shown by TestLogoutTokenIsPosted in package rpc.
func TestPlanBackChannelLogout(t *testing.T) {
	plan(t, "Back-Channel Logout OP", "", []module{
		{"oidcc-backchannel-logout-discovery-endpoint-verification", func(c *conforming) string {
			c.wants(c.metadata["backchannel_logout_supported"] == true && c.metadata["backchannel_logout_session_supported"] == true, "%v", c.metadata)
			return discoveryVerified(c)
		}},
		{"oidcc-backchannel-rp-initiated-logout", func(c *conforming) string {
			before := c.count(`SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout'`)
			c.leaves(map[string]string{"post_logout_redirect_uri": bye, "state": "s2"}, bye+"?state=s2")
			c.wants(c.count(`SELECT count(*) FROM outbox WHERE kind = 'backchannel_logout'`) == before+1, "no logout token is on its way")
			return ""
		}},
	})
}
