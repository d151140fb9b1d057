package authenticators

import (
	"context"
	"errors"
	"net/http"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/page"
)

// Browser is what is needed of package browser.
type Browser interface {
	// RequireBy leads to the sign-in unless the session satisfies what is asked of the person.
	RequireBy(of func(context.Context, account.Account) (policy.Requirement, error), h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error
	// Bares reports whether whoever removes the last factor showed one lately.
	Bares(r *http.Request) bool
}

// Config is what the pages need; every field is required.
type Config struct {
	Site    *page.Site
	TOTP    *totp.Service
	Factors browser.Factors
	Browser Browser
	Now     func() time.Time
}

// Handler serves the pages.
type Handler struct{ Config }

// New checks the configuration.
func New(c Config) (*Handler, error) {
	if c.Site == nil || c.TOTP == nil || c.Factors == nil || c.Browser == nil || c.Now == nil {
		return nil, errors.New("authenticators: every field is required")
	}
	return &Handler{c}, nil
}

type handle = func(http.ResponseWriter, *http.Request, totp.Person) error

// root is the address of the list; everything else is below it.
const root = "/account/authenticators"

// Mount registers the routes: looking wants a sign-in, changing a fresh one with the
// existing factor, if there is one (domain.md row 17).
func (h *Handler) Mount(mux *http.ServeMux) {
	mux.Handle("GET "+root, h.Site.Handle(h.Browser.RequireBy(browser.Looking, signed(h.list))))
	for pattern, f := range map[string]handle{
		"GET " + root + "/add":          h.add,
		"POST " + root + "/add":         h.begin,
		"GET " + root + "/{id}/setup":   h.setup,
		"POST " + root + "/{id}/setup":  h.confirm,
		"POST " + root + "/{id}/cancel": h.cancel,
		"GET " + root + "/{id}/rename":  h.askRename,
		"POST " + root + "/{id}/rename": h.rename,
		"GET " + root + "/{id}/remove":  h.askRemove,
		"POST " + root + "/{id}/remove": h.remove,
	} {
		mux.Handle(pattern, h.Site.Handle(h.Browser.RequireBy(browser.Changing(h.Factors), signed(f))))
	}
}

// signed gives a page the person that RequireBy found.
func signed(f handle) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		p := browser.From(r.Context())
		return f(w, r, totp.Person{Account: p.Account.ID, Session: p.Session.ID, Label: p.Account.Email})
	}
}

// back is where a person goes who gives up adding.
func back(flow string) string {
	if flow == "" {
		return root
	}
	return browser.WithFlow("/login", flow)
}
