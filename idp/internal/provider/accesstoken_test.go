package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/client/rp"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/provider"
	"eulogin.example/idp/internal/signing"
)

// header reads the header of a compact JWS.
func (w *world) header(token string) map[string]any {
	w.t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[0])
	w.must(err)
	var h map[string]any
	w.must(json.Unmarshal(raw, &h))
	return h
}

// RFC 9068: for a client that registers it an access token is a JWT that its resource server verifies
// alone. The verifier is the library's.
func TestAnAccessTokenThatIsAJWT(t *testing.T) {
	w := apis(t, "access_token_format", "jwt")
	got := w.redeem(answer(w.authorize(aimed(wiki, w.issuer), w.signIn(true))).Get("code"))
	if h := w.header(got.Access); h["typ"] != "at+jwt" || h["alg"] != "ES256" || h["kid"] == "" || len(h) != 3 {
		t.Errorf("%v", h)
	}
	keys := rp.NewRemoteKeySet(&http.Client{Transport: handed{w.handler}}, w.issuer+"/oauth/keys")
	c, err := op.VerifyAccessToken[*oidc.AccessTokenClaims](t.Context(), got.Access, op.NewAccessTokenVerifier(w.issuer, keys, op.WithSupportedAccessTokenSigningAlgorithms("ES256")))
	w.must(err)
	if c.Subject != string(anna) || c.ClientID != "rp" || !slices.Equal(c.Audience, []string{wiki, w.issuer}) || len(c.JWTID) != 26 || c.AuthenticationContextClassReference != policy.ACRMedium ||
		!slices.Equal(c.Scopes, []string{"openid", "email", "profile", "offline_access"}) || c.Expiration.AsTime().Sub(c.IssuedAt.AsTime()) != 5*time.Minute || c.AuthTime == 0 || len(c.AuthenticationMethodsReferences) == 0 {
		t.Errorf("%+v", c)
	}
	for name := range w.claims(got.Access) {
		if !slices.Contains(strings.Fields("iss sub aud exp iat jti client_id scope auth_time acr amr sid"), name) {
			t.Errorf("it tells %s", name)
		}
	}
	if id := w.claims(got.ID); id["at_hash"] != base64.RawURLEncoding.EncodeToString(signing.Half(jose.ES256, got.Access)) || id["sid"] != w.claims(got.Access)["sid"] {
		t.Errorf("%v", id)
	}
	next := w.refresh(got.Refresh, "resource", wiki, "scope", "openid")
	if c := w.claims(next.Access); len(c["aud"].([]any)) != 1 || c["aud"].([]any)[0] != wiki || c["scope"] != "openid" || c["acr"] != policy.ACRMedium {
		t.Errorf("after the refresh: %v", c)
	}
}

// It can be asked about here, and ended here, like a handle: its jti is the name of a record.
func TestAJWTEndsLikeAHandle(t *testing.T) {
	w := apis(t, "access_token_format", "jwt")
	c := w.signIn(true)
	give := func(changes ...string) tokens { return w.redeem(answer(w.authorize(ask(changes...), c)).Get("code")) }
	for name, end := range map[string]func(tokens){
		"revocation":                   func(got tokens) { w.do("POST", "/oauth/revoke", w.as("rp", url.Values{"token": {got.Access}})) },
		"revocation of its refresh":    func(got tokens) { w.do("POST", "/oauth/revoke", w.as("rp", url.Values{"token": {got.Refresh}})) },
		"an older refresh token again": func(got tokens) { next := w.refresh(got.Refresh); w.refresh(next.Refresh); w.refresh(got.Refresh) },
		"its own time":                 func(tokens) { w.pass(5 * time.Minute) },
	} {
		got := give()
		w.do("POST", "/oauth/revoke", w.as("other", url.Values{"token": {got.Access}})) // another client ends nothing
		if on, body := w.active("rp", got.Access); !on || w.userinfo(got.Access).Code != http.StatusOK {
			t.Fatalf("%s: %s", name, body)
		}
		end(got)
		if on, body := w.active("rp", got.Access); on || strings.TrimSpace(body) != `{"active":false}` || w.userinfo(got.Access).Code != http.StatusUnauthorized {
			t.Errorf("after %s: %s", name, body)
		}
	}
	code := answer(w.authorize(ask("scope", "openid"), c)).Get("code")
	got := w.redeem(code)
	if again, _ := w.token(w.as("rp", exchange(code))); again.Error != "invalid_grant" {
		t.Errorf("%+v", again)
	}
	if on, _ := w.active("rp", got.Access); on {
		t.Error("a code that came twice left its token")
	}
}

// The algorithm is the registered one; RS256 is there for who knows no other (RFC 9068 §2.1).
func TestJWTAccessTokensAreSignedAsRegistered(t *testing.T) {
	w := apis(t)
	for _, alg := range client.Algorithms {
		w.register("rp", map[string]any{"redirect_uris": []string{callback}, "access_token_format": "jwt", "access_token_signed_response_alg": string(alg)})
		w.must(w.ring.Refresh(t.Context()))
		got := w.redeem(w.code("scope", "openid"))
		if h := w.header(got.Access); h["alg"] != string(alg) || w.claims(got.Access)["client_id"] != "rp" || w.header(got.ID)["alg"] != "ES256" {
			t.Errorf("%s: %v", alg, h)
		}
		if rec := w.userinfo(got.Access); rec.Code != http.StatusOK {
			t.Errorf("%s: userinfo %d", alg, rec.Code)
		}
	}
}

