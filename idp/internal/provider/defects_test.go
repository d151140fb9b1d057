package provider_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/policy"
)

// The names follow the list of the library's defects that had to be closed
// (idp/docs/oidc.md).

func TestD1PKCEDowngrade(t *testing.T) {
	w := newWorld(t)
	form := w.as("rp", exchange(w.code()))
	form.Del("code_verifier")
	if got, rec := w.token(form); got.Access != "" || got.Error != "invalid_grant" {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	if got, _ := w.token(w.as("rp", exchange(w.code(), "code_verifier", strings.Repeat("x", 43)))); got.Error != "invalid_grant" {
		t.Fatal("another verifier was accepted")
	}
}

func TestD2D3OnlyS256(t *testing.T) {
	w := newWorld(t)
	for name, q := range map[string]url.Values{
		"none":    ask("code_challenge", "", "code_challenge_method", ""),
		"plain":   ask("code_challenge", verifier, "code_challenge_method", "plain"),
		"default": ask("code_challenge_method", ""),
		"short":   ask("code_challenge", "abc"),
		"public":  ask("client_id", "app", "redirect_uri", "http://127.0.0.1/cb", "scope", "openid", "code_challenge", "", "code_challenge_method", ""),
	} {
		if a := answer(w.authorize(q, w.signIn(true))); a.Get("code") != "" || a.Get("error") == "" {
			t.Errorf("%s: %v", name, a)
		}
	}
}

// D4, D5: the callback belongs to the browser that began, and works once.
func TestD4FlowFixationAndD5Once(t *testing.T) {
	w := newWorld(t)
	rec := w.authorize(ask())
	flow := answer(rec).Get("flow")
	if rec.Code != http.StatusSeeOther || flow == "" {
		t.Fatalf("%d %s", rec.Code, rec.Header().Get("Location"))
	}
	own := rec.Result().Cookies()
	acc, err := w.store.ByID(t.Context(), anna)
	w.must(err)
	binding := own[0]
	r := httptest.NewRequest("GET", w.issuer+"/", nil)
	r.AddCookie(binding)
	b := bindingOf(t, binding)
	if _, err := w.login.Prove(t.Context(), flow, b, acc, policy.Proof{Method: policy.Password, At: w.now()}); err != nil {
		t.Fatal(err)
	}
	if rec := w.do("GET", "/authorize/callback?id="+flow, nil, binding); rec.Code == http.StatusSeeOther {
		t.Fatal("an unfinished sign-in gave an answer")
	}
	done, err := w.login.Look(t.Context(), flow, b)
	w.must(err)
	if done.Step != "done" {
		t.Fatal(done.Step)
	}
	finish(t, w, flow, b)
	stranger := &http.Cookie{Name: binding.Name, Value: strings.Repeat("A", 43)}
	if rec := w.do("GET", "/authorize/callback?id="+flow, nil, stranger); rec.Code != http.StatusForbidden || answer(rec).Get("code") != "" {
		t.Fatalf("another browser: %d %s", rec.Code, rec.Header().Get("Location"))
	}
	if rec := w.do("GET", "/authorize/callback?id="+flow, nil, binding); answer(rec).Get("code") == "" || answer(rec).Get("iss") != w.issuer {
		t.Fatalf("its own browser: %d %s", rec.Code, rec.Header().Get("Location"))
	}
	if rec := w.do("GET", "/authorize/callback?id="+flow, nil, binding); rec.Code != http.StatusGone {
		t.Fatalf("twice: %d", rec.Code)
	}
}

// D6, security case 16: of 100 redemptions one wins, and a further one revokes what it gave.
func TestD6CodeIsRedeemedOnce(t *testing.T) {
	w := newWorld(t)
	code := w.code()
	forms := make([]url.Values, 100)
	for i := range forms {
		forms[i] = w.as("rp", exchange(code))
	}
	var won atomic.Pointer[tokens]
	var n atomic.Int64
	var wg sync.WaitGroup
	for _, f := range forms {
		wg.Go(func() {
			if got, _ := w.token(f); got.Access != "" {
				n.Add(1)
				won.Store(&got)
			}
		})
	}
	wg.Wait()
	if n.Load() != 1 {
		t.Fatalf("%d redemptions", n.Load())
	}
	// The losers were replays: what the winner got is revoked, or was revoked as it came.
	if got, _ := w.token(w.as("rp", exchange(code))); got.Error != "invalid_grant" {
		t.Fatal("redeemed again")
	}
	if on, _ := w.active("rp", won.Load().Access); on {
		t.Fatal("the access token of a replayed code lives")
	}
	if got, _ := w.token(w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {won.Load().Refresh}})); got.Error != "invalid_grant" {
		t.Fatal("the refresh token of a replayed code lives")
	}
}

