// Package house serves the phone side together with the pages of signing in and My account
// on a test listener, everything real, so that a test can play both the computer and the
// phone. Only tests import it.
package house

import (
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/phonelogin"
	"eulogin.example/idp/internal/phonetest"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/web"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/idp/internal/web/devices"
	"eulogin.example/idp/internal/web/myaccount"
	"eulogin.example/idp/internal/web/phoneapp"
	"eulogin.example/idp/internal/web/signin"
	"eulogin.example/proto/kit/page"
)

// Guarded is a page that asks for two factors and says "Inside".
const Guarded = "/two-factors"

// House is a world with its pages.
type House struct {
	*phonetest.World
	Login *login.Service
}

// New serves the pages of a fresh world.
func New(t testing.TB) *House {
	t.Helper()
	w := phonetest.New(t)
	log := slog.New(slog.NewTextHandler(w.Log, nil))
	site, err := page.New(page.Config{
		Templates: web.Templates, Locales: web.Locales, Static: web.Static, Product: "EU Login", CookiePrefix: "eulogin_", Demo: true, Log: log,
	})
	check(t, err)
	sessions := session.New(w.KV, w.Clock.Now, rand.Reader)
	h := &House{World: w}
	h.Login = login.New(login.Config{
		KV: w.KV, Accounts: w.Store, Passwords: w.Passwords, Limits: w.Limits, Sessions: sessions, History: w.Store,
		Methods: map[policy.Method]login.Method{policy.AppPIN: phonelogin.Method{Phone: w.Phone, Own: "EU Login"}},
		LostURL: w.Issuer + "/password/lost", Now: w.Clock.Now, Random: rand.Reader, Log: log,
	})
	b := &browser.Browser{Random: rand.Reader, Now: w.Clock.Now, KV: w.KV, Accounts: w.Store, Sessions: sessions, Login: h.Login, Address: address}
	pages := http.NewServeMux()
	pages.Handle("GET /static/", site.StaticHandler())
	pages.HandleFunc("POST /language", site.SetLanguage)
	(&signin.Pages{Site: site, Login: h.Login, Browser: b, Now: w.Clock.Now}).Mount(pages)
	account, err := myaccount.New(myaccount.Config{Site: site, Manage: w.Manage, Passwords: w.Passwords, Browser: b, Address: address})
	check(t, err)
	account.Mount(pages)
	phones, err := devices.New(devices.Config{Site: site, Phone: w.Phone, Numbers: w.Numbers, Factors: w.Phone, Browser: b, Issuer: w.Issuer, Now: w.Clock.Now})
	check(t, err)
	phones.Mount(pages)
	pages.Handle("GET "+Guarded, site.Handle(b.Require(policy.AtLeast(policy.Medium, -1), func(w http.ResponseWriter, _ *http.Request) error {
		_, err := w.Write([]byte("<h1>Inside</h1>"))
		return err
	})))
	app, err := phoneapp.New(phoneapp.Config{Static: web.Static, Locales: web.Locales, Demo: true})
	check(t, err)
	app.Mount(pages)
	w.Mux.Handle("/", site.Middleware(pages))
	return h
}

// Visit opens a fresh browser.
func (h *House) Visit(t testing.TB) *browse.Visitor {
	t.Helper()
	return (&browse.House{World: h.World.World, URL: h.Issuer}).Visit(t)
}

// SignIn opens a browser in which a person has signed in with the password.
func (h *House) SignIn(t testing.TB, email string) *browse.Visitor {
	t.Helper()
	v := h.Visit(t)
	p := v.Get("/account/devices").Send("/login/identify", map[string]string{"email": email})
	p = p.Send("/login/password", map[string]string{"password": accounttest.Secret})
	if p.Status != http.StatusOK {
		t.Fatalf("sign-in ends at %s, %d", p.Path, p.Status)
	}
	return v
}

func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
