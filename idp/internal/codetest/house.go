// Package codetest serves the pages on which typed codes are managed and used, on a test
// listener with everything real, so that a test can play the computer, the authenticator app,
// the phone that gets text messages, and the sheet of paper. Only tests import it.
package codetest

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/accounttest/browse"
	"eulogin.example/idp/internal/codelogin"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/recovery"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/lostfactor"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/idp/internal/web"
	"eulogin.example/idp/internal/web/authenticators"
	"eulogin.example/idp/internal/web/browser"
	lostpages "eulogin.example/idp/internal/web/lostfactor"
	"eulogin.example/idp/internal/web/myaccount"
	"eulogin.example/idp/internal/web/recoverycodes"
	"eulogin.example/idp/internal/web/signin"
	"eulogin.example/proto/kit/page"
)

// Guarded is a page that asks for two factors and says "Inside".
const Guarded = "/two-factors"

// House is a world with its pages.
type House struct {
	*accounttest.World
	Login *login.Service
	TOTP  *totp.Service
	Codes *recovery.Service
	Lost  *lostfactor.Service
	Log   *strings.Builder // everything that was logged
	URL   string
}

// New serves the pages of a fresh world.
func New(t testing.TB) *House {
	t.Helper()
	h := &House{World: accounttest.New(t), Log: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(h.Log, nil))
	site, err := page.New(page.Config{
		Templates: web.Templates, Locales: web.Locales, Static: web.Static, Product: "EU Login", CookiePrefix: "eulogin_", Log: log,
	})
	check(t, err)
	sessions := session.New(h.KV, h.Clock.Now, rand.Reader)
	h.Login = login.New(login.Config{
		KV: h.KV, Accounts: h.Store, Passwords: h.Passwords, Limits: h.Limits, Sessions: sessions, History: h.Store, Methods: h.methods(t),
		LostURL: accounttest.Issuer + "/password/lost", Now: h.Clock.Now, Random: rand.Reader, Log: log,
	})
	b := &browser.Browser{Random: rand.Reader, Now: h.Clock.Now, KV: h.KV, Accounts: h.Store, Sessions: sessions, Login: h.Login, Address: address}
	mux := http.NewServeMux()
	(&signin.Pages{Site: site, Login: h.Login, Browser: b, Now: h.Clock.Now}).Mount(mux)
	numbers, err1 := myaccount.New(myaccount.Config{Site: site, Manage: h.Manage, Passwords: h.Passwords, Browser: b, Address: address, SMS: true})
	apps, err2 := authenticators.New(authenticators.Config{Site: site, TOTP: h.TOTP, Factors: h.Login, Browser: b, Now: h.Clock.Now})
	codes, err3 := recoverycodes.New(recoverycodes.Config{Site: site, Codes: h.Codes, Factors: h.Login, Browser: b})
	for _, err := range []error{err1, err2, err3} {
		check(t, err)
	}
	h.losing()
	(&lostpages.Pages{Site: site, Lost: h.Lost, Browser: b}).Mount(mux)
	numbers.Mount(mux)
	apps.Mount(mux)
	codes.Mount(mux)
	mux.Handle("GET "+Guarded, site.Handle(b.Require(policy.AtLeast(policy.Medium, -1), func(w http.ResponseWriter, _ *http.Request) error {
		_, err := w.Write([]byte("<h1>Inside</h1>"))
		return err
	})))
	server := httptest.NewServer(site.Middleware(mux))
	t.Cleanup(server.Close)
	h.URL = server.URL
	return h
}

// losing makes the way back for people who lost them.
func (h *House) losing() {
	h.Lost = &lostfactor.Service{
		Store: h.Store, KV: h.KV, Tickets: h.Tickets, Accounts: h.Store, Numbers: h.Numbers, Keepers: h.Keepers(), Journal: h.Journal.(lostfactor.Journal),
		Recorder: h.Store, Limits: h.Limits, Prover: login.Lost{Service: h.Login}, Ender: h.Ended, Delay: 72 * time.Hour, Texts: true,
		Issuer: accounttest.Issuer, Now: h.Clock.Now, Rand: rand.Reader,
	}
	h.Login.FactorShown = h.Lost.FactorShown
}

// Keepers are the kinds of factors of this house.
func (h *House) Keepers() factor.Keepers {
	return factor.Keepers{policy.SMS: h.Numbers, policy.TOTP: sqlstore.NewAuthenticators(h.Store, h.Store), policy.RecoveryCode: sqlstore.NewRecoveryCodes(h.Store)}
}