// Security case 15.
func TestCodeIsBoundToClientAndRedirect(t *testing.T) {
	w := newWorld(t)
	if got, _ := w.token(w.as("other", exchange(w.code()))); got.Error != "invalid_grant" {
		t.Fatal("another client redeemed it")
	}
	if got, _ := w.token(w.as("rp", exchange(w.code(), "redirect_uri", callback+"2"))); got.Error != "invalid_grant" {
		t.Fatal("another redirect address was accepted")
	}
	code := w.code()
	w.pass(grant.CodeLife)
	if got, _ := w.token(w.as("rp", exchange(code))); got.Error != "invalid_grant" {
		t.Fatal("an expired code was redeemed")
	}
}

func TestD7IDTokenIsNoAccessToken(t *testing.T) {
	w := newWorld(t)
	got := w.redeem(w.code())
	for _, token := range []string{got.ID, got.Refresh, got.Access[:len(got.Access)-1], got.Access + "A", got.Access + "=", "." + got.Access} {
		r := httptest.NewRequest("GET", w.issuer+"/oauth/userinfo", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != http.StatusUnauthorized || !strings.Contains(rec.Header().Get("WWW-Authenticate"), "invalid_token") {
			t.Errorf("%.20q: %d %s", token, rec.Code, rec.Body)
		}
		if on, _ := w.active("rp", token); on && token != got.Access {
			t.Errorf("%.20q is active", token)
		}
	}
}

func TestD8AssertionIsNoGrant(t *testing.T) {
	w := newWorld(t)
	got, rec := w.token(url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {w.assertion("rp", nil)}, "scope": {"openid"}})
	if got.Access != "" || rec.Code/100 != 4 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
}

// D9, security case 23.
func TestD9ClientAssertions(t *testing.T) {
	w := newWorld(t)
	try := func(assertion string) int {
		form := exchange("x")
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion)
		return w.do("POST", "/oauth/token", form).Code
	}
	good := w.assertion("rp", nil)
	if code := try(good); code != http.StatusBadRequest {
		t.Fatalf("a good assertion with a bad code: %d", code)
	}
	if code := try(good); code != http.StatusUnauthorized {
		t.Fatalf("replay: %d", code)
	}
	for name, changes := range map[string]map[string]any{
		"a year": {"exp": w.now().AddDate(1, 0, 0).Unix()}, "expired": {"exp": w.now().Add(-time.Hour).Unix()}, "no exp": {"exp": nil}, "audience": {"aud": "https://evil.example"},
		"two audiences": {"aud": []string{w.issuer, "https://evil.example"}}, "no jti": {"jti": ""}, "other issuer": {"iss": "other"}, "future": {"iat": w.now().Add(time.Hour).Unix()},
	} {
		if code := try(w.assertion("rp", changes)); code != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, code)
		}
	}
	for name, bad := range map[string]string{"none": "eyJhbGciOiJub25lIn0.e30.", "garbage": "x", "other's key": forged(w)} {
		if code := try(bad); code != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, code)
		}
	}
	form := exchange("x")
	form.Set("client_id", "rp")
	form.Set("client_secret", "x")
	if code := w.do("POST", "/oauth/token", form).Code; code != http.StatusUnauthorized {
		t.Errorf("a secret: %d", code)
	}
	if code := w.do("POST", "/oauth/token", url.Values{"grant_type": {"authorization_code"}, "code": {"x"}, "client_id": {"rp"}}).Code; code != http.StatusUnauthorized {
		t.Errorf("a confidential client without authentication: %d", code)
	}
}

