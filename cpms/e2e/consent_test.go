package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
)

// redeemed are the tokens of the answer that waits.
type redeemed struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Error   string `json:"error"`
}

func (rp *relyingParty) tokens(form url.Values) (r redeemed) {
	rp.t.Helper()
	form.Set("client_id", "test-app")
	resp, err := http.PostForm(rp.endpoint("token_endpoint"), form)
	if err != nil {
		rp.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil {
		rp.t.Fatal(err)
	}
	return r
}

// told asks userinfo with an access token.
func (rp *relyingParty) told(access string) (status int, m map[string]any) {
	rp.t.Helper()
	req, err := http.NewRequestWithContext(rp.t.Context(), http.MethodGet, rp.endpoint("userinfo_endpoint"), nil)
	if err != nil {
		rp.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+access)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		rp.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	_ = json.NewDecoder(resp.Body).Decode(&m)
	return resp.StatusCode, m
}

// A service to which each person agrees: the page with the values, one of them left out, no page the
// second time; then in My account one claim is stopped, and everything is taken back.
func TestAPersonAgreesToAService(t *testing.T) {
	sys := startSystem(t)
	rp := newRelyingParty(t, sys)
	sys.adds(map[string]any{
		"client_id": "test-app", "client_name": "Rare Disease Registry", "application_type": "native", "redirect_uris": []string{rp.redirect}, "grant_types": []string{"authorization_code", "refresh_token"},
		"response_types": []string{"code"}, "token_endpoint_auth_method": "none", "scope": "openid email profile offline_access", "consent": "person",
		"client_uri": "https://registry.example/", "policy_uri": "https://registry.example/privacy", "tos_uri": "https://registry.example/terms",
	})
	b := newBrowser(t, "consent", true)
	s := &story{t: t, sys: sys, v: b, phone: newSimPhone(t), who: anna("consent")}
	s.createAccount(sys.idp.url + "/register")
	address := func(more ...string) string {
		u, err := url.Parse(rp.authorize(`{"userinfo":{"email":{"essential":true}}}`))
		if err != nil {
			t.Fatal(err)
		}
		query := u.Query()
		query.Set("scope", "openid email profile offline_access")
		for i := 0; i < len(more); i += 2 {
			query.Set(more[i], more[i+1])
		}
		u.RawQuery = query.Encode()
		return u.String()
	}
	b.open(address())
	b.sees("What Rare Disease Registry would know about you")
	b.sees(s.who.email)
	b.look("ask")
	b.press("Refuse")
	if got := rp.failed(b); got != "access_denied" {
		t.Errorf("refused: %s", got)
	}
	b.open(address())
	eval[string](b, `document.getElementById("claim-locale").click() || ""`)
	b.press("Agree and continue")
	b.sees("The application has its answer")
	redeem := func() redeemed {
		return rp.tokens(url.Values{"grant_type": {"authorization_code"}, "code": {rp.answer(b).Get("code")}, "redirect_uri": {rp.redirect}, "code_verifier": {rp.verifier}})
	}
	first := redeem()
	if _, m := rp.told(first.Access); m["email"] != s.who.email || m["given_name"] == nil || m["locale"] != nil || first.Refresh == "" {
		t.Errorf("told: %v, %+v", m, first)
	}
	b.open(address("prompt", "none"))
	b.sees("The application has its answer")
	second := redeem()
	b.open(sys.idp.url + "/account")
	b.press("Services and what they know")
	b.sees("Rare Disease Registry")
	b.sees("You left it out")
	b.look("services")
	eval[string](b, `document.querySelector("button[aria-label*='Full name']").click() || ""`)
	b.sees("The service is told this no more")
	if _, m := rp.told(second.Access); m["email"] != s.who.email || m["name"] != nil {
		t.Errorf("told after it was stopped: %v", m)
	}
	b.press("See my sessions")
	b.look("sessions")
	b.press("Sign out of this service")
	b.sees("You were signed out of the service in that browser")
	if status, m := rp.told(second.Access); status != http.StatusOK || m["email"] != s.who.email {
		t.Errorf("access while away ended with the sign-out: %d %v", status, m)
	}
	b.press("Services and what they know")
	b.press("Take everything back")
	b.sees("You are signed out of it everywhere")
	b.look("withdraw")
	b.press("Take everything back")
	b.sees("Must ask again")
	b.look("withdrawn")
	if status, m := rp.told(second.Access); status != http.StatusUnauthorized {
		t.Errorf("told after everything was taken back: %d %v", status, m)
	}
	if again := rp.tokens(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {second.Refresh}}); again.Error != "invalid_grant" {
		t.Errorf("renewed after everything was taken back: %+v", again)
	}
	sys.await(s.who.email, "a service must ask you again")
	b.open(address("prompt", "none"))
	if got := rp.failed(b); got != "consent_required" {
		t.Errorf("silently after everything was taken back: %s", got)
	}
	b.open(address())
	b.sees("What Rare Disease Registry would know about you")
}
