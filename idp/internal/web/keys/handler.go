package keys

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/webauthn"
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
	Keys    *webauthn.Service
	Factors browser.Factors
	Browser Browser
	Now     func() time.Time
}

// Handler serves the pages.
type Handler struct{ Config }

// New checks the configuration.
func New(c Config) (*Handler, error) {
	if c.Site == nil || c.Keys == nil || c.Factors == nil || c.Browser == nil || c.Now == nil {
		return nil, errors.New("keys: every field is required")
	}
	return &Handler{c}, nil
}

type handle = func(http.ResponseWriter, *http.Request, account.ID) error

// Mount registers the routes: looking wants a sign-in, changing a fresh one with the
// existing factor, if there is one (domain.md row 17).
func (h *Handler) Mount(mux *http.ServeMux) {
	mux.Handle("GET /account/keys", h.Site.Handle(h.Browser.RequireBy(browser.Looking, signed(h.list))))
	for pattern, f := range map[string]handle{
		"GET /account/keys/add":          h.add,
		"POST /account/keys/add":         h.begin,
		"GET /account/keys/browser":      h.prompt,
		"POST /account/keys/browser":     h.finish,
		"GET /account/keys/{id}/rename":  h.askRename,
		"POST /account/keys/{id}/rename": h.rename,
		"GET /account/keys/{id}/remove":  h.askRemove,
		"POST /account/keys/{id}/remove": h.remove,
	} {
		mux.Handle(pattern, h.Site.Handle(h.Browser.RequireBy(browser.Changing(h.Factors), signed(f))))
	}
}

// signed gives a page the account that RequireBy found.
func signed(f handle) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		return f(w, r, browser.From(r.Context()).Account.ID)
	}
}

// way is where a person came from and goes on to: a sign-in under way, a page of this site
// that waits, or neither.
type way struct{ Flow, To string }

// wayOf reads it. Both are only ever used as an address of this site.
func wayOf(r *http.Request) way {
	w := way{Flow: r.FormValue("flow"), To: page.LocalPath(r.FormValue("to"))}
	if len(w.Flow) > 100 {
		w.Flow = ""
	}
	if w.To == "/" || len(w.To) > 2000 {
		w.To = ""
	}
	return w
}

// Keep gives an address that remembers the way.
func (w way) Keep(path string) string {
	q := url.Values{}
	for name, v := range map[string]string{"flow": w.Flow, "to": w.To} {
		if v != "" {
			q.Set(name, v)
		}
	}
	u, err := url.Parse(path)
	if err != nil || len(q) == 0 {
		return path
	}
	for name, v := range u.Query() {
		q[name] = v
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// after gives where the browser goes once a key is added: on with the sign-in, or to the list.
// The list links to the page that waits, because a browser would hold a redirect from there to
// a service against this site's form-action.
func (w way) after(key string) string {
	if w.Flow != "" {
		return w.Back()
	}
	return w.Keep("/account/keys?added=" + url.QueryEscape(key))
}

// Back gives where "Cancel" leads.
func (w way) Back() string {
	switch {
	case w.Flow != "":
		return "/login?flow=" + url.QueryEscape(w.Flow)
	case w.To != "":
		return w.To
	}
	return "/account/keys"
}
