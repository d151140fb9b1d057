package join

import (
	"errors"
	"net/http"
	"net/url"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/signup"
	"eulogin.example/idp/internal/web/newpassword"
	"eulogin.example/proto/kit/page"
)

// Browser is what is needed of package browser.
type Browser interface {
	// Binding gives the digest of the browser's binding cookie, and sets one if there is none.
	Binding(w http.ResponseWriter, r *http.Request) string
	// Establish signs the person in with a first proof and gives the path to go on at: the
	// sign-in flow, if it is this browser's, or the account page.
	Establish(w http.ResponseWriter, r *http.Request, acc account.Account, proof policy.Proof, flowID string) (string, error)
}

// Config is what the pages need; every field is required.
type Config struct {
	Site      *page.Site
	Signup    *signup.Service
	Passwords newpassword.Source
	Browser   Browser
	Address   func(*http.Request) string // the visitor's network address
}

// Handler serves the pages.
type Handler struct{ Config }

// New checks the configuration.
func New(c Config) (*Handler, error) {
	if c.Site == nil || c.Signup == nil || c.Passwords == nil || c.Browser == nil || c.Address == nil {
		return nil, errors.New("join: every field is required")
	}
	return &Handler{c}, nil
}

// Mount registers the routes.
func (h *Handler) Mount(mux *http.ServeMux) {
	for pattern, handle := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /register":                       h.form,
		"POST /register":                      h.register,
		"GET /register/sent/{ticket}":         h.sent,
		"POST /register/sent/{ticket}/code":   h.code,
		"POST /register/sent/{ticket}/resend": h.resend,
		"GET /register/confirm":               h.link,
		"POST /register/confirm":              h.confirm,
		"POST /register/again":                h.again,
		"GET /register/done":                  h.done,
		"GET /password/new/{ticket}":          h.choose,
		"POST /password/new/{ticket}":         h.submit,
		"GET /privacy":                        h.privacy,
	} {
		mux.Handle(pattern, h.Site.Handle(handle))
	}
	mux.HandleFunc("GET /password/samples", newpassword.Samples(h.Passwords))
}

func (h *Handler) visitor(w http.ResponseWriter, r *http.Request) signup.Visitor {
	return signup.Visitor{Browser: h.Browser.Binding(w, r), Address: h.Address(r)}
}

// to redirects to a path of this site with escaped pieces.
func to(w http.ResponseWriter, r *http.Request, path string, query ...string) error {
	q := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	u := url.URL{Path: path, RawQuery: q.Encode()}
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
	return nil
}

// languages are the choices for the language of mails, in their own words.
func (h *Handler) languages(chosen string) []page.Option {
	var out []page.Option
	for _, l := range notify.Languages {
		out = append(out, page.Option{Value: l, Label: h.Site.T(l, "join.language_name"), Selected: l == chosen})
	}
	return out
}
