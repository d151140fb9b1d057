package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/grant"
)

// fapi2-security-profile-final-test-plan with openid=openid_connect, fapi_profile=plain_fapi,
// authorization_request_type=simple, in the variant client_auth_type=private_key_jwt, sender_constrain=dpop.
func TestPlanFAPI2(t *testing.T) {
	fapiPlan(t, newWorld(t), "FAPI 2.0 Security Profile", newByProof, slices.Concat(fapiModules, proofModules, assertionModules))
}

// The same in the variant client_auth_type=mtls, sender_constrain=mtls, where the suite leaves out its modules
// about proofs and assertions, and has no others.
func TestPlanFAPI2ByCertificate(t *testing.T) {
	w := newWorld(t)
	v := newByCertificate(w)
	fapiPlan(t, w, "FAPI 2.0 Security Profile by certificate", func(c *conforming) *fapi { return &fapi{c, v, nil} }, fapiModules)
}

func fapiPlan(t *testing.T, w *world, name string, in func(*conforming) *fapi, list []fapiModule) {
	t.Helper()
	var modules []module
	for _, m := range list {
		modules = append(modules, module{"fapi2-security-profile-final-" + m.name, func(c *conforming) string {
			m.run(in(c))
			return ""
		}})
	}
	planIn(t, w, name, "", modules)
}

type fapiModule struct {
	name string
	run  func(*fapi)
}

// fapiModules are those of every variant.
var fapiModules = []fapiModule{
	{"discovery-end-point-verification", func(f *fapi) {
		f.wants(f.metadata["authorization_response_iss_parameter_supported"] == true && f.metadata["pushed_authorization_request_endpoint"] != nil, "%v", f.metadata)
		for list, value := range map[string]string{
			"code_challenge_methods_supported": "S256", "id_token_signing_alg_values_supported": "PS256", "token_endpoint_auth_signing_alg_values_supported": "PS256",
		} {
			f.wants(f.supports(list, value), "%s lacks %s", list, value)
		}
		f.offered(f)
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
		for _, scheme := range []string{f.scheme(), strings.ToLower(f.scheme()), strings.ToUpper(f.scheme())} {
			f.wants(f.info("rp", scheme, all.Access) == http.StatusOK, "%s", scheme)
		}
	}},
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
		got, _ := f.grants("rp", exchange(f.coded()), false)
		f.wants(got.Error == f.unbound(), "%v", got)
	}},
	{"ensure-authorization-code-is-bound-to-client", func(f *fapi) {
		got, _ := f.grants("other", exchange(f.coded()), true)
		f.wants(got.Error == "invalid_grant", "%v", got)
	}},
	{"attempt-reuse-authorization-code-after-one-second", func(f *fapi) {
		code := f.coded()
		all, _ := f.tokens(code)
		f.pass(time.Second)
		got, _ := f.tokens(code)
		f.wants(got.Error == "invalid_grant" && f.info("rp", f.scheme(), all.Access) == http.StatusUnauthorized, "%v", got)
	}},
	{"ensure-token-endpoint-fails-with-expired-auth-code", func(f *fapi) {
		code := f.coded()
		f.pass(grant.CodeLife)
		got, _ := f.tokens(code)
		f.wants(got.Error == "invalid_grant", "%v", got)
	}},
	{"refresh-token", func(f *fapi) {
		all, _ := f.tokens(f.coded())
		form := func() url.Values { return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {all.Refresh}} }
		f.renew()
		next, rec := f.grants("rp", form(), true)
		f.wants(next.Access != "" && next.Refresh == "", "%d %s", rec.Code, rec.Body)
		f.wants(f.info("rp", f.scheme(), next.Access) == http.StatusOK, "its access token")
		f.wants(f.info("other", f.scheme(), next.Access) == http.StatusUnauthorized, "its access token with another client")
		stolen, _ := f.grants("other", form(), true)
		f.wants(stolen.Error == "invalid_grant", "another client: %v", stolen)
		_, rec = f.grants("", form(), true)
		f.wants(rec.Code >= 400, "without authentication: %d", rec.Code)
		bare, _ := f.grants("rp", form(), false)
		f.wants(bare.Error == f.unbound(), "without what the tokens are bound to: %v", bare)
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
	{"par-attempt-to-use-request_uri-for-different-client", func(f *fapi) { f.wants(!f.opened(f.pushes(), "client_id", "other").Has("code"), "a code") }},
	{"par-authorization-request-containing-request_uri-form-param", func(f *fapi) { f.refused("request_uri", "https://rp.example/request.jwt") }},
	{"par-attempt-invalid-http-method", func(f *fapi) {
		for _, method := range []string{http.MethodGet, http.MethodPut} {
			f.wants(f.call(method, "/oauth/par", "rp", ask(), true).Code == http.StatusMethodNotAllowed, "%s", method)
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
}
