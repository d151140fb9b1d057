package signin_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/web"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/idp/internal/web/farewell"
	"eulogin.example/idp/internal/web/signin"
	"eulogin.example/proto/kit/page"
)

const rp = "https://cpms.example"

// world is the sign-in side on a test listener, over real SQLite and the embedded expiring
// store, with a phone that the test holds, and a stand-in for the OpenID Connect provider.
type world struct {
	*accounttest.World
	url      string
	phone    *phone
	sessions *session.Service
	login    *login.Service
	browser  *browser.Browser
	ended    *ended
	anna     account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: accounttest.New(t), ended: &ended{}}
	w.anna = w.Anna(t)
	w.phone = &phone{w: w, has: map[ident.AccountID]bool{}, state: map[string]login.State{}}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	w.sessions = session.New(w.KV, w.Clock.Now, rand.Reader)
	w.ended.sessions = w.sessions
	w.login = login.New(login.Config{
		KV: w.KV, Accounts: w.Store, Passwords: w.Passwords, Methods: map[policy.Method]login.Method{policy.AppPIN: w.phone},
		Limits: w.Limits, Sessions: w.sessions, History: w.Store, Consents: asking{}, LostURL: accounttest.Issuer + "/password/lost",
		Now: w.Clock.Now, Random: rand.Reader, Log: log,
	})
	w.browser = &browser.Browser{
		Random: rand.Reader, Now: w.Clock.Now, KV: w.KV, Accounts: w.Store, Sessions: w.sessions, Login: w.login,
		Address: func(r *http.Request) string { return "192.0.2.7" },
	}
	site, err := page.New(page.Config{
		Templates: only(t, web.Templates, "*/*.html"), Locales: only(t, web.Locales, "*/*.json"), Static: web.Static, Product: "EU Login", CookiePrefix: "eulogin_", Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	(&signin.Pages{Site: site, Browser: w.browser, Login: w.login, Ender: w.ended, Farewell: &farewell.Pages{Site: site, Clients: services{}, Issuer: accounttest.Issuer}, Consents: asking{}, Subject: func(_ string, id ident.AccountID) string { return "sub of " + string(id) }, Groups: func(string) []string { return nil }, Now: w.Clock.Now}).Mount(mux)
	w.mountNeighbours(mux, site)
	srv := httptest.NewServer(site.Middleware(mux))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	return w
}

// only gives the files of this area, so that an area that is under way elsewhere does not
// stop these tests.
func only(t *testing.T, files fs.FS, pattern string) fs.FS {
	t.Helper()
	names, err := fs.Glob(files, pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	out := fstest.MapFS{}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: raw}
	}
	return out
}