// methods are the three with typed codes.
func (h *House) methods(t testing.TB) map[policy.Method]login.Method {
	t.Helper()
	people := sqlstore.NewDevices(h.Store, h.Store)
	box, err := seal.New(bytes.Repeat([]byte{7}, 32))
	check(t, err)
	h.TOTP, err = totp.New(totp.Config{
		Product: "EU Login", Store: sqlstore.NewAuthenticators(h.Store, h.Store), KV: h.KV, Box: box, Limits: h.Limits, Journal: h.Journal,
		Now: h.Clock.Now, Rand: rand.Reader,
	})
	check(t, err)
	h.Codes, err = recovery.New(recovery.Config{
		Store: sqlstore.NewRecoveryCodes(h.Store), KV: h.KV, Limits: h.Limits, People: people, Journal: h.Journal, Issuer: accounttest.Issuer,
		Now: h.Clock.Now, Rand: rand.Reader,
	})
	check(t, err)
	texts, err := sms.NewSignIn(sms.SignInConfig{
		Numbers: h.Numbers, KV: h.KV, Limits: h.Limits, People: people, Recorder: h.Store, Product: "EU Login", Now: h.Clock.Now, Rand: rand.Reader,
	})
	check(t, err)
	h.Store.NumbersSignIn = true
	return map[policy.Method]login.Method{
		policy.TOTP: codelogin.TOTP{Service: h.TOTP}, policy.SMS: codelogin.SMS{Service: texts}, policy.RecoveryCode: codelogin.Recovery{Service: h.Codes},
	}
}

// Visit opens a fresh browser.
func (h *House) Visit(t testing.TB) *browse.Visitor {
	t.Helper()
	return (&browse.House{World: h.World, URL: h.URL}).Visit(t)
}

// Password gives the password on the way to a page, with a verification method chosen.
func (h *House) Password(v *browse.Visitor, email, path string, m policy.Method) *browse.Page {
	p := v.Get(path).Send("/login/identify", map[string]string{"email": email})
	return p.Send("/login/password", map[string]string{"password": accounttest.Secret, "method": string(m)})
}

// SignIn opens a browser in which a person has signed in with the password alone.
func (h *House) SignIn(t testing.TB, email string) *browse.Visitor {
	t.Helper()
	v := h.Visit(t)
	p := h.Password(v, email, "/account", policy.Password)
	if p.Status != http.StatusOK || !strings.HasPrefix(p.Path, "/account") {
		t.Fatalf("sign-in ends at %s, %d", p.Path, p.Status)
	}
	return v
}

// App is somebody's authenticator app.
type App struct {
	ID   string
	seed []byte
	h    *House
}

// Read takes over the key that a setup page shows as text.
func (h *House) Read(t testing.TB, typed string) App {
	t.Helper()
	seed, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(typed, " ", ""))
	check(t, err)
	return App{seed: seed, h: h}
}

// Add gives a person an app, past the pages; its code of the present step is used up.
func (h *House) Add(t testing.TB, a account.Account, name string) App {
	t.Helper()
	p := totp.Person{Account: a.ID, Session: "codetest", Label: a.Email}
	id, err := h.TOTP.Begin(t.Context(), p, name)
	check(t, err)
	shown, err := h.TOTP.Setup(t.Context(), p, id)
	check(t, err)
	app := h.Read(t, shown.Typed)
	app.ID = id
	_, err = h.TOTP.Confirm(t.Context(), p, id, app.Code(0))
	check(t, err)
	h.Clock.Pass(totp.Period)
	return app
}

// Code is what the app shows some steps from now.
func (a App) Code(steps int64) string { return totp.Code(a.seed, totp.Step(a.h.Clock.Now())+steps) }

// Wrong is a code that is not good now.
func (a App) Wrong() string {
	for _, c := range []string{"000000", "111111", "222222", "333333"} {
		if c != a.Code(-1) && c != a.Code(0) && c != a.Code(1) {
			return c
		}
	}
	panic("codetest: four codes are right")
}

// Text gives the code of the newest text message.
func (h *House) Text(t testing.TB) string {
	t.Helper()
	var newest notify.Message
	for _, m := range h.Sent(t) {
		if m.Channel() == notify.BySMS {
			newest = m
		}
	}
	return accounttest.Code(t, newest)
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
