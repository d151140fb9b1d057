package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// oidcc-basic-certification-test-plan with client_auth_type=private_key_jwt, response_type=code.
func TestPlanBasic(t *testing.T) { plan(t, "Basic OP", "", basicModules) }

// oidcc-formpost-basic-certification-test-plan: the same modules, with response_mode=form_post.
func TestPlanFormPost(t *testing.T) { plan(t, "Form Post OP", "form_post", basicModules) }

var basicModules = []module{
	{"oidcc-server", happy},
	{"oidcc-response-type-missing", func(c *conforming) string {
		got := c.answers(c.signIn(false), "response_type", "")
		c.wants(got.Get("error") == "invalid_request" || got.Get("error") == "unsupported_response_type", "%v", got)
		return ""
	}},
	{"oidcc-idtoken-signature", func(c *conforming) string {
		claims, _ := c.signed(c.signIn(false)) // claims verifies against the published keys, by kid
		c.wants(claims["iss"] == c.issuer, "%v", claims)
		return ""
	}},
	{"oidcc-idtoken-unsigned", unsignedIDToken},
	{"oidcc-userinfo-get", func(c *conforming) string {
		_, all := c.signed(c.signIn(false))
		c.wants(c.informed(all.Access)["sub"] == string(anna), "sub")
		return ""
	}},
	{"oidcc-userinfo-post-header", func(c *conforming) string {
		return c.postUserinfo(func(r *http.Request, token string) { r.Header.Set("Authorization", "Bearer "+token) }, "")
	}},
	{"oidcc-userinfo-post-body", func(c *conforming) string {
		return c.postUserinfo(func(r *http.Request, _ string) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, "access_token=")
	}},
	accepted("oidcc-ensure-request-without-nonce-succeeds-for-code-flow", "nonce", ""),
	scope("oidcc-scope-profile", "profile", "name", "given_name", "family_name", "locale"),
	scope("oidcc-scope-email", "email", "email", "email_verified"),
	scope("oidcc-scope-address", "address", "address"),
	scope("oidcc-scope-phone", "phone", "phone_number"),
	scope("oidcc-scope-all", "email profile address phone", "email", "name"),
	accepted("oidcc-alternate-happy-flow", "scope", "profile email openid", "extra", "foobar"),
	accepted("oidcc-display-page", "display", "page"),
	accepted("oidcc-display-popup", "display", "popup"),
	{"oidcc-prompt-login", func(c *conforming) string {
		cookie := c.signIn(false)
		c.signed(cookie)
		c.pass(time.Second)
		c.wants(c.shown(cookie, "prompt", "login"), "nobody was asked to sign in")
		return ""
	}},
	{"oidcc-prompt-none-not-logged-in", func(c *conforming) string {
		got := c.answers(&http.Cookie{Name: "none", Value: "x"}, "prompt", "none")
		c.wants(got.Get("error") == "login_required" && got.Get("state") == "s1", "%v", got)
		return ""
	}},
	{"oidcc-prompt-none-logged-in", func(c *conforming) string {
		cookie := c.signIn(false)
		first, _ := c.signed(cookie)
		c.pass(time.Second)
		second, _ := c.signed(cookie, "prompt", "none")
		c.wants(first["sub"] == second["sub"] && first["auth_time"] == second["auth_time"], "%v, then %v", first, second)
		return ""
	}},
	{"oidcc-max-age-1", func(c *conforming) string {
		cookie := c.signIn(false)
		first, _ := c.signed(cookie, "max_age", "15000")
		c.wants(first["auth_time"] != nil, "no auth_time")
		c.pass(2 * time.Second)
		c.wants(c.shown(cookie, "max_age", "1"), "nobody was asked to sign in")
		return ""
	}},
	{"oidcc-max-age-10000", func(c *conforming) string {
		cookie := c.signIn(false)
		first, _ := c.signed(cookie)
		c.pass(time.Minute)
		second, _ := c.signed(cookie, "max_age", "10000")
		c.wants(first["sub"] == second["sub"] && first["auth_time"] == second["auth_time"], "%v, then %v", first, second)
		return ""
	}},
	accepted("oidcc-ensure-request-with-unknown-parameter-succeeds", "extra", "foobar"),
	{"oidcc-id-token-hint", func(c *conforming) string {
		cookie := c.signIn(false)
		first, all := c.signed(cookie)
		second, _ := c.signed(cookie, "prompt", "none", "id_token_hint", all.ID)
		c.wants(first["sub"] == second["sub"], "%v, then %v", first, second)
		return ""
	}},
	accepted("oidcc-login-hint", "login_hint", "anna@example.org"),
	accepted("oidcc-ui-locales", "ui_locales", "se"),
	accepted("oidcc-claims-locales", "claims_locales", "se"),
	{"oidcc-ensure-request-with-acr-values-succeeds", func(c *conforming) string {
		claims, _ := c.signed(c.signIn(true), "acr_values", c.levels())
		c.wants(strings.Contains(c.levels(), claims["acr"].(string)), "acr is %v of %s", claims["acr"], c.levels())
		return ""
	}},
	{"oidcc-codereuse", func(c *conforming) string { return c.reuse(0) }},
	{"oidcc-codereuse-30seconds", func(c *conforming) string { return c.reuse(30 * time.Second) }},
	{"oidcc-ensure-registered-redirect-uri", func(c *conforming) string {
		rec := c.authorize(c.request("redirect_uri", "https://evil.example/cb"), c.signIn(false))
		c.wants(rec.Code >= 400 && rec.Header().Get("Location") == "" && strings.Contains(rec.Header().Get("Content-Type"), "html"), "%d %s", rec.Code, rec.Header())
		return ""
	}},
	{"oidcc-ensure-post-request-succeeds", func(c *conforming) string {
		rec := c.do("POST", "/authorize", c.request())
		c.wants(rec.Code == http.StatusSeeOther, "%d", rec.Code)
		to, err := url.Parse(rec.Header().Get("Location"))
		c.must(err)
		next := c.do("GET", "/authorize?"+to.RawQuery, nil, c.signIn(false))
		got := answer(next)
		if c.mode == "form_post" {
			got = posted(next)
		}
		c.wants(got.Get("code") != "", "%d %v", next.Code, got)
		return ""
	}},
	{"oidcc-server-client-secret-post", func(c *conforming) string {
		c.wants(!c.supports("token_endpoint_auth_methods_supported", "client_secret_post"), "it is offered, and not tried")
		return "`client_secret_post` is not offered"
	}},
	{"oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported", func(c *conforming) string {
		got := c.answers(c.signIn(false), "request_uri", "https://rp.example/request.jwt")
		c.wants(got.Get("error") == "request_uri_not_supported", "%v", got)
		return ""
	}},
	{"oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported", func(c *conforming) string {
		// {"alg":"none"} . {"client_id":"rp","response_type":"code"} .
		got := c.answers(c.signIn(false), "request", "eyJhbGciOiJub25lIn0.eyJjbGllbnRfaWQiOiJycCIsInJlc3BvbnNlX3R5cGUiOiJjb2RlIn0.")
		want := map[bool]string{true: "invalid_request_object", false: "request_not_supported"}[c.metadata["request_parameter_supported"] == true]
		c.wants(got.Get("error") == want, "%v", got)
		return ""
	}},
	{"oidcc-claims-essential", essentialName},
	{"oidcc-ensure-request-object-with-redirect-uri", requestObjectWithRedirect},
	{"oidcc-refresh-token", refreshed},
	accepted("oidcc-ensure-request-with-valid-pkce-succeeds", "code_challenge", challenge(), "code_challenge_method", "S256"),
}

