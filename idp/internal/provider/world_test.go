package provider_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/check"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/clientkeys"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/pairwise"
	"eulogin.example/idp/internal/phonelogin"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/provider"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/sector"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/signout"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/idp/internal/web"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/idp/internal/web/farewell"
	"eulogin.example/idp/internal/web/integration"
	"eulogin.example/idp/internal/web/signin"
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

// world is the provider with everything it stands on, on real stores that can go down.
type world struct {
	t         testing.TB
	at        atomic.Int64
	db        *sqldb.DB
	kv        *probe
	lasting   *lasting
	store     *sqlstore.Store
	sessions  *session.Service
	consents  *consent.Service
	ring      *signing.Ring
	subjects  *pairwise.Subjects
	clients   *client.Registry
	registrar *registration.Service
	folder    string
	handler   http.Handler
	outside   sites
	issuer    string
	keys      map[string]*ecdsa.PrivateKey
	login     *login.Service
	checks    *check.Service
	listening func(address, token string) (int, error) // a service's logout address, in the integration check
	mtls      *provider.MTLS                           // set before serve
	phones    *phonetest.World                         // nil: nobody has one
	box       *seal.Box
}

func (w *world) now() time.Time       { return time.UnixMicro(w.at.Load()).UTC() }
func (w *world) pass(d time.Duration) { w.at.Add(d.Microseconds()) }

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, outside: sites{}, issuer: "https://idp.example", keys: map[string]*ecdsa.PrivateKey{}, folder: t.TempDir()}
	w.at.Store(time.Now().UnixMicro())
	w.db = backendtest.SQLite(t, sqlstore.Migrations())
	w.store = sqlstore.New(w.db)
	w.lasting = &lasting{Store: w.store}
	w.kv = &probe{Store: kv.NewEmbedded(backendtest.SQLite(t), w.now)}
	var err error
	w.sessions = session.New(w.kv, w.now, rand.Reader)
	w.registerAll()
	w.clients, err = client.Load(w.folder, false)
	w.must(err)
	w.ring, err = signing.New(t.Context(), signing.Config{Store: w.store, KEK: make([]byte, 32), Needed: w.clients.Signing, Now: w.now, Random: rand.Reader})
	w.must(err)
	w.box, err = seal.New(make([]byte, 32))
	w.must(err)
	w.registrar = &registration.Service{Store: w.store, Tokens: w.store, Clients: w.clients, Box: w.box, Now: w.now, Random: rand.Reader, Sector: sector.Reader{HTTP: &http.Client{Transport: w.outside}}.Check}
	w.subjects, err = pairwise.Open(t.Context(), w.store, w.box, w.now(), rand.Reader)
	w.must(err)
	w.must(w.clients.Use(t.Context(), w.registrar))
	w.checks = &check.Service{KV: w.kv, Box: w.box, Issuer: w.issuer, Now: w.now, Random: rand.Reader, Post: func(_ context.Context, address, token string) (int, error) {
		return w.listening(address, token)
	}}
	w.serve()
	w.must(w.store.Create(t.Context(), account.Account{
		ID: anna, GivenName: "Anna", FamilyName: "Kovářová", Email: "anna@example.org", EmailKey: "anna@example.org", MailLang: "fr", Status: account.Active, Assurance: 10, CreatedAt: w.now(),
	}, "x", nil, nil))
	return w
}

