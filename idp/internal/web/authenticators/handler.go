package authenticators

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/page"
)

// Browser is what is needed of package browser.
type Browser interface {
	// RequireBy leads to the sign-in unless the session satisfies what is asked of the person.
	RequireBy(of func(context.Context, account.Account) (policy.Requirement, error), h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error
}

// Factors says whether an account has a second factor of any kind.
type Factors interface {
	Enrolled(ctx context.Context, id account.ID) (bool, error)
}

// Config is what the pages need; every field is required.
type Config struct {
	Site    *page.Site
	TOTP    *totp.Service
	Factors Factors
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
	mux.Handle("GET "+root, h.Site.Handle(h.Browser.RequireBy(anyone, signed(h.list))))
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
		mux.Handle(pattern, h.Site.Handle(h.Browser.RequireBy(h.fresh, signed(f))))
	}
}

func anyone(context.Context, account.Account) (policy.Requirement, error) {
	return manage.Looking(), nil
}

func (h *Handler) fresh(ctx context.Context, a account.Account) (policy.Requirement, error) {
	has, err := h.Factors.Enrolled(ctx, a.ID)
	return manage.Requirement(has), err
}

// signed gives a page the person that RequireBy found.
func signed(f handle) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		p := browser.From(r.Context())
		return f(w, r, totp.Person{Account: p.Account.ID, Session: p.Session.ID, Label: p.Account.Email})
	}
}

// to redirects to a path of this site.
func to(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// flowOf reads the sign-in that the person came from, "" when there is none. It only ever
// becomes a parameter of /login, which checks it.
func flowOf(r *http.Request) string {
	flow := r.FormValue("flow")
	if len(flow) > 100 {
		return ""
	}
	return flow
}

// withFlow keeps the sign-in in an address.
func withFlow(path, flow string) string {
	if flow == "" {
		return path
	}
	return path + "?flow=" + url.QueryEscape(flow)
}

// back is where a person goes who gives up adding.
func back(flow string) string {
	if flow == "" {
		return root
	}
	return withFlow("/login", flow)
}