func happy(c *conforming) string {
	claims, all := c.signed(c.signIn(false))
	for _, name := range []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "at_hash"} {
		c.wants(claims[name] != nil, "no %s in %v", name, claims)
	}
	c.wants(claims["nonce"] == "n1" && claims["aud"] == "rp", "%v", claims)
	c.wants(c.informed(all.Access)["sub"] == claims["sub"], "userinfo speaks of somebody else")
	return ""
}

func unsignedIDToken(c *conforming) string {
	c.wants(!c.supports("id_token_signing_alg_values_supported", "none"), "it is offered, and not tried")
	return "ID tokens are always signed"
}

// postUserinfo asks userinfo by POST.
func (c *conforming) postUserinfo(prepare func(*http.Request, string), prefix string) string {
	_, all := c.signed(c.signIn(false))
	body := ""
	if prefix != "" {
		body = prefix + all.Access
	}
	r := httptest.NewRequest("POST", c.issuer+"/oauth/userinfo", strings.NewReader(body))
	prepare(r, all.Access)
	rec := httptest.NewRecorder()
	c.handler.ServeHTTP(rec, r)
	c.wants(rec.Code == http.StatusOK && strings.Contains(rec.Body.String(), string(anna)), "%d %s", rec.Code, rec.Body)
	return ""
}

// reuse redeems a code twice, and finds the first access token revoked.
func (c *conforming) reuse(after time.Duration) string {
	code := c.answers(c.signIn(false)).Get("code")
	all := c.redeem(code)
	c.pass(after)
	again, _ := c.token(c.exchange(code))
	c.wants(again.Error == "invalid_grant" && again.Access == "", "%+v", again)
	c.wants(c.userinfo(all.Access).Code == http.StatusUnauthorized, "the token of the first use lives")
	return ""
}

// essentialName asks for one claim without the scope that carries it.
func essentialName(c *conforming) string {
	_, all := c.signed(c.signIn(false), "scope", "openid", "claims", `{"userinfo":{"name":{"essential":true}}}`)
	info := c.informed(all.Access)
	c.wants(info["name"] == "Anna Kovářová" && info["email"] == nil, "%v", info)
	return ""
}

func requestObjectWithRedirect(c *conforming) string {
	if c.metadata["request_parameter_supported"] != true {
		return "request objects are not offered"
	}
	object := c.object(c.request(), objectType, c.keys["rp"], nil)
	got := c.answers(c.signIn(false), "request", object)
	c.wants(got.Get("code") != "", "%v", got)
	return ""
}

// refreshed rotates a refresh token, and finds that another client can do nothing with it.
func refreshed(c *conforming) string {
	_, all := c.signed(c.signIn(false))
	c.register("second", map[string]any{"redirect_uris": []string{"https://second.example/cb"}, "grant_types": []string{"authorization_code", "refresh_token"}, "scope": "openid offline_access"})
	stolen, _ := c.token(c.as("second", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {all.Refresh}}))
	c.wants(stolen.Error == "invalid_grant", "another client: %+v", stolen)
	again := c.refresh(all.Refresh)
	c.wants(again.Access != "" && again.Access != all.Access && again.Refresh != all.Refresh, "%+v", again)
	c.wants(c.claims(again.ID)["sub"] == string(anna), "another sub")
	c.wants(c.informed(again.Access)["sub"] == string(anna), "the new token tells nothing")
	return ""
}