// pages are those of all worlds: reading the templates takes longer than most tests, and nothing changes them.
var pages = sync.OnceValues(func() (*page.Site, error) {
	return page.New(page.Config{
		Templates: web.Templates, Locales: web.Locales, Static: web.Static, Product: "EU Login", CookiePrefix: "eulogin_", Secure: true,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
})

// serve puts the provider behind the site's middleware, as package app does.
func (w *world) serve() {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	site, err := pages()
	w.must(err)
	listens := func(id string) bool {
		c, err := w.clients.ByID(context.Background(), id)
		return err == nil && c.BackchannelLogout != ""
	}
	w.consents = &consent.Service{
		Store: w.lasting, Accounts: w.lasting, Sessions: w.sessions, Name: func(id string) string { return "Service " + id }, Listens: listens, Kick: func() {},
		PageURL: w.issuer + "/account/services", Now: w.now,
	}
	w.login = login.New(login.Config{
		KV: w.kv, Accounts: w.lasting, Limits: limit.New(w.kv, w.now), Sessions: w.sessions, History: w.store, Consents: w.consents,
		Methods: map[policy.Method]login.Method{policy.AppPIN: nobodysPhone{}}, Now: w.now, Random: rand.Reader, Log: quiet,
	})
	b := &browser.Browser{
		Secure: true, Random: rand.Reader, Now: w.now, KV: w.kv, Accounts: w.lasting, Sessions: w.sessions, Login: w.login,
		Address: func(*http.Request) string { return "192.0.2.1" },
	}
	w.registrar.Admits = w.mtls.Admits()
	ender := &signout.Service{Sessions: w.sessions, Store: w.store, Now: w.now, Listens: listens, Kick: func() {}}
	endpoints := provider.New(provider.Config{
		Issuer: w.issuer, Site: site, Browser: b, Login: w.login, Sessions: w.sessions, Accounts: w.lasting, Consents: w.consents, Clients: w.clients,
		Subjects: w.subjects,
		Phones:   askedPhones{w}, Box: w.box,
		Registrar: w.registrar, Remote: clientkeys.New(&http.Client{Transport: w.outside}, w.now, quiet),
		MTLS:   w.mtls,
		Grants: &grant.Service{KV: w.kv, Families: w.lasting, Now: w.now, Random: rand.Reader}, Ring: w.ring, KV: w.kv, Ender: ender, Farewell: &farewell.Pages{Site: site, Clients: w.clients, Subjects: w.subjects, Issuer: w.issuer}, Limits: limit.New(w.kv, w.now), Check: w.checks, NonceKey: make([]byte, 32), Now: w.now, Log: quiet,
	})
	mux := http.NewServeMux()
	for _, path := range provider.Routes() {
		mux.Handle(path, endpoints)
	}
	mux.Handle("/", endpoints)
	(&integration.Pages{Site: site, Check: w.checks, Clients: w.clients.Rehearsal(), Issuer: w.issuer, Now: w.now}).Mount(mux)
	(&signin.Pages{Site: site, Browser: b, Login: w.login, Ender: ender, Farewell: &farewell.Pages{Site: site, Clients: w.clients, Subjects: w.subjects, Issuer: w.issuer}, Consents: w.consents, Subject: func(_ string, id ident.AccountID) string { return string(id) }, Groups: func(string) []string { return nil }, Now: w.now}).Mount(mux)
	shown := site.Middleware(mux)
	w.handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if provider.ForPrograms(r) {
			endpoints.ServeHTTP(rw, r)
			return
		}
		shown.ServeHTTP(rw, r)
	})
}

// registerAll registers two confidential clients, a native one, and one that is a script in a
// browser.
func (w *world) registerAll() {
	refresh := []string{"authorization_code", "refresh_token"}
	w.register("rp", map[string]any{
		"redirect_uris": []string{callback}, "post_logout_redirect_uris": []string{"https://rp.example/bye"}, "backchannel_logout_uri": "https://rp.example/logout",
		"scope": "openid email profile phone offline_access", "grant_types": refresh,
	})
	w.register("other", map[string]any{"redirect_uris": []string{"https://other.example/cb"}})
	w.register("app", map[string]any{
		"redirect_uris": []string{"http://127.0.0.1/cb"}, "application_type": "native", "token_endpoint_auth_method": "none",
		"scope": "openid offline_access", "grant_types": refresh,
	})
	w.register("spa", map[string]any{"redirect_uris": []string{"https://spa.example/cb"}, "token_endpoint_auth_method": "none"})
}

// register writes the metadata of a client into a file; changes lay over the usual ones.
func (w *world) register(id string, changes map[string]any) {
	w.t.Helper()
	w.must(os.WriteFile(filepath.Join(w.folder, id+".json"), w.metadata(id, changes), 0o600))
	if w.clients != nil {
		w.must(w.clients.Reload())
	}
}

// metadata are those of a client with a key of its own; changes lay over them.
func (w *world) metadata(id string, changes map[string]any) []byte {
	w.t.Helper()
	m := map[string]any{
		"client_id": id, "client_name": "Service " + id, "response_types": []string{"code"}, "grant_types": []string{"authorization_code"},
		"scope": "openid email profile", "token_endpoint_auth_method": "private_key_jwt",
	}
	for k, v := range changes {
		m[k] = v
	}
	if m["token_endpoint_auth_method"] == "private_key_jwt" && m["jwks"] == nil {
		if w.keys[id] == nil {
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			w.must(err)
			w.keys[id] = key
		}
		m["jwks"] = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: w.keys[id].Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}}
	}
	raw, err := json.Marshal(m)
	w.must(err)
	return raw
}

// sites are the hosts that the provider can call: all others are down.
type sites map[string]http.Handler

func (s sites) RoundTrip(r *http.Request) (*http.Response, error) {
	site, up := s[r.URL.Host]
	if !up {
		return nil, errors.New("no route to host")
	}
	return handed{site}.RoundTrip(r)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// nobodysPhone is a method that is switched on and that nobody here has.
type nobodysPhone struct{ phonelogin.Method }

func (nobodysPhone) Enrolled(context.Context, ident.AccountID) ([]policy.Method, error) {
	return nil, nil
}