// RFC 9449 §6.1: the key that a JWT is bound to stands in it.
func TestAJWTOfAKey(t *testing.T) {
	h := apis(t, "access_token_format", "jwt").holder()
	nonce := h.nonce()
	token, _ := h.bound(nonce)["access_token"].(string)
	if cnf, _ := h.claims(token)["cnf"].(map[string]any); cnf["jkt"] != h.jkt() {
		t.Errorf("%v", h.claims(token))
	}
	if rec := h.info("DPoP", token, h.proof("GET", "/oauth/userinfo", token, nonce, nil)); rec.Code != http.StatusOK {
		t.Errorf("with the proof: %d", rec.Code)
	}
	if rec := h.info("Bearer", token); rec.Code != http.StatusUnauthorized {
		t.Errorf("without: %d", rec.Code)
	}
}

// Security case 21: an access token is what was given, to the last bit. Neither another spelling of it,
// nor another one with its jti, is one, not even with a signature of our own key.
func TestAJWTIsExact(t *testing.T) {
	w := apis(t, "access_token_format", "jwt")
	token := w.redeem(w.code()).Access
	part := strings.Split(token, ".")
	claims := w.claims(token)
	claims["sub"] = "n00somebody"
	other, err := w.ring.Sign(jose.ES256, signing.AccessToken, claims)
	w.must(err)
	same, err := w.ring.Sign(jose.ES256, signing.AccessToken, w.claims(token))
	w.must(err)
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"at+jwt"}`))
	for name, bad := range map[string]string{
		"no signature":        part[0] + "." + part[1] + ".",
		"alg none":            none + "." + part[1] + ".",
		"cut":                 token[:len(token)-1],
		"longer":              token + "A",
		"padded":              token + "=",
		"two":                 token + "." + token,
		"a blank":             token + " ",
		"a line":              token + "\n",
		"its jti as a handle": claims["jti"].(string) + "." + part[2][:43],
		"its jti alone":       claims["jti"].(string),
		"another sub":         other,
		"signed again":        same,
		"the parts of two":    part[0] + "." + strings.Split(other, ".")[1] + "." + part[2],
		"another encoding":    strings.NewReplacer("-", "+", "_", "/").Replace(token) + "=",
	} {
		if bad == token {
			t.Fatalf("%s is the token", name)
		}
		if on, _ := w.active("rp", bad); on || w.userinfo(bad).Code != http.StatusUnauthorized {
			t.Errorf("%s is an access token", name)
		}
	}
	if on, _ := w.active("rp", token); !on {
		t.Error("and the real one is none")
	}
}

// Security case 22: each kind of token that is signed here is that kind alone, whatever it says.
func TestNoTokenIsTakenForAnother(t *testing.T) {
	w := apis(t, "access_token_format", "jwt")
	c := w.signIn(true)
	got := w.redeem(answer(w.authorize(ask(), c)).Get("code"))
	rp, err := w.clients.ByID(t.Context(), "rp")
	w.must(err)
	sid, jti := w.claims(got.Access)["sid"].(string), w.claims(got.Access)["jti"].(string)
	// A logout token with the jti of a living access token, and an ID token with it.
	logout, err := provider.LogoutToken(provider.Config{Issuer: w.issuer, Now: w.now, Ring: w.ring}, rp, anna, sid, jti)
	w.must(err)
	id := w.claims(got.ID)
	id["jti"] = jti
	named, err := w.ring.Sign(jose.ES256, signing.IDToken, id)
	w.must(err)
	told := w.introspect("rp", got.Access, introspectionType).Body.String()
	for name, token := range map[string]string{"an introspection": told, "an ID token": got.ID, "an ID token with a jti": named, "a logout token": logout, "a refresh token": got.Refresh} {
		if on, body := w.active("rp", token); on || w.userinfo(token).Code != http.StatusUnauthorized {
			t.Errorf("%s as an access token: %s", name, body)
		}
	}
	// An access token as the hint at sign-out, and at authorize, where it would name the person.
	if rec := w.do("GET", "/end_session?"+url.Values{"id_token_hint": {got.Access}}.Encode(), nil, c); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("as a hint at sign-out: %d", rec.Code)
	}
	claims := w.claims(got.Access)
	claims["sub"], claims["aud"] = "n00somebody", "rp" // as an ID token would have it: typ alone tells them apart
	for typ, counts := range map[string]bool{signing.AccessToken: false, signing.LogoutToken: false, signing.Introspection: false, signing.IDToken: true} {
		hint, err := w.ring.Sign(jose.ES256, typ, claims)
		w.must(err)
		if a := answer(w.authorize(ask("prompt", "none", "id_token_hint", hint), c)); (a.Get("error") == "login_required") != counts {
			t.Errorf("as a hint, typ %s: %v", typ, a)
		}
	}
	for name, token := range map[string]string{"an access token": got.Access, "an ID token": got.ID, "an introspection": told} {
		if no := w.refresh(token); no.Error != "invalid_grant" {
			t.Errorf("%s as a refresh token: %+v", name, no)
		}
		form := url.Values{"grant_type": {"authorization_code"}, "code": {token}, "redirect_uri": {callback}, "code_verifier": {verifier}}
		if no, _ := w.token(w.as("rp", form)); no.Error != "invalid_grant" {
			t.Errorf("%s as a code: %+v", name, no)
		}
		form = url.Values{"token": {got.Access}, "client_assertion": {token}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
		if rec := w.do("POST", "/oauth/introspect", form); rec.Code != http.StatusUnauthorized {
			t.Errorf("%s as a client assertion: %d", name, rec.Code)
		}
		q := url.Values{"client_id": {"rp"}, "redirect_uri": {callback}, "request": {token}}
		if a := answer(w.authorize(q, c)); a.Get("error") != "invalid_request_object" {
			t.Errorf("%s as a request object: %v", name, a)
		}
	}
}
