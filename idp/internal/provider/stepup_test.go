package provider_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
)

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

// prompt=none never shows a page, and says what is missing (OpenID Connect Core §3.1.2.6).
func TestPromptNoneSaysWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	old := w.signIn(true)
	w.pass(30 * time.Minute)
	fresh := w.signIn(false)
	hint := w.redeem(w.code()).ID
	w.exec(`INSERT INTO accounts (id, given_name, family_name, email, email_key, mail_lang, status, assurance, always_mfa, privacy_version, created_at, updated_at, version) ` +
		`SELECT 'n00berta', given_name, family_name, 'b@x', 'b@x', mail_lang, status, assurance, always_mfa, privacy_version, created_at, updated_at, version FROM accounts`)
	token, _, err := w.sessions.Start(t.Context(), "n00berta", []policy.Proof{{Method: policy.Password, At: w.now()}}, session.Meta{})
	w.must(err)
	other := &http.Cookie{Name: old.Name, Value: token}
	for name, tt := range map[string]struct {
		q      url.Values
		cookie *http.Cookie
		want   string
	}{
		"too old":                   {ask("max_age", "60"), old, "login_required"},
		"a second factor":           {ask("acr_values", policy.ACRMedium), fresh, "interaction_required"},
		"somebody else's hint":      {ask("id_token_hint", hint), other, "login_required"},
		"a session that is none":    {ask(), &http.Cookie{Name: old.Name, Value: "x"}, "login_required"},
		"nothing":                   {ask(), old, ""},
		"max_age that is no number": {ask("max_age", "-1"), old, "invalid_request"},
	} {
		tt.q.Set("prompt", "none")
		rec := w.authorize(tt.q, tt.cookie)
		a := answer(rec)
		if a.Get("error") != tt.want || (tt.want == "") != (a.Get("code") != "") || a.Get("flow") != "" {
			t.Errorf("%s: %s", name, rec.Header().Get("Location"))
		}
	}
}

func TestOtherPrompts(t *testing.T) {
	w := newWorld(t)
	for prompt, want := range map[string]string{"create": "invalid_request", "login none": "invalid_request", "x": "invalid_request"} {
		if a := answer(w.authorize(ask("prompt", prompt), w.signIn(true))); a.Get("error") != want {
			t.Errorf("%s: %v", prompt, a)
		}
	}
	rec := w.authorize(ask("prompt", "select_account"), w.signIn(true))
	flow, binding := answer(rec).Get("flow"), rec.Result().Cookies()[0]
	v, err := w.login.Look(t.Context(), flow, ident.Digest(binding.Value))
	if err != nil || v.Step != login.Identify || v.Flow.Account != "" {
		t.Errorf("select_account shows %q for %q: %v", v.Step, v.Flow.Account, err)
	}
}

// A wish is met where it can be, through acr_values or through the claims parameter, and the
// service's registered minimum holds without either.
func TestWishesAndMinimum(t *testing.T) {
	w := newWorld(t)
	voluntary := `{"id_token":{"acr":{"values":["` + policy.ACRMedium + `"]},"auth_time":{"essential":true}},"userinfo":{"given_name":null}}`
	for name, q := range map[string]url.Values{"acr_values": ask("acr_values", "urn:x "+policy.ACRMedium), "claims": ask("claims", voluntary)} {
		if a := answer(w.authorize(q, w.signIn(false))); a.Get("flow") == "" {
			t.Errorf("%s: the wish was not tried: %v", name, a)
		}
		if a := answer(w.authorize(q, w.signIn(true))); a.Get("code") == "" {
			t.Errorf("%s: %v", name, a)
		}
	}
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "default_acr_values": []string{policy.ACRMedium}})
	if a := answer(w.authorize(ask("acr_values", policy.ACRBasic), w.signIn(false))); a.Get("flow") == "" {
		t.Errorf("the registered minimum was lowered in the address: %v", a)
	}
	w.exec(`UPDATE accounts SET always_mfa = TRUE`)
	w.register("other", map[string]any{"redirect_uris": []string{callback}})
	if a := answer(w.authorize(ask("client_id", "other"), w.signIn(false))); a.Get("flow") == "" {
		t.Errorf("the person always wants two factors: %v", a)
	}
}

// A service that registered default_max_age gets no older sign-in, and may ask for less.
func TestDefaultMaxAge(t *testing.T) {
	w := newWorld(t)
	w.register("rp", map[string]any{"redirect_uris": []string{callback}, "default_max_age": 600})
	token := w.signIn(false)
	if a := answer(w.authorize(ask(), token)); a.Get("code") == "" {
		t.Fatalf("at once: %v", a)
	}
	w.pass(11 * time.Minute)
	if a := answer(w.authorize(ask(), token)); a.Get("flow") == "" {
		t.Fatalf("after eleven minutes: %v", a)
	}
	if a := answer(w.authorize(ask("max_age", "3600"), token)); a.Get("code") == "" {
		t.Fatalf("the request says otherwise: %v", a)
	}
}