func TestD10RequestObjectsAreRefused(t *testing.T) {
	w := newWorld(t)
	for param, want := range map[string]string{"request": "request_not_supported", "request_uri": "request_uri_not_supported", "registration": "registration_not_supported"} {
		if a := answer(w.authorize(ask(param, "eyJhbGciOiJub25lIn0.e30."), w.signIn(true))); a.Get("error") != want {
			t.Errorf("%s: %v", param, a)
		}
	}
}

func TestD11MethodsAndQueries(t *testing.T) {
	w := newWorld(t)
	if code := w.do("GET", "/oauth/token?"+exchange("x").Encode(), nil).Code; code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", code)
	}
	if code := w.do("POST", "/oauth/token?code=x", exchange("x")).Code; code != http.StatusBadRequest {
		t.Errorf("query: %d", code)
	}
	got := w.redeem(w.code())
	if code := w.do("GET", "/oauth/userinfo?access_token="+got.Access, nil).Code; code != http.StatusBadRequest {
		t.Errorf("a token in the query: %d", code)
	}
}

func TestD12NoStoreAndD13CORS(t *testing.T) {
	w := newWorld(t)
	_, rec := w.token(w.as("rp", exchange(w.code())))
	if rec.Header().Get("Cache-Control") != "no-store" {
		t.Error("a token may be cached")
	}
	for path, open := range map[string]bool{"/oauth/keys": true, "/.well-known/openid-configuration": true, "/oauth/userinfo": false, "/authorize": false, "/end_session": false} {
		r := httptest.NewRequest("GET", w.issuer+path, nil)
		r.Header.Set("Origin", "https://evil.example")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if got := rec.Header().Get("Access-Control-Allow-Origin"); (got != "") != open || rec.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %q", path, got)
		}
		if open && !strings.Contains(rec.Header().Get("Cache-Control"), "max-age") {
			t.Errorf("%s cannot be cached", path)
		}
	}
}

// D14, D15: an outage is 503 with Retry-After, and never invalid_grant or active:false.
func TestD15OutageIs503(t *testing.T) {
	w := newWorld(t)
	code, got, session := w.code(), w.redeem(w.code()), w.signIn(true)
	forms := map[string]url.Values{
		"/oauth/token":      w.as("rp", exchange(code)),
		"/oauth/introspect": w.as("rp", url.Values{"token": {got.Access}}),
		"/oauth/revoke":     w.as("rp", url.Values{"token": {got.Access}}),
	}
	refresh := w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}})
	w.must(w.db.Close())
	check := func(name string, rec *httptest.ResponseRecorder) {
		t.Helper()
		body := rec.Body.String()
		if rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" || strings.Contains(body, "invalid_grant") || strings.Contains(body, "active") || strings.Contains(body, "database") {
			t.Errorf("%s: %d %s", name, rec.Code, body)
		}
	}
	for path, form := range forms {
		check(path, w.do("POST", path, form))
	}
	check("refresh", w.do("POST", "/oauth/token", refresh))
	r := httptest.NewRequest("GET", w.issuer+"/oauth/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+got.Access)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	check("userinfo", rec)
	if rec := w.authorize(ask(), session); rec.Code != http.StatusServiceUnavailable {
		t.Errorf("authorize: %d", rec.Code)
	}
}

// D20, security cases 6, 17, 18.
func TestD20RefreshKeepsWhatTheSignInWas(t *testing.T) {
	w := newWorld(t)
	first := w.redeem(w.code())
	before := w.claims(first.ID)
	w.pass(time.Hour)
	refresh := func(token string) tokens {
		got, _ := w.token(w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}))
		return got
	}
	second := refresh(first.Refresh)
	after := w.claims(second.ID)
	for _, c := range []string{"acr", "auth_time", "sid", "sub", "iss", "aud"} {
		if before[c] == nil || before[c] != after[c] {
			t.Errorf("%s: %v became %v", c, before[c], after[c])
		}
	}
	if refresh(first.Refresh).Error != "invalid_grant" {
		t.Fatal("a rotated token was accepted")
	}
	third := refresh(second.Refresh)
	if third.Refresh == "" {
		t.Fatal("within the grace window a doubled refresh must not end the family")
	}
	w.pass(grant.Grace)
	if refresh(second.Refresh).Error != "invalid_grant" || refresh(third.Refresh).Error != "invalid_grant" {
		t.Fatal("reuse did not end the family")
	}
	if on, _ := w.active("rp", third.Access); !on {
		t.Log("the access token ends with its five minutes") // opaque tokens of the family are short
	}
}

