package provider_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
)

// signIn gives the cookie of a living session with a password, and with medium a phone.
func (w *world) signIn(medium bool) *http.Cookie {
	w.t.Helper()
	proofs := []policy.Proof{{Method: policy.Password, At: w.now()}}
	if medium {
		proofs = append(proofs, policy.Proof{Method: policy.AppPIN, FactorID: "d", At: w.now()})
	}
	token, _, err := w.sessions.Start(w.t.Context(), anna, proofs, session.Meta{})
	w.must(err)
	return &http.Cookie{Name: "__Host-eulogin_session", Value: token}
}

// do sends a request.
func (w *world) do(method, target string, form url.Values, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, w.issuer+target, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// ask is a good authorization request; changes lay over it, "" removes.
func ask(changes ...string) url.Values {
	q := url.Values{
		"client_id": {"rp"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid email profile offline_access"}, "state": {"s1"}, "nonce": {"n1"},
		"code_challenge": {challenge()}, "code_challenge_method": {"S256"},
	}
	for i := 0; i < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			q.Del(changes[i])
		}
	}
	return q
}

func (w *world) authorize(q url.Values, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	return w.do("GET", "/authorize?"+q.Encode(), nil, cookies...)
}

// answer gives the parameters that a redirect carries.
func answer(rec *httptest.ResponseRecorder) url.Values {
	u, err := url.Parse(rec.Header().Get("Location"))
	if err != nil {
		return nil
	}
	if u.RawQuery == "" { // errors of response types that use the fragment
		q, _ := url.ParseQuery(u.Fragment)
		return q
	}
	return u.Query()
}

// code signs in and gives a code.
func (w *world) code(changes ...string) string {
	w.t.Helper()
	rec := w.authorize(ask(changes...), w.signIn(true))
	code := answer(rec).Get("code")
	if code == "" {
		w.t.Fatalf("no code: %d %s\n%s", rec.Code, rec.Header().Get("Location"), rec.Body)
	}
	return code
}

// assertion makes a client assertion; changes lay over its claims.
func (w *world) assertion(id string, changes map[string]any) string {
	w.t.Helper()
	claims := map[string]any{"iss": id, "sub": id, "aud": w.issuer, "jti": ident.NewID(rand.Reader), "iat": w.now().Unix(), "exp": w.now().Add(time.Minute).Unix()}
	for k, v := range changes {
		claims[k] = v
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: w.keys[id], KeyID: "k1"}}, nil)
	w.must(err)
	raw, err := json.Marshal(claims)
	w.must(err)
	jws, err := signer.Sign(raw)
	w.must(err)
	out, err := jws.CompactSerialize()
	w.must(err)
	return out
}

// as adds client authentication to a form.
func (w *world) as(id string, form url.Values) url.Values {
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	form.Set("client_assertion", w.assertion(id, nil))
	return form
}

type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	ID      string `json:"id_token"`
	Error   string `json:"error"`
}

func (w *world) token(form url.Values) (tokens, *httptest.ResponseRecorder) {
	rec := w.do("POST", "/oauth/token", form)
	var t tokens
	_ = json.Unmarshal(rec.Body.Bytes(), &t)
	return t, rec
}

func exchange(code string, changes ...string) url.Values {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier}}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	return form
}

func (w *world) redeem(code string) tokens {
	w.t.Helper()
	t, rec := w.token(w.as("rp", exchange(code)))
	if t.Access == "" {
		w.t.Fatalf("no token: %d %s", rec.Code, rec.Body)
	}
	return t
}

// active asks introspection.
func (w *world) active(as, token string) (bool, string) {
	rec := w.do("POST", "/oauth/introspect", w.as(as, url.Values{"token": {token}}))
	var a struct{ Active bool }
	_ = json.Unmarshal(rec.Body.Bytes(), &a)
	return a.Active, rec.Body.String()
}

// userinfo asks with an access token.
func (w *world) userinfo(token string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", w.issuer+"/oauth/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

// refresh asks with a refresh token, in the name of rp.
func (w *world) refresh(token string, changes ...string) tokens {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
	for i := 0; i < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	got, _ := w.token(w.as("rp", form))
	return got
}

// claims verifies an ID token against the published keys and gives its claims.
func (w *world) claims(idToken string) map[string]any {
	w.t.Helper()
	var set jose.JSONWebKeySet
	w.must(json.Unmarshal(w.do("GET", "/oauth/keys", nil).Body.Bytes(), &set))
	jws, err := jose.ParseSignedCompact(idToken, client.Algorithms)
	w.must(err)
	payload, err := jws.Verify(set.Key(jws.Signatures[0].Header.KeyID)[0])
	w.must(err)
	var claims map[string]any
	w.must(json.Unmarshal(payload, &claims))
	return claims
}

// forged is an assertion in rp's name signed with another client's key.
func forged(w *world) string {
	mine := w.keys["rp"]
	w.keys["rp"] = w.keys["other"]
	defer func() { w.keys["rp"] = mine }()
	return w.assertion("rp", nil)
}

// finish ends a sign-in whose last step is done.
func (w *world) finish(flow, binding string) {
	w.t.Helper()
	_, err := w.login.Finish(w.t.Context(), flow, binding, "", session.Meta{})
	w.must(err)
}
