package browse

import (
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/web"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/idp/internal/web/join"
	"eulogin.example/idp/internal/web/myaccount"
	"eulogin.example/idp/internal/web/regain"
	"eulogin.example/idp/internal/web/signin"
	"eulogin.example/proto/kit/page"
)

// House is a world with its pages on a listener.
type House struct {
	*accounttest.World
	Login *login.Service
	Phone *Phone
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
	if err != nil {
		t.Fatal(err)
	}
	sessions := session.New(h.KV, h.Clock.Now, rand.Reader)
	h.Ended.Sessions = sessions
	h.Phone = &Phone{factors: h.Factors, now: h.Clock.Now}
	h.Login = login.New(login.Config{
		KV: h.KV, Accounts: h.Store, Passwords: h.Passwords, Methods: map[policy.Method]login.Method{policy.AppPIN: h.Phone}, Limits: h.Limits,
		Sessions: sessions, History: h.Store, LostURL: accounttest.Issuer + "/password/lost", Now: h.Clock.Now, Random: rand.Reader, Log: log,
	})
	h.ProveBy(t, login.Recovery{Service: h.Login})
	b := &browser.Browser{Random: rand.Reader, Now: h.Clock.Now, KV: h.KV, Accounts: h.Store, Sessions: sessions, Login: h.Login, Address: address}
	mux := http.NewServeMux()
	mux.Handle("GET /static/", site.StaticHandler())
	mux.HandleFunc("POST /language", site.SetLanguage)
	(&signin.Pages{Site: site, Login: h.Login, Browser: b, Now: h.Clock.Now}).Mount(mux)
	mount(t, mux)(join.New(join.Config{Site: site, Signup: h.Signup, Passwords: h.Passwords, Browser: b, Address: address}))
	mount(t, mux)(regain.New(regain.Config{Site: site, Recover: h.Recover, Passwords: h.Passwords, Browser: b, Address: address}))
	mount(t, mux)(myaccount.New(myaccount.Config{Site: site, Manage: h.Manage, Passwords: h.Passwords, Browser: b, Address: address}))
	server := httptest.NewServer(site.Middleware(mux))
	t.Cleanup(server.Close)
	h.URL = server.URL
	return h
}

func address(r *http.Request) string {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}

type mounter interface{ Mount(*http.ServeMux) }

func mount(t testing.TB, mux *http.ServeMux) func(m mounter, err error) {
	return func(m mounter, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		m.Mount(mux)
	}
}