func TestRefreshRaceHasOneWinner(t *testing.T) {
	w := newWorld(t)
	got := w.redeem(w.code())
	forms := make([]url.Values, 100)
	for i := range forms {
		forms[i] = w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}})
	}
	var n atomic.Int64
	var wg sync.WaitGroup
	for _, f := range forms {
		wg.Go(func() {
			if got, _ := w.token(f); got.Access != "" {
				n.Add(1)
			}
		})
	}
	wg.Wait()
	if n.Load() != 1 {
		t.Fatalf("%d winners", n.Load())
	}
}

func TestDisabledAccountGetsNothing(t *testing.T) {
	w := newWorld(t)
	got := w.redeem(w.code())
	_, err := w.db.ExecContext(t.Context(), `UPDATE accounts SET status = 'disabled'`)
	w.must(err)
	if again, _ := w.token(w.as("rp", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.Refresh}})); again.Error != "invalid_grant" {
		t.Fatal("a disabled account was refreshed")
	}
	if a := answer(w.authorize(ask("prompt", "none"), w.signIn(true))); a.Get("code") != "" {
		t.Fatal("a disabled account got a code")
	}
}

// Security cases 11, 12, 13: only registered addresses, byte for byte; else a page.
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

// D24, security case 14.
func TestD24EndSession(t *testing.T) {
	w := newWorld(t)
	c := w.signIn(true)
	code := answer(w.authorize(ask(), c)).Get("code")
	got := w.redeem(code)
	if rec := w.do("GET", "/end_session", nil, c); rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "Service rp") {
		t.Fatalf("without a hint the person is asked: %d %s", rec.Code, rec.Body)
	}
	for _, to := range []string{"https://evil.example", "https://rp.example/bye/", "//rp.example/bye", "https://rp.example/bye#x"} {
		if rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {got.ID}, "post_logout_redirect_uri": {to}}.Encode(), nil, c); rec.Header().Get("Location") != "" {
			t.Errorf("%q: %s", to, rec.Header().Get("Location"))
		}
	}
	w.pass(2 * time.Hour / 3) // the hint may be old
	rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {got.ID}, "post_logout_redirect_uri": {"https://rp.example/bye"}, "state": {"x"}}.Encode(), nil, c)
	if rec.Header().Get("Location") != "https://rp.example/bye?state=x" {
		t.Fatalf("%d %s %s", rec.Code, rec.Header().Get("Location"), rec.Body)
	}
	if a := answer(w.authorize(ask("prompt", "none"), c)); a.Get("error") != "login_required" {
		t.Fatalf("the session lives: %v", a)
	}
}

func TestD30RepeatedParameters(t *testing.T) {
	w := newWorld(t)
	q := ask()
	q.Add("redirect_uri", "https://evil.example")
	if rec := w.authorize(q, w.signIn(true)); rec.Header().Get("Location") != "" || rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("authorize: %d", rec.Code)
	}
	form := w.as("rp", exchange("x"))
	form.Add("code", "y")
	if _, rec := w.token(form); rec.Code != http.StatusBadRequest {
		t.Errorf("token: %d", rec.Code)
	}
}

