package provider_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/policy"
)

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

// D18, D19, D21: sub is never empty, an ID token comes with openid alone, auth_time is real.
func TestD18D19D21ClaimsOfTheIDToken(t *testing.T) {
	w := newWorld(t)
	signedIn := w.now().Unix()
	cookie := w.signIn(false)
	w.pass(10 * time.Minute)
	got := w.redeem(answer(w.authorize(ask("scope", "openid", "nonce", ""), cookie)).Get("code"))
	c := w.claims(got.ID)
	if c["sub"] != string(anna) || c["auth_time"] != float64(signedIn) || c["acr"] != policy.ACRBasic || c["iat"] != float64(w.now().Unix()) || c["exp"] != float64(w.now().Add(time.Hour).Unix()) {
		t.Errorf("%v", c)
	}
	for _, name := range []string{"nonce", "email", "name", "https://eulogin.example/claims/assurance_level"} {
		if _, there := c[name]; there {
			t.Errorf("%s was not asked for: %v", name, c[name])
		}
	}
	sum := sha256.Sum256([]byte(got.Access))
	if c["at_hash"] != base64.RawURLEncoding.EncodeToString(sum[:16]) {
		t.Errorf("at_hash %v", c["at_hash"])
	}
	if got.Refresh != "" {
		t.Error("a refresh token without offline_access")
	}
}

// RFC 6750 §3: what is wrong with a token stands in the challenge.
func TestUserinfoChallenges(t *testing.T) {
	w := newWorld(t)
	token := w.redeem(w.code()).Access
	for name, tt := range map[string]struct {
		authorization, body string
		code                int
		challenge           string
	}{
		"nothing":                {"", "", 401, "Bearer"},
		"another scheme":         {"Basic YTpi", "", 401, "Bearer"},
		"a bad token":            {"Bearer x", "", 401, `Bearer error="invalid_token"`},
		"any case of the scheme": {"bEARER " + token, "", 200, ""},
		"in the body":            {"", "access_token=" + token, 200, ""},
		"a bad one in the body":  {"", "access_token=x", 401, `Bearer error="invalid_token"`},
		"twice":                  {"Bearer " + token, "access_token=" + token, 400, `Bearer error="invalid_request"`},
	} {
		r := httptest.NewRequest("POST", w.issuer+"/oauth/userinfo", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if tt.authorization != "" {
			r.Header.Set("Authorization", tt.authorization)
		}
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != tt.code || rec.Header().Get("WWW-Authenticate") != tt.challenge {
			t.Errorf("%s: %d %q", name, rec.Code, rec.Header().Get("WWW-Authenticate"))
		}
	}
}

// A token ends when its account may not sign in any more, at once and everywhere.
func TestTokensEndWithTheAccount(t *testing.T) {
	w := newWorld(t)
	got, session := w.redeem(w.code()), w.redeem(w.code("scope", "openid"))
	w.exec(`UPDATE accounts SET status = 'disabled'`)
	for _, token := range []string{got.Access, session.Access} {
		if on, body := w.active("rp", token); on || strings.TrimSpace(body) != `{"active":false}` {
			t.Errorf("introspection: %s", body)
		}
		if rec := w.userinfo(token); rec.Code != http.StatusUnauthorized {
			t.Errorf("userinfo: %d", rec.Code)
		}
	}
}

// RFC 7009: a refresh token takes its access tokens with it, and only its own client can.
func TestRevocationOfARefreshToken(t *testing.T) {
	w := newWorld(t)
	got := w.redeem(w.code())
	revoke := func(as, token string) int {
		return w.do("POST", "/oauth/revoke", w.as(as, url.Values{"token": {token}})).Code
	}
	for _, token := range []string{"nonsense", got.Refresh + "x", strings.Repeat("x", 5000)} {
		if code := revoke("rp", token); code != http.StatusOK {
			t.Errorf("%.20q: %d", token, code)
		}
	}
	if code := revoke("other", got.Refresh); code != http.StatusOK {
		t.Errorf("another client: %d", code)
	}
	if on, _ := w.active("rp", got.Access); !on {
		t.Fatal("another client ended it")
	}
	if code := revoke("rp", got.Refresh); code != http.StatusOK {
		t.Errorf("%d", code)
	}
	if on, _ := w.active("rp", got.Access); on {
		t.Error("the access token outlived its refresh token")
	}
	if w.refresh(got.Refresh).Error != "invalid_grant" {
		t.Error("a revoked token was refreshed")
	}
}

// Security case 24: a client learns of another's tokens where it is registered to.
func TestIntrospectionByRegistration(t *testing.T) {
	w := newWorld(t)
	token := w.redeem(w.code()).Access
	w.register("other", map[string]any{"redirect_uris": []string{"https://other.example/cb"}, "introspects": []string{"rp"}})
	if on, body := w.active("other", token); !on || !strings.Contains(body, `"client_id":"rp"`) {
		t.Errorf("%s", body)
	}
}
