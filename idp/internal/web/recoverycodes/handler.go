package recoverycodes

import (
	"context"
	"errors"
	"net/http"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/recovery"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/page"
)

// Browser is what is needed of package browser.
type Browser interface {
	// RequireBy leads to the sign-in unless the session satisfies what is asked of the person.
	RequireBy(of func(context.Context, account.Account) (policy.Requirement, error), h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error
}

// Config is what the pages need; every field is required.
type Config struct {
	Site    *page.Site
	Codes   *recovery.Service
	Factors browser.Factors
	Browser Browser
}

// Handler serves the pages.
type Handler struct{ Config }

// New checks the configuration.
func New(c Config) (*Handler, error) {
	if c.Site == nil || c.Codes == nil || c.Factors == nil || c.Browser == nil {
		return nil, errors.New("recoverycodes: every field is required")
	}
	return &Handler{c}, nil
}

type handle = func(http.ResponseWriter, *http.Request, account.Account) error

// root is the address of the page; everything else is below it.
const root = "/account/recovery-codes"

// Mount registers the routes: looking wants a sign-in, changing a fresh one with the
// existing factor, if there is one (domain.md row 17).
func (h *Handler) Mount(mux *http.ServeMux) {
	mux.Handle("GET "+root, h.Site.Handle(h.Browser.RequireBy(browser.Looking, signed(h.show))))
	for pattern, f := range map[string]handle{
		"GET " + root + "/new":     h.askNew,
		"POST " + root + "/new":    h.issue,
		"GET " + root + "/remove":  h.askRemove,
		"POST " + root + "/remove": h.remove,
	} {
		mux.Handle(pattern, h.Site.Handle(h.Browser.RequireBy(browser.Changing(h.Factors), signed(f))))
	}
}

// signed gives a page the account that RequireBy found.
func signed(f handle) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return f(w, r, browser.From(r.Context()).Account)
	}
}
