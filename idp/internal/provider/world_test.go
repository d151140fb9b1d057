package provider_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/provider"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/signout"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/idp/internal/web"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/page"
	"eulogin.example/proto/kit/sqldb"
)

const (
	anna     = ident.AccountID("n00annaaaaa")
	callback = "https://rp.example/callback"
	verifier = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
)

// world is the provider with everything it stands on, on a real store.
type world struct {
	t        testing.TB
	at       atomic.Int64
	db       *sqldb.DB
	store    *sqlstore.Store
	sessions *session.Service
	ring     *signing.Ring
	handler  http.Handler
	issuer   string
	keys     map[string]*ecdsa.PrivateKey
	login    *login.Service
}

func (w *world) now() time.Time       { return time.UnixMicro(w.at.Load()).UTC() }
func (w *world) pass(d time.Duration) { w.at.Add(d.Microseconds()) }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, issuer: "https://idp.example", keys: map[string]*ecdsa.PrivateKey{}}
	w.at.Store(time.Now().UnixMicro())
	w.db = backendtest.SQLite(t, sqlstore.Migrations())
	w.store = sqlstore.New(w.db)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	store := kv.NewEmbedded(w.db, w.now)
	site, err := page.New(page.Config{Templates: web.Templates, Locales: web.Locales, Static: web.Static, Product: "EU Login", CookiePrefix: "eulogin_", Secure: true, Log: quiet})
	w.must(err)
	w.sessions = session.New(store, w.now, rand.Reader)
	w.ring, err = signing.New(t.Context(), w.store, make([]byte, 32), w.now, rand.Reader)
	w.must(err)
	clients, err := client.Load(w.clients(), false)
	w.must(err)
	w.login = login.New(login.Config{KV: store, Accounts: w.store, Limits: limit.New(store, w.now), Sessions: w.sessions, History: w.store, Methods: map[policy.Method]login.Method{}, Now: w.now, Random: rand.Reader, Log: quiet})
	b := &browser.Browser{Secure: true, Random: rand.Reader, Now: w.now, KV: store, Accounts: w.store, Sessions: w.sessions, Login: w.login, Address: func(*http.Request) string { return "192.0.2.1" }}
	ender := &signout.Service{Sessions: w.sessions, Store: w.store, Now: w.now, Listens: func(string) bool { return false }, Kick: func() {}}
	w.handler = site.Middleware(provider.New(provider.Config{
		Issuer: w.issuer, Site: site, Browser: b, Login: w.login, Sessions: w.sessions, Accounts: w.store, Clients: clients,
		Grants: &grant.Service{KV: store, Families: w.store, Now: w.now, Random: rand.Reader}, Ring: w.ring, KV: store, Ender: ender, Now: w.now, Log: quiet,
	}))
	w.must(w.store.Create(t.Context(), account.Account{
		ID: anna, GivenName: "Anna", FamilyName: "Kovářová", Email: "anna@example.org", EmailKey: "anna@example.org", MailLang: "fr", Status: account.Active, Assurance: 10, CreatedAt: w.now(),
	}, "x", nil, nil))
	return w
}

// clients writes two confidential clients and a native one.
func (w *world) clients() string {
	dir := w.t.TempDir()
	for id, more := range map[string]map[string]any{
		"rp":    {"redirect_uris": []string{callback}, "post_logout_redirect_uris": []string{"https://rp.example/bye"}, "scope": "openid email profile offline_access", "grant_types": []string{"authorization_code", "refresh_token"}},
		"other": {"redirect_uris": []string{"https://other.example/cb"}},
		"app":   {"redirect_uris": []string{"http://127.0.0.1/cb"}, "application_type": "native", "token_endpoint_auth_method": "none"},
	} {
		m := map[string]any{"client_id": id, "client_name": "Service " + id, "response_types": []string{"code"}, "grant_types": []string{"authorization_code"}, "scope": "openid email profile", "token_endpoint_auth_method": "private_key_jwt"}
		if id != "app" {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			w.must(err)
			w.keys[id] = key
			m["jwks"] = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}}
		}
		for k, v := range more {
			m[k] = v
		}
		raw, err := json.Marshal(m)
		w.must(err)
		w.must(os.WriteFile(filepath.Join(dir, id+".json"), raw, 0o600))
	}
	return dir
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

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
