package check

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/signing"
)

// Facts are what an answer is made of.
type Facts struct {
	Issuer string // of the run's client, see Issuer
	Now    time.Time
	Asked  Asked
	Access string // access token that comes with the ID token
	SID    string
	Alg    jose.SignatureAlgorithm // that the client registered for ID tokens
}

// elsewhere is the issuer that answers name who are not from here.
const elsewhere = "https://issuer.example"

// logoutEvent says what a logout token is for (Back-Channel Logout 1.0 §2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// lower gives the acr below the one that was asked for, "" when there is none.
func lower(asked string) string {
	if s, ok := policy.StrengthOf(asked); !ok || s.Level <= policy.Basic && s.Resistance == 0 {
		return ""
	}
	return policy.Basic.ACR()
}

// Answer gives the parameters that the browser brings to the service. It is pure.
func Answer(c Case, a Asked, issuer, code string) url.Values {
	v := url.Values{"code": {code}, "state": {a.State}, "iss": {issuer}}
	if a.State == "" {
		v.Del("state")
	}
	switch c.ID {
	case "extras":
		v.Set("session_state", "of.no.use")
		v.Set("x_integration_check", "1")
	case "state-wrong":
		v.Set("state", "not-"+a.State)
	case "state-missing":
		v.Del("state")
	case "iss-wrong":
		v.Set("iss", elsewhere)
	case "iss-missing":
		v.Del("iss")
	case "error":
		v.Del("code")
		v.Set("error", "access_denied")
		v.Set("error_description", "the integration check plays a person who said no")
	}
	return v
}

// forged is a token before it is signed.
type forged struct {
	typ    string
	claims map[string]any
	how    how
}

// how a token is signed.
type how int

const (
	rightly  how = iota
	stranger     // by a key that was never published, under the name of the one that was
	unsigned
	shared // by HMAC, with the public key as the secret
)

// person are the claims about the synthetic person that scopes give.
func person(scopes []string) map[string]any {
	out := map[string]any{}
	if slices.Contains(scopes, "email") {
		out["email"], out["email_verified"] = "integration.check@example.org", true
	}
	if slices.Contains(scopes, "profile") {
		out["name"], out["given_name"], out["family_name"], out["locale"] = "Integration Check", "Integration", "Check", "en"
	}
	return out
}

// idToken gives the ID token of a case. It is pure.
func idToken(c Case, r Run, f Facts) forged {
	acr := f.Asked.ACR
	if acr == "" {
		acr = policy.Basic.ACR()
	}
	claims := person(f.Asked.Scopes)
	for name, v := range map[string]any{
		"iss": f.Issuer, "sub": r.Subject, "aud": r.Client, "exp": f.Now.Add(5 * time.Minute).Unix(), "iat": f.Now.Unix(), "auth_time": f.Now.Unix(),
		"acr": acr, "amr": []string{"pwd"}, "sid": f.SID, "at_hash": base64.RawURLEncoding.EncodeToString(signing.Half(f.Alg, f.Access)),
	} {
		claims[name] = v
	}
	if f.Asked.Nonce != "" {
		claims["nonce"] = f.Asked.Nonce
	}
	t := forged{typ: signing.IDToken, claims: claims}
	spoil(c, r, f, &t)
	return t
}

// spoil does what the case is about.
func spoil(c Case, r Run, f Facts, t *forged) {
	hour := func(n int) int64 { return f.Now.Add(time.Duration(n) * time.Hour).Unix() }
	switch c.ID {
	case "extras":
		t.claims["aud"], t.claims["x_integration_check"] = []string{r.Client}, map[string]any{"ignore": "this"}
	case "iss":
		t.claims["iss"] = elsewhere
	case "aud-wrong":
		t.claims["aud"] = "another-" + r.Client
	case "aud-extra":
		t.claims["aud"] = []string{r.Client, "another-" + r.Client}
	case "signature":
		t.how = stranger
	case "alg-none":
		t.how = unsigned
	case "alg-hs256":
		t.how = shared
	case "expired":
		t.claims["exp"], t.claims["iat"] = hour(-1), hour(-2)
	case "future":
		t.claims["iat"], t.claims["exp"] = hour(24), hour(25)
	case "nonce-wrong":
		t.claims["nonce"] = "not-" + f.Asked.Nonce
	case "nonce-missing":
		delete(t.claims, "nonce")
	case "sub-missing":
		delete(t.claims, "sub")
	case "acr-low":
		t.claims["acr"] = lower(f.Asked.ACR)
	case "auth-time":
		t.claims["auth_time"] = hour(-1) - *f.Asked.MaxAge
	case "typ-logout":
		t.typ, t.claims["events"] = signing.LogoutToken, map[string]any{logoutEvent: map[string]any{}}
	case "typ-access":
		t.typ, t.claims["client_id"] = signing.AccessToken, r.Client
	case "at-hash":
		t.claims["at_hash"] = base64.RawURLEncoding.EncodeToString(signing.Half(f.Alg, "not "+f.Access))
	}
}

// Info gives what userinfo says. It is pure.
func Info(c Case, r Run, scopes []string) map[string]any {
	out := person(scopes)
	out["sub"] = r.Subject
	if c.ID == "userinfo-sub" {
		out["sub"] = "another-" + r.Subject
	}
	return out
}

// logoutToken gives the logout token of a case. It is pure.
func logoutToken(c Case, r Run, f Facts, jti string) forged {
	t := forged{typ: signing.LogoutToken, claims: map[string]any{
		"iss": f.Issuer, "sub": r.Subject, "aud": r.Client, "iat": f.Now.Unix(), "exp": f.Now.Add(2 * time.Minute).Unix(), "jti": jti, "sid": f.SID,
		"events": map[string]any{logoutEvent: map[string]any{}},
	}}
	switch c.ID {
	case "logout-signature":
		t.how = stranger
	case "logout-aud":
		t.claims["aud"] = "another-" + r.Client
	case "logout-nonce":
		t.claims["nonce"] = "n"
	case "logout-events":
		delete(t.claims, "events")
	}
	return t
}

// IssuerPath is where the issuers of clients of the check are, below idp's own.
const IssuerPath = "/check/"

// Issuer is the issuer that a client of the check is configured with.
func Issuer(idp, client string) string { return strings.TrimSuffix(idp, "/") + IssuerPath + client }