// mountNeighbours adds what others own: pages of My account, and the provider's two ends.
func (w *world) mountNeighbours(mux *http.ServeMux, site *page.Site) {
	says := func(name string) browser.Handler {
		return func(rw http.ResponseWriter, r *http.Request) error {
			p := browser.From(r.Context())
			_, err := fmt.Fprintf(rw, "%s of %s sid=%s", name, p.Account.Email, p.Session.ID)
			return err
		}
	}
	mux.Handle("GET /account", site.Handle(w.browser.Require(policy.Anyone(), says("My account"))))
	mux.Handle("GET /account/devices/add", site.Handle(w.browser.Require(policy.AtLeast(policy.Basic, 20*time.Minute), says("Add a device"))))
	fresh := w.browser.Require(policy.AtLeast(policy.Medium, 20*time.Minute), says("Manage"))
	mux.Handle("GET /account/manage", site.Handle(fresh))
	mux.Handle("POST /account/manage", site.Handle(fresh))
	mux.Handle("GET /authorize", site.Handle(func(rw http.ResponseWriter, r *http.Request) error {
		var offer *session.Session
		if s, ok, err := w.browser.Session(r); err != nil {
			return err
		} else if ok {
			offer = &s
		}
		floor := policy.Basic
		if r.FormValue("level") == "medium" {
			floor = policy.Medium
		}
		var release *consent.Release
		if ask := r.FormValue("ask"); ask != "" {
			release = &consent.Release{
				Items: []consent.Item{{Claim: "sub", Essential: true}, {Claim: "email", Essential: true}, {Claim: "given_name"}, {Claim: "offline_access"}, {Claim: "api:files"}}, Offline: 48 * time.Hour,
				URI: "https://cpms.example/", Policy: "https://cpms.example/privacy", Details: []consent.Detail{{At: "Files", Title: map[string]string{"en": ask}}},
			}
		}
		id, err := w.login.Begin(r.Context(), login.Request{
			Kind: login.KindAuthorize, ClientID: "cpms", ClientName: "CPMS", ReturnURL: "/authorize/callback", ReturnOrigin: rp, Release: release,
			Requirement: policy.AtLeast(floor, -1), Locale: r.FormValue("ui_locales"), LoginHint: r.FormValue("login_hint"),
		}, w.browser.Binding(rw, r), offer)
		if err != nil {
			return err
		}
		http.Redirect(rw, r, "/login?flow="+id, http.StatusSeeOther)
		return nil
	}))
	mux.Handle("GET /authorize/callback", site.Handle(func(rw http.ResponseWriter, r *http.Request) error {
		o, err := w.login.Outcome(r.Context(), r.FormValue("id"), w.browser.Binding(rw, r))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(rw, "outcome refused=%q account=%s level=%s sid=%s", o.Refused, o.Account, o.Decision.Level, o.Session.ID)
		if o.Agreed != nil {
			_, err = fmt.Fprintf(rw, " without=%q", o.Agreed.Without)
		}
		return err
	}))
}

// asking wants everybody to be asked, who left the given name out the last time.
type asking struct{}

func (asking) Asks(context.Context, ident.AccountID, string, consent.Release) (bool, error) {
	return true, nil
}

func (asking) Standing(context.Context, ident.AccountID, string) (consent.Standing, error) {
	return consent.Standing{"given_name": {EndedAt: time.Unix(1, 0), EndedFor: consent.Declined}}, nil
}

// phone is the second factor: the test does what its owner would do.
type phone struct {
	w      *world
	mu     sync.Mutex
	has    map[ident.AccountID]bool
	state  map[string]login.State
	last   string
	asked  login.Ask
	refuse error
}

func (p *phone) Proves() []policy.Method { return []policy.Method{policy.AppPIN} }

func (p *phone) EnrolPath() string { return "/account/devices/add" }

func (p *phone) Enrolled(_ context.Context, id ident.AccountID) ([]policy.Method, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.has[id] {
		return nil, nil
	}
	return p.Proves(), nil
}

func (p *phone) Start(_ context.Context, a login.Ask) (login.Pending, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse != nil {
		return login.Pending{}, p.refuse
	}
	p.asked, p.last = a, ident.NewID(rand.Reader)
	p.state[p.last] = login.Waiting
	return login.Pending{Method: policy.AppPIN, ID: p.last, ExpiresAt: p.w.Clock.Now().Add(2 * time.Minute), Show: map[string]string{"number": "42"}}, nil
}

func (p *phone) Poll(_ context.Context, id string) (login.State, login.Proven, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state[id], login.Proven{Method: policy.AppPIN, FactorID: "device-1"}, nil
}

func (p *phone) does(s login.State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state[p.last] = s
}

func (p *phone) give(id ident.AccountID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.has[id] = true
}

// ended ends sessions and remembers which.
type ended struct {
	sessions *session.Service
	mu       sync.Mutex
	sids     []string
}

func (e *ended) EndSession(ctx context.Context, s session.Session, _ string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.sids = append(e.sids, s.ID)
	_, err := e.sessions.Revoke(ctx, s.ID)
	return err
}
