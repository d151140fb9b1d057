package provider_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

// banker is a client that is held to FAPI 2.0, with the key that its tokens are bound to.
func banker(t testing.TB) *holder {
	w := newWorld(t)
	w.register("rp", map[string]any{
		"redirect_uris": []string{callback}, "grant_types": []string{"authorization_code", "refresh_token"}, "scope": "openid email profile offline_access",
		"profile": "fapi2", "dpop_bound_access_tokens": true, "require_pushed_authorization_requests": true,
	})
	return w.holder()
}

// proved asks the token endpoint with a proof of the key.
func (h *holder) proved(form url.Values) (t tokens, rec *httptest.ResponseRecorder) {
	rec, _ = h.post("/oauth/token", form, h.proof("POST", "/oauth/token", "", h.nonce(), nil))
	_ = json.Unmarshal(rec.Body.Bytes(), &t)
	return t, rec
}

// FAPI 2.0 Security Profile §5.3.2.2: nothing but a pushed request is answered; then the flow is the usual
// one, with tokens of a key.
func TestAClientOfFAPI2(t *testing.T) {
	h := banker(t)
	if got := answer(h.authorize(ask(), h.signIn(true))); got.Get("error") != "invalid_request" {
		t.Errorf("a request that was not pushed: %v", got)
	}
	uri, rec := h.push(h.as("rp", ask()))
	if rec.Code != http.StatusCreated {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	got := answer(h.authorize(pulled(uri), h.signIn(true)))
	if got.Get("iss") != h.issuer || got.Get("code") == "" {
		t.Fatalf("%v", got)
	}
	if bare, _ := h.token(h.as("rp", exchange(got.Get("code")))); bare.Error != "invalid_dpop_proof" {
		t.Errorf("without a key: %+v", bare)
	}
	first, rec := h.proved(h.as("rp", exchange(got.Get("code"))))
	if first.Access == "" || first.Refresh == "" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	// §5.3.2.1, item 9: no rotation, so the same refresh token serves again and again, with the key.
	for range 3 {
		h.pass(time.Minute)
		next, rec := h.proved(h.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.Refresh}}))
		if next.Access == "" || next.Refresh != "" {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
	}
	if without, _ := h.token(h.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.Refresh}})); without.Error != "invalid_dpop_proof" {
		t.Errorf("a refresh without a key: %+v", without)
	}
	h.do("POST", "/oauth/revoke", h.as("rp", url.Values{"token": {first.Refresh}}))
	if after, _ := h.proved(h.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.Refresh}})); after.Error != "invalid_grant" {
		t.Errorf("after the revocation: %+v", after)
	}
}

// §5.3.2.1: the issuer is the one audience of an assertion, as a string.
func TestAudienceOfAssertionsUnderFAPI2(t *testing.T) {
	h := banker(t)
	for name, tt := range map[string]struct {
		aud  any
		good bool
	}{
		"the issuer": {h.issuer, true}, "the issuer in a list": {[]string{h.issuer}, false}, "the token endpoint": {h.issuer + "/oauth/token", false},
		"where requests are pushed": {h.issuer + "/oauth/par", false}, "another": {"https://evil.example", false},
	} {
		form := ask()
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", h.assertion("rp", map[string]any{"aud": tt.aud}))
		if _, rec := h.push(form); (rec.Code == http.StatusCreated) != tt.good {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}
