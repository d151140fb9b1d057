package myaccount

import (
	"context"
	"errors"
	"net/http"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/idp/internal/web/newpassword"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Browser is what is needed of package browser.
type Browser interface {
	// RequireBy leads to the sign-in unless the session satisfies what is asked of the person.
	RequireBy(of func(context.Context, account.Account) (policy.Requirement, error), h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error
	// Bares reports whether whoever removes the last factor showed one lately.
	Bares(r *http.Request) bool
}

// Config is what the pages need; every field but SMS is required.
type Config struct {
	Site      *page.Site
	Manage    *manage.Service
	Passwords newpassword.Source
	Browser   Browser
	Address   func(*http.Request) string // the visitor's network address
	SMS       bool                       // people can sign in with a code by text message
}

// Handler serves the pages.
type Handler struct{ Config }

// New checks the configuration.
func New(c Config) (*Handler, error) {
	if c.Site == nil || c.Manage == nil || c.Passwords == nil || c.Browser == nil || c.Address == nil {
		return nil, errors.New("myaccount: every field but SMS is required")
	}
	return &Handler{c}, nil
}

type handle = func(http.ResponseWriter, *http.Request, manage.Person) error

// Mount registers the routes: looking wants a sign-in, changing a fresh one.
func (h *Handler) Mount(mux *http.ServeMux) {
	for pattern, f := range map[string]handle{
		"GET /account":         h.overview,
		"GET /account/numbers": h.numbers,
	} {
		mux.Handle(pattern, h.Site.Handle(h.Browser.RequireBy(browser.Looking, signed(h.Address, f))))
	}
	for pattern, f := range map[string]handle{
		"GET /account/details":              h.details,
		"POST /account/details":             h.saveDetails,
		"GET /account/numbers/add":          h.addNumber,
		"POST /account/numbers/add":         h.beginNumber,
		"GET /account/numbers/confirm":      h.confirmNumber,
		"POST /account/numbers/confirm":     h.proveNumber,
		"POST /account/numbers/resend":      h.resendNumber,
		"POST /account/numbers/cancel":      h.cancelNumber,
		"GET /account/numbers/{id}/delete":  h.askDelete,
		"POST /account/numbers/{id}/delete": h.deleteNumber,
		"GET /account/preferences":          h.preferences,
		"POST /account/preferences":         h.savePreferences,
		"GET /account/password":             h.password,
		"POST /account/password":            h.changePassword,
	} {
		mux.Handle(pattern, h.Site.Handle(h.Browser.RequireBy(browser.Changing(h.Manage), signed(h.Address, f))))
	}
}

// signed gives a page the person that Require found.
func signed(address func(*http.Request) string, f handle) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		p := browser.From(r.Context())
		return f(w, r, manage.Person{Account: p.Account.ID, Session: p.Session.ID, Address: address(r)})
	}
}

// onForm gives the field messages of an error that is shown on the form, or false.
func onForm(err error) (map[string]fault.Message, bool) {
	e := fault.As(err)
	if e == nil || len(e.Fields) == 0 {
		return nil, false
	}
	return e.Fields, true
}
