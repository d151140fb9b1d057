package keys_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/keylogin"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/idp/internal/web"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/idp/internal/web/keys"
	"eulogin.example/idp/internal/web/signin"
	"eulogin.example/idp/internal/webauthntest"
	"eulogin.example/proto/kit/page"
)

// Pages that ask for more than a sign-in, and say "Inside".
const (
	twoFactors = "/two-factors"
	resistant  = "/phishing-resistant"
)

// house is the keys' pages with those of signing in, everything real but the authenticator.
type house struct {
	*accounttest.World
	t    *testing.T
	keys *webauthn.Service
	url  string
	log  *strings.Builder
	anna account.Account
}

// journal writes one event for each change.
type journal struct{ clock *accounttest.Clock }

func (j journal) Added(_ context.Context, id ident.AccountID, _ factor.Factor) (factor.Record, error) {
	return factor.Record{At: j.clock.Now(), Events: []audit.Event{{Actor: id, Subject: id, Action: "factor.added"}}}, nil
}

func (j journal) Removed(_ context.Context, id ident.AccountID, _ factor.Factor) (factor.Record, error) {
	return factor.Record{At: j.clock.Now(), Events: []audit.Event{{Actor: id, Subject: id, Action: "factor.removed"}}}, nil
}

func newHouse(t *testing.T, roots *x509.CertPool) *house {
	t.Helper()
	h := &house{World: accounttest.New(t), t: t, log: &strings.Builder{}}
	h.anna = h.Anna(t)
	log := slog.New(slog.NewTextHandler(h.log, nil))
	site, err := page.New(page.Config{Templates: web.Templates, Locales: web.Locales, Static: web.Static, Product: "EU Login", CookiePrefix: "eulogin_", Log: log})
	check(t, err)
	h.keys, err = webauthn.New(webauthn.Config{
		Issuer: accounttest.Issuer, Product: "EU Login", Roots: roots, Store: sqlstore.NewKeys(h.Store, h.Store), KV: h.KV, Limits: h.Limits,
		People: sqlstore.NewDevices(h.Store, h.Store), Journal: journal{h.Clock}, Now: h.Clock.Now, Rand: rand.Reader,
	})
	check(t, err)
	sessions := session.New(h.KV, h.Clock.Now, rand.Reader)
	l := login.New(login.Config{
		KV: h.KV, Accounts: h.Store, Passwords: h.Passwords, Limits: h.Limits, Sessions: sessions, History: h.Store,
		Methods: map[policy.Method]login.Method{policy.SecurityKey: keylogin.Method{Keys: h.keys}},
		LostURL: accounttest.Issuer + "/password/lost", Now: h.Clock.Now, Random: rand.Reader, Log: log,
	})
	b := &browser.Browser{
		Random: rand.Reader, Now: h.Clock.Now, KV: h.KV, Accounts: h.Store, Sessions: sessions, Login: l,
		Address: func(*http.Request) string { return "192.0.2.7" },
	}
	mux := http.NewServeMux()
	(&signin.Pages{Site: site, Login: l, Browser: b, Now: h.Clock.Now}).Mount(mux)
	pages, err := keys.New(keys.Config{Site: site, Keys: h.keys, Factors: l, Browser: b, Now: h.Clock.Now})
	check(t, err)
	pages.Mount(mux)
	phishable := policy.AtLeast(policy.Medium, -1)
	phr := phishable
	phr.Floor, phr.Wanted = policy.Strength{Level: policy.Medium, Resistance: policy.PhishingResistant}, policy.Strength{Level: policy.Medium, Resistance: policy.PhishingResistant}
	for path, req := range map[string]policy.Requirement{twoFactors: phishable, resistant: phr} {
		mux.Handle("GET "+path, site.Handle(b.Require(req, func(w http.ResponseWriter, r *http.Request) error {
			_, err := w.Write([]byte("<h1>Inside</h1><main>" + browser.From(r.Context()).Account.Email + "</main>"))
			return err
		})))
	}
	srv := httptest.NewServer(site.Middleware(mux))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) visit() *browse.Visitor {
	return (&browse.House{World: h.World, URL: h.url}).Visit(h.t)
}

// password signs in by password on the way to a page.
func (h *house) password(v *browse.Visitor, email, path string) *browse.Page {
	h.t.Helper()
	p := v.Get(path).Send("/login/identify", map[string]string{"email": email})
	return p.Send("/login/password", map[string]string{"password": accounttest.Secret})
}

// device makes an authenticator at this service.
func (h *house) device() *webauthntest.Authenticator {
	return webauthntest.New(h.t, accounttest.Issuer, "login.test")
}

// add enrols an authenticator on the pages.
func (h *house) add(v *browse.Visitor, name string, a *webauthntest.Authenticator) *browse.Page {
	h.t.Helper()
	p := v.Get("/account/keys/add").Send("/account/keys/add", map[string]string{"name": name})
	return p.Send("/account/keys/browser", map[string]string{"code": a.Create(h.t, options(h.t, p))})
}

// options reads what the page asks the browser.
func options(t *testing.T, p *browse.Page) string {
	t.Helper()
	o := p.Attr("form", "id", "key-form", "data-options")
	if o == "" {
		t.Fatalf("%s (%d) asks the browser nothing:\n%s", p.Path, p.Status, p.Text("main"))
	}
	return o
}

func is(t testing.TB, p *browse.Page, status int, heading string) {
	t.Helper()
	if p.Status != status || p.Text("h1") != heading {
		t.Fatalf("%s: %d %q, want %d %q\n%s", p.Path, p.Status, p.Text("h1"), status, heading, p.Text("main"))
	}
}

func says(t testing.TB, p *browse.Page, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.Text("main"), text) {
			t.Errorf("%s: %q is missing in\n%s", p.Path, text, p.Text("main"))
		}
	}
}
