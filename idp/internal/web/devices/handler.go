package devices

import (
	"context"
	"errors"
	"net/http"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/factor/sms"
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

// Numbers lists the mobile phone numbers that an account has registered.
type Numbers interface {
	Numbers(ctx context.Context, id account.ID) ([]sms.Registered, error)
}

// Config is what the pages need; every field but Secure is required.
type Config struct {
	Site    *page.Site
	Phone   *phone.Service
	Numbers Numbers
	Factors browser.Factors
	Browser Browser
	Issuer  string // the identity provider's address without a slash at the end
	Secure  bool   // reached by https: the cookie gets its __Host- prefix
	Now     func() time.Time
}

// Handler serves the pages.
type Handler struct{ Config }

// New checks the configuration.
func New(c Config) (*Handler, error) {
	if c.Site == nil || c.Phone == nil || c.Numbers == nil || c.Factors == nil || c.Browser == nil || c.Issuer == "" || c.Now == nil {
		return nil, errors.New("devices: every field but Secure is required")
	}
	return &Handler{c}, nil
}

type handle = func(http.ResponseWriter, *http.Request, account.ID) error

// Mount registers the routes: looking wants a sign-in, changing a fresh one with the
// existing factor, if there is one (domain.md row 17).
func (h *Handler) Mount(mux *http.ServeMux) {
	for pattern, f := range map[string]handle{
		"GET /account/devices":            h.list,
		"GET /account/devices/{id}/qr":    h.showCode,
		"GET /account/devices/{id}/state": h.state,
	} {
		mux.Handle(pattern, h.Site.Handle(h.Browser.RequireBy(browser.Looking, signed(f))))
	}
	for pattern, f := range map[string]handle{
		"GET /account/devices/add":          h.add,
		"POST /account/devices/add":         h.begin,
		"POST /account/devices/{id}/qr":     h.newCode,
		"GET /account/devices/{id}/delete":  h.askDelete,
		"POST /account/devices/{id}/delete": h.remove,
	} {
		mux.Handle(pattern, h.Site.Handle(h.Browser.RequireBy(browser.Changing(h.Factors), signed(f))))
	}
}

// signed gives a page the account that Require found.
func signed(f handle) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return f(w, r, browser.From(r.Context()).Account.ID)
	}
}
