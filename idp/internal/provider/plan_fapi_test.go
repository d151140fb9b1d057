package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/grant"
)

// fapi2-security-profile-final-test-plan with openid=openid_connect, client_auth_type=private_key_jwt,
// sender_constrain=dpop, fapi_profile=plain_fapi, authorization_request_type=simple.
func TestPlanFAPI2(t *testing.T) {
	var modules []module
	for _, m := range fapiModules {
		modules = append(modules, module{"fapi2-security-profile-final-" + m.name, func(c *conforming) string {
			m.run(newFAPI(c))
			return ""
		}})
	}
	plan(t, "FAPI 2.0 Security Profile", "", modules)
}

var fapiModules = []struct {
	name string
	run  func(*fapi)
}{
	{"discovery-end-point-verification", func(f *fapi) {
		f.wants(f.metadata["authorization_response_iss_parameter_supported"] == true && f.metadata["pushed_authorization_request_endpoint"] != nil, "%v", f.metadata)
		for list, value := range map[string]string{
			"code_challenge_methods_supported": "S256", "token_endpoint_auth_methods_supported": "private_key_jwt", "dpop_signing_alg_values_supported": "ES256",
			"id_token_signing_alg_values_supported": "PS256", "token_endpoint_auth_signing_alg_values_supported": "PS256",
		} {
			f.wants(f.supports(list, value), "%s lacks %s", list, value)
		}
	}},
	{"happy-flow", func(f *fapi) { f.wants(f.whole()["nonce"] == "n1", "nonce") }},
	{"user-rejects-authentication", func(f *fapi) {
		uri := f.pushes("prompt", "login")
		flow, binding, cookie := f.asked(pulled(uri))
		_, err := f.login.Cancel(f.t.Context(), flow, binding)
		f.must(err)
		got := answer(f.do("GET", "/authorize/callback?id="+flow, nil, cookie))
		f.wants(got.Get("error") == "access_denied" && got.Get("state") == "s1" && got.Get("iss") == f.issuer, "%v", got)
	}},
	{"ensure-authorization-request-without-state-success", func(f *fapi) { f.wants(!f.opened(f.pushes("state", "")).Has("state"), "a state") }},
	{"ensure-authorization-request-without-nonce-success", func(f *fapi) { f.wants(f.whole("nonce", "")["nonce"] == nil, "a nonce") }},
	{"ensure-authorization-request-with-64-char-nonce-success", func(f *fapi) {
		f.wants(f.whole("nonce", strings.Repeat("n", 64))["nonce"] == strings.Repeat("n", 64), "nonce")
	}},
	{"ensure-other-scope-order-succeeds", func(f *fapi) { f.wants(f.whole("scope", "email openid")["email"] != nil, "email") }},
	{"test-claims-parameter-identity-claims", func(f *fapi) {
		claims := f.whole("scope", "openid", "claims", `{"id_token":{"given_name":null,"email":{"essential":true},"unheard_of":null},"userinfo":{"family_name":null}}`)
		f.wants(claims["given_name"] == "Anna" && claims["email"] != nil && claims["unheard_of"] == nil, "%v", claims)
	}},
	{"access-token-type-header-case-sensitivity", func(f *fapi) {
		all, _ := f.tokens(f.coded())
		for _, scheme := range []string{"DPoP", "dpop", "DPOP"} {
			f.wants(f.info(scheme, all.Access) == http.StatusOK, "%s", scheme)
		}
	}},
	{"check-dpop-proof-nbf-exp", func(f *fapi) {
		code, out := f.proven(map[string]any{"nbf": f.now().Add(-time.Second).Unix(), "exp": f.now().Add(time.Minute).Unix()})
		f.wants(code == http.StatusOK, "%v", out)
	}},
	{"ensure-dpopproof-with-iat-10seconds-before-succeeds", func(f *fapi) {
		code, out := f.proven(map[string]any{"iat": f.now().Add(-10 * time.Second).Unix()})
		f.wants(code == http.StatusOK, "%v", out)
	}},
	{"ensure-dpopproof-with-iat-10seconds-after-succeeds", func(f *fapi) {
		code, out := f.proven(map[string]any{"iat": f.now().Add(10 * time.Second).Unix()})
		f.wants(code == http.StatusOK, "%v", out)
	}},
	{"ensure-mismatched-dpop-jkt-fails", func(f *fapi) {
		_, rec := f.sent(f.as("rp", ask("dpop_jkt", f.holder().jkt())), f.h.proof("POST", "/oauth/par", "", f.h.nonce(), nil))
		f.wants(rec.Code == http.StatusBadRequest, "%d %s", rec.Code, rec.Body)
	}},
	{"ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt", func(f *fapi) {
		uri, _ := f.sent(f.as("rp", ask()), f.h.proof("POST", "/oauth/par", "", f.h.nonce(), nil))
		got, _ := f.holder().proved(f.as("rp", exchange(f.opened(uri).Get("code"))))
		f.wants(got.Error == "invalid_grant" || got.Error == "invalid_dpop_proof", "%v", got)
	}},
	{"ensure-token-endpoint-fails-with-mismatched-dpop-jkt", func(f *fapi) {
		got, _ := f.holder().proved(f.as("rp", exchange(f.coded("dpop_jkt", f.h.jkt()))))
		f.wants(got.Error == "invalid_grant" || got.Error == "invalid_dpop_proof", "%v", got)
	}},
	{"ensure-dpopproof-at-par-endpoint-binding-success", func(f *fapi) {
		uri, _ := f.sent(f.as("rp", ask()), f.h.proof("POST", "/oauth/par", "", f.h.nonce(), nil))
		got, rec := f.tokens(f.opened(uri).Get("code"))
		f.wants(got.Access != "", "%s", rec.Body)
	}},
	{"ensure-dpop-auth-code-binding-success", func(f *fapi) { f.whole("dpop_jkt", f.h.jkt()) }},
	{"ensure-different-nonce-inside-and-outside-request-object", func(f *fapi) {
		all, _ := f.tokens(f.opened(f.pushes(), "nonce", "another").Get("code"))
		f.wants(f.claims(all.ID)["nonce"] == "n1", "the nonce of the address counted")
	}},
	{"ensure-different-state-inside-and-outside-request-object", func(f *fapi) {
		f.wants(f.opened(f.pushes(), "state", "another").Get("state") == "s1", "the state of the address counted")
	}},
	{"ensure-authorization-request-with-long-nonce", func(f *fapi) {
		f.wants(f.whole("nonce", strings.Repeat("n", 384))["nonce"] == strings.Repeat("n", 384), "nonce")
	}},
	{"ensure-authorization-request-with-long-state", func(f *fapi) {
		f.wants(f.opened(f.pushes("state", strings.Repeat("s", 384))).Get("state") == strings.Repeat("s", 384), "state")
	}},
	{"state-only-outside-request-object-not-used", func(f *fapi) {
		f.wants(!f.opened(f.pushes("state", ""), "state", "outside").Has("state"), "the state of the address was used")
	}},
	{"ensure-request-object-without-redirect-uri-fails", func(f *fapi) { f.refused("redirect_uri", "") }},
	{"plain-fapi-tolerate-unregistered-redirect-uri", func(f *fapi) { f.refused("redirect_uri", callback+"/other") }},
	{"ensure-unsigned-authorization-request-without-using-par-fails", func(f *fapi) {
		f.wants(answer(f.authorize(ask(), f.signIn(true))).Get("error") == "invalid_request", "a request that was not pushed")
	}},
	{"ensure-redirect-uri-in-authorization-request", func(f *fapi) { f.refused("redirect_uri", "") }},
	{"ensure-response-type-code-idtoken-fails", func(f *fapi) { f.refused("response_type", "code id_token") }},
	{"ensure-response-type-token-fails", func(f *fapi) { f.refused("response_type", "token") }},
	{"ensure-client-id-in-token-endpoint", func(f *fapi) {
		got, rec := f.tokens(f.coded(), "client_id", "other")
		f.wants(got.Access == "" && rec.Code >= 400, "%d %s", rec.Code, rec.Body)
	}},
	{"ensure-holder-of-key-required", func(f *fapi) {
		got, _ := f.token(f.as("rp", exchange(f.coded())))
		f.wants(got.Error == "invalid_dpop_proof", "%v", got)
	}},
	{"ensure-authorization-code-is-bound-to-client", func(f *fapi) {
		got, _ := f.h.proved(f.as("other", exchange(f.coded())))
		f.wants(got.Error == "invalid_grant", "%v", got)
	}},
	{"attempt-reuse-authorization-code-after-one-second", func(f *fapi) {
		code := f.coded()
		all, _ := f.tokens(code)
		f.pass(time.Second)
		got, _ := f.tokens(code)
		f.wants(got.Error == "invalid_grant" && f.info("DPoP", all.Access) == http.StatusUnauthorized, "%v", got)
	}},
	{"ensure-token-endpoint-fails-with-expired-auth-code", func(f *fapi) {
		code := f.coded()
		f.pass(grant.CodeLife)
		got, _ := f.tokens(code)
		f.wants(got.Error == "invalid_grant", "%v", got)
	}},
	{"ensure-signed-client-assertion-with-RS256-fails", func(f *fapi) {
		form := f.as("rp", ask())
		form.Set("client_assertion", f.byRS256())
		_, rec := f.sent(form)
		f.wants(rec.Code == http.StatusUnauthorized, "%d %s", rec.Code, rec.Body)
	}},
	{"ensure-client-assertion-in-token-endpoint", func(f *fapi) {
		got, rec := f.h.proved(exchange(f.coded(), "client_id", "rp"))
		f.wants(rec.Code == http.StatusUnauthorized && got.Access == "", "%d %s", rec.Code, rec.Body)
	}},
	{"ensure-client-assertion-with-exp-is-5-minutes-in-past-fails", func(f *fapi) {
		f.wants(f.claimed(map[string]any{"exp": f.now().Add(-5 * time.Minute).Unix()}) == http.StatusUnauthorized, "an old assertion")
	}},
	{"ensure-client-assertion-with-wrong-aud-fails", func(f *fapi) {
		f.wants(f.claimed(map[string]any{"aud": "https://other.example"}) == http.StatusUnauthorized, "another's assertion")
	}},
	{"ensure-client-assertion-with-no-sub-fails", func(f *fapi) {
		f.wants(f.claimed(map[string]any{"sub": nil}) == http.StatusUnauthorized, "nobody's assertion")
	}},
	{"dpop-negative-tests", func(f *fapi) {
		for name, changes := range map[string]map[string]any{
			"method": {"htm": "GET"}, "address": {"htu": f.issuer + "/oauth/par"}, "no jti": {"jti": nil}, "old": {"iat": f.now().Add(-time.Hour).Unix()},
			"type": {"typ": "jwt"}, "nonce": {"nonce": "x"}, "no iat": {"iat": nil},
		} {
			code, out := f.proven(changes)
			f.wants(code == http.StatusBadRequest, "%s: %v", name, out)
		}
	}},
	{"refresh-token", func(f *fapi) {
		all, _ := f.tokens(f.coded())
		form := func() url.Values { return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {all.Refresh}} }
		next, rec := f.holder().proved(f.as("rp", form())) // the suite takes a new key here
		f.wants(next.Access != "" && next.Refresh == "", "%d %s", rec.Code, rec.Body)
		stolen, _ := f.h.proved(f.as("other", form()))
		f.wants(stolen.Error == "invalid_grant", "another client: %v", stolen)
		_, rec = f.h.proved(form())
		f.wants(rec.Code >= 400, "without authentication: %d", rec.Code)
		bare, _ := f.token(f.as("rp", form()))
		f.wants(bare.Error == "invalid_dpop_proof", "without a proof: %v", bare)
	}},
	{"par-ensure-reused-request-uri-prior-to-auth-completion-succeeds", func(f *fapi) {
		uri := f.pushes("prompt", "login")
		_, cookie, _ := f.conforming.opened(uri)
		again, _, _ := f.conforming.opened(uri, cookie)
		f.prove(again, cookie)
		f.wants(answer(f.do("GET", "/authorize/callback?id="+again, nil, cookie)).Get("code") != "", "no code after a reload")
	}},
	{"par-attempt-reuse-request_uri", func(f *fapi) {
		uri := f.pushes()
		f.wants(f.opened(uri).Get("code") != "", "no code")
		f.wants(!f.opened(uri).Has("code"), "a second code")
	}},
	{"par-attempt-to-use-expired-request_uri", func(f *fapi) {
		uri := f.pushes()
		f.pass(5 * time.Minute)
		f.wants(!f.opened(uri).Has("code"), "a code")
	}},
	{"par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted", func(f *fapi) {
		soon := f.now().Add(8 * time.Second).Unix()
		f.wants(f.claimed(map[string]any{"nbf": soon, "iat": soon}) == http.StatusCreated, "refused")
	}},
	{"par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails", func(f *fapi) {
		late := f.now().Add(61 * time.Second).Unix()
		f.wants(f.claimed(map[string]any{"nbf": late, "iat": late}) == http.StatusUnauthorized, "taken")
	}},
	{"par-attempt-to-use-request_uri-for-different-client", func(f *fapi) { f.wants(!f.opened(f.pushes(), "client_id", "other").Has("code"), "a code") }},
	{"par-authorization-request-containing-request_uri-form-param", func(f *fapi) { f.refused("request_uri", "https://rp.example/request.jwt") }},
	{"par-attempt-invalid-http-method", func(f *fapi) {
		for _, method := range []string{http.MethodGet, http.MethodPut} {
			f.wants(f.do(method, "/oauth/par", nil).Code == http.StatusMethodNotAllowed, "%s", method)
		}
	}},
	{"par-ensure-pkce-required", func(f *fapi) { f.refused("code_challenge", "", "code_challenge_method", "") }},
	{"ensure-pkce-code-verifier-required", func(f *fapi) {
		got, _ := f.tokens(f.coded(), "code_verifier", "")
		f.wants(got.Error == "invalid_grant" || got.Error == "invalid_request", "%v", got)
	}},
	{"incorrect-pkce-code-verifier-rejected", func(f *fapi) {
		got, _ := f.tokens(f.coded(), "code_verifier", strings.Repeat("x", 43))
		f.wants(got.Error == "invalid_grant", "%v", got)
	}},
	{"par-plain-pkce-rejected", func(f *fapi) { f.refused("code_challenge", verifier, "code_challenge_method", "plain") }},
	{"par-without-duplicate-parameters", func(f *fapi) { f.whole() }},
	{"par-test-array-as-audience-fails", func(f *fapi) {
		f.wants(f.claimed(map[string]any{"aud": []string{f.issuer}}) == http.StatusUnauthorized, "taken")
	}},
	{"par-test-par-endpoint-url-as-audience-fails", func(f *fapi) {
		f.wants(f.claimed(map[string]any{"aud": f.issuer + "/oauth/par"}) == http.StatusUnauthorized, "taken")
	}},
	{"par-test-token-endpoint-url-as-audience-fails", func(f *fapi) {
		f.wants(f.claimed(map[string]any{"aud": f.issuer + "/oauth/token"}) == http.StatusUnauthorized, "taken")
	}},
}
