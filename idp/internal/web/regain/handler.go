package regain

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"eulogin.example/idp/internal/recover"
	"eulogin.example/idp/internal/web/newpassword"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Browser is what is needed of package browser.
type Browser interface {
	// Binding gives the digest of the browser's binding cookie, and sets one if there is none.
	Binding(w http.ResponseWriter, r *http.Request) string
}

// Config is what the pages need; every field is required.
type Config struct {
	Site      *page.Site
	Recover   *recover.Service
	Passwords newpassword.Source
	Browser   Browser
	Address   func(*http.Request) string // the visitor's network address
}

// Handler serves the pages.
type Handler struct{ Config }

// New checks the configuration.
func New(c Config) (*Handler, error) {
	if c.Site == nil || c.Recover == nil || c.Passwords == nil || c.Browser == nil || c.Address == nil {
		return nil, errors.New("regain: every field is required")
	}
	return &Handler{c}, nil
}

// Mount registers the routes.
func (h *Handler) Mount(mux *http.ServeMux) {
	for pattern, handle := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /password/lost":             h.lost,
		"POST /password/lost":            h.ask,
		"GET /password/lost/sent":        h.sent,
		"GET /password/reset":            h.link,
		"POST /password/reset":           h.confirm,
		"POST /password/reset/again":     h.again,
		"GET /password/change/{ticket}":  h.choose,
		"POST /password/change/{ticket}": h.submit,
		"POST /password/factor/{ticket}": h.factor,
		"GET /password/factor/{ticket}":  h.factorProved,
		"GET /password/changed":          h.done,
	} {
		mux.Handle(pattern, h.Site.Handle(handle))
	}
}

func (h *Handler) visitor(w http.ResponseWriter, r *http.Request) recover.Visitor {
	return recover.Visitor{Browser: h.Browser.Binding(w, r), Address: h.Address(r), Lang: h.Site.Lang(r)}
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

// keepsForm reports whether an error is shown on the form, with what was typed.
func keepsForm(err error) bool {
	e := fault.As(err)
	return e != nil && (len(e.Fields) > 0 || e.Kind == fault.TooMany)
}

// wait says how long to wait before the form can be sent again.
type wait struct {
	Key string
	N   int
}

// onForm splits an error into the messages of fields and the time to wait.
func onForm(w http.ResponseWriter, err error) (map[string]fault.Message, *wait) {
	e := fault.As(err)
	if e == nil {
		return nil, nil
	}
	if e.Kind != fault.TooMany {
		return e.Fields, nil
	}
	seconds := int(math.Ceil(e.RetryAfter.Seconds()))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return e.Fields, waitFor(seconds)
}

// waitFor words a time: in seconds while one would count them, then in minutes.
func waitFor(seconds int) *wait {
	if seconds <= 90 {
		return &wait{Key: "regain.wait.seconds", N: seconds}
	}
	return &wait{Key: "regain.wait.minutes", N: (seconds + 59) / 60}
}