// Step-up: essential acr, max_age, prompt, and the answers that name the issuer (RFC 9207).
func TestStepUpSemantics(t *testing.T) {
	w := newWorld(t)
	essential := `{"id_token":{"acr":{"essential":true,"values":["` + policy.ACRMedium + `"]}}}`
	tests := []struct {
		name   string
		medium bool
		q      url.Values
		want   string // error, "code" or "login"
	}{
		{"medium is met", true, ask("claims", essential), "code"},
		{"basic is not enough", false, ask("claims", essential), "login"},
		{"acr_values cannot lower it", false, ask("claims", essential, "acr_values", policy.ACRBasic), "login"},
		{"silently", false, ask("claims", essential, "prompt", "none"), "interaction_required"},
		{"unreachable", true, ask("claims", `{"id_token":{"acr":{"essential":true,"value":"urn:top"}}}`), "unmet_authentication_requirements"},
		{"malformed", true, ask("claims", `{"id_token":`), "invalid_request"},
		{"max_age=0", true, ask("max_age", "0"), "login"},
		{"max_age far", true, ask("max_age", "3600"), "code"},
		{"prompt=login", true, ask("prompt", "login"), "login"},
		{"none with more", true, ask("prompt", "none login"), "invalid_request"},
		{"wish not met goes to the sign-in", false, ask("acr_values", policy.ACRMedium), "login"},
		{"without openid", true, ask("scope", "email"), "invalid_scope"},
		{"implicit", true, ask("response_type", "id_token token"), "unsupported_response_type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cookie := w.signIn(tt.medium)
			w.pass(time.Second)
			rec := w.authorize(tt.q, cookie)
			a, got := answer(rec), ""
			switch {
			case a.Get("flow") != "":
				got = "login"
			case a.Get("code") != "":
				got = "code"
			default:
				got = a.Get("error")
			}
			if got != tt.want {
				t.Fatalf("%s: %d %s", got, rec.Code, rec.Header().Get("Location"))
			}
			if got != "login" && (a.Get("iss") != w.issuer || a.Get("state") != "s1") {
				t.Errorf("iss %q state %q", a.Get("iss"), a.Get("state"))
			}
		})
	}
	if a := answer(w.authorize(ask("prompt", "none"))); a.Get("error") != "login_required" {
		t.Errorf("nobody: %v", a)
	}
}

// The whole round trip, verified against the published keys.
func TestRoundTrip(t *testing.T) {
	w := newWorld(t)
	got := w.redeem(w.code())
	c := w.claims(got.ID)
	for claim, want := range map[string]any{
		"iss": w.issuer, "sub": string(anna), "aud": "rp", "nonce": "n1", "acr": policy.ACRMedium, "email": "anna@example.org", "given_name": "Anna",
		"https://eulogin.example/claims/assurance_level": float64(10),
	} {
		if c[claim] != want {
			t.Errorf("%s: %v", claim, c[claim])
		}
	}
	if c["sid"] == "" || c["auth_time"] == nil || c["at_hash"] == nil {
		t.Errorf("%v", c)
	}
	r := httptest.NewRequest("GET", w.issuer+"/oauth/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+got.Access)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	var info map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &info); err != nil || info["sub"] != string(anna) || info["name"] != "Anna Kovářová" {
		t.Errorf("userinfo: %d %s", rec.Code, rec.Body)
	}
	if on, body := w.active("rp", got.Access); !on || !strings.Contains(body, policy.ACRMedium) {
		t.Errorf("introspection: %s", body)
	}
	// Security case 24: another client learns nothing.
	if on, body := w.active("other", got.Access); on || strings.TrimSpace(body) != `{"active":false}` {
		t.Errorf("another client: %s", body)
	}
	w.do("POST", "/oauth/revoke", w.as("other", url.Values{"token": {got.Access}}))
	if on, _ := w.active("rp", got.Access); !on {
		t.Error("another client revoked it")
	}
	w.do("POST", "/oauth/revoke", w.as("rp", url.Values{"token": {got.Access}}))
	if on, body := w.active("rp", got.Access); on || strings.TrimSpace(body) != `{"active":false}` {
		t.Errorf("after revocation: %s", body)
	}
}

// Discovery says exactly what is wired.
func TestDiscoverySaysWhatIsWired(t *testing.T) {
	w := newWorld(t)
	rec := w.do("GET", "/.well-known/openid-configuration", nil)
	var doc map[string]any
	w.must(json.Unmarshal(rec.Body.Bytes(), &doc))
	for key, v := range maps.All(doc) {
		address, ok := v.(string)
		if !ok || key == "issuer" || !strings.HasPrefix(address, w.issuer) {
			continue
		}
		path := strings.TrimPrefix(address, w.issuer)
		if got := w.do("POST", path, url.Values{}).Code; got == http.StatusNotFound {
			t.Errorf("%s: %s is not there", key, path)
		}
	}
	for _, absent := range []string{"registration_endpoint", "device_authorization_endpoint", "check_session_iframe", "introspection_signing"} {
		if _, ok := doc[absent]; ok {
			t.Errorf("%s is claimed", absent)
		}
	}
	if doc["authorization_response_iss_parameter_supported"] != true || doc["request_parameter_supported"] != false {
		t.Errorf("%v", doc)
	}
}
