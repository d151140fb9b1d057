package e2e

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"testing"
)

// careless is a service that signs in whoever comes, whatever comes with them: it asks for all that one
// should ask for, and looks at nothing of the answer.
type careless struct {
	t    *testing.T
	base string
	r    *rehearsal
}

func newCareless(t *testing.T, sys *system) *careless {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &careless{t: t, base: local("http", l.Addr().(*net.TCPAddr).Port)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", c.login)
	mux.HandleFunc("GET /callback", c.callback)
	mux.HandleFunc("POST /logout", func(http.ResponseWriter, *http.Request) {}) // 200 to everything
	srv := &http.Server{Handler: mux}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	c.r = rehearse(t, sys, "careless", map[string]any{
		"client_id": "careless", "client_name": "A careless service", "redirect_uris": []string{c.base + "/callback"}, "initiate_login_uri": c.base + "/login", "backchannel_logout_uri": c.base + "/logout",
		"grant_types": []string{"authorization_code"}, "response_types": []string{"code"}, "token_endpoint_auth_method": "private_key_jwt", "scope": "openid email profile",
	})
	return c
}

func (c *careless) login(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, c.r.issuer()+"/authorize?"+url.Values{
		"client_id": {"careless"}, "response_type": {"code"}, "redirect_uri": {c.base + "/callback"}, "scope": {"openid email"}, "state": {"always-the-same"}, "nonce": {"also-the-same"},
		"acr_values": {"https://eulogin.example/loa/medium"}, "max_age": {"300"}, "code_challenge": {challengeOf(frontVerifier)}, "code_challenge_method": {"S256"},
	}.Encode(), http.StatusSeeOther)
}

func (c *careless) callback(w http.ResponseWriter, r *http.Request) {
	name := "somebody"
	if token := c.redeemed(r.FormValue("code")); token != "" {
		name = c.informed(token)
	}
	says(w, "Welcome, "+name)
}

func (c *careless) redeemed(code string) string {
	resp, err := http.PostForm(c.r.issuer()+"/oauth/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {c.base + "/callback"}, "code_verifier": {frontVerifier}, "client_id": {"careless"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {c.r.assertion()},
	})
	if err != nil {
		c.t.Error(err)
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	var got struct {
		Access string `json:"access_token"`
	}
	_ = json.NewDecoder(resp.Body).Decode(&got)
	return got.Access
}

func (c *careless) informed(token string) string {
	req, err := http.NewRequest(http.MethodGet, c.r.issuer()+"/oauth/userinfo", nil)
	if err != nil {
		c.t.Error(err)
		return ""
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Error(err)
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	var got struct{ Email string }
	_ = json.NewDecoder(resp.Body).Decode(&got)
	return got.Email
}
