package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"eulogin.example/proto/kit/fault"
)

// route is what an endpoint accepts and how it answers.
type route struct {
	methods []string
	public  bool // may be read by scripts of any origin; there is nothing personal in it
	cache   bool
	page    bool // read by people: errors are pages
	body    bool // parameters come in the body only
}

// routes is the one table of endpoints; what is not in it does not exist.
var routes = map[string]route{
	"/.well-known/openid-configuration":       {methods: []string{http.MethodGet}, public: true, cache: true},
	"/.well-known/oauth-authorization-server": {methods: []string{http.MethodGet}, public: true, cache: true},
	keysPath:                    {methods: []string{http.MethodGet}, public: true, cache: true},
	authorizePath:               {methods: []string{http.MethodGet, http.MethodPost}, page: true},
	callbackPath:                {methods: []string{http.MethodGet}, page: true},
	endSessionPath:              {methods: []string{http.MethodGet, http.MethodPost}, page: true},
	endSessionPath + "/confirm": {methods: []string{http.MethodPost}, page: true},
	tokenPath:                   {methods: []string{http.MethodPost}, body: true},
	introspectPath:              {methods: []string{http.MethodPost}, body: true},
	revokePath:                  {methods: []string{http.MethodPost}, body: true},
	userinfoPath:                {methods: []string{http.MethodGet, http.MethodPost}},
}

// guard closes what the library leaves open at its edge: any method (D11), secrets in the
// query (D11), repeated parameters (D30), no cache rule (D12), any origin (D13), JSON errors
// for people.
func (s *server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rt, ok := routes[r.URL.Path]
		if !ok {
			s.fail(w, r, rt, fault.New(fault.NotFound, "page.not_found"))
			return
		}
		if !slices.Contains(rt.methods, r.Method) {
			w.Header().Set("Allow", rt.methods[0])
			writeJSON(w, http.StatusMethodNotAllowed, oauthError{"invalid_request", "this endpoint does not take " + r.Method})
			return
		}
		if rt.body && r.URL.RawQuery != "" {
			writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "parameters belong into the body"})
			return
		}
		if err := r.ParseForm(); err != nil {
			s.fail(w, r, rt, errMalformed.Because(err))
			return
		}
		for name, values := range r.Form {
			if len(values) > 1 {
				s.fail(w, r, rt, errRepeated.WithArgs(name))
				return
			}
		}
		w.Header().Set("Cache-Control", "no-store")
		if rt.cache {
			w.Header().Set("Cache-Control", "public, max-age=300")
		}
		if rt.public {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		}
		x := &request{w: w, r: r}
		ctx := context.WithValue(r.Context(), requestKey{}, x)
		if rt.page {
			s.asPage(w, r.WithContext(ctx), x, next)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

var (
	errMalformed = fault.New(fault.Invalid, "oidc.malformed")
	errRepeated  = fault.New(fault.Invalid, "oidc.repeated_parameter")
	errClient    = fault.New(fault.Invalid, "oidc.unknown_client")
	errRedirect  = fault.New(fault.Invalid, "oidc.redirect_not_registered")
)

// fail answers an error of the edge itself, as a page or as OAuth does.
func (s *server) fail(w http.ResponseWriter, r *http.Request, rt route, err error) {
	if rt.page || len(rt.methods) == 0 {
		s.Site.Fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", fault.CodeOf(err)})
}

// asPage turns the library's JSON errors on addresses that people see into pages.
func (s *server) asPage(w http.ResponseWriter, r *http.Request, x *request, next http.Handler) {
	b := &buffered{header: w.Header(), status: http.StatusOK}
	next.ServeHTTP(b, r)
	if x.page != nil {
		x.page(w)
		return
	}
	if b.status >= http.StatusBadRequest && bytes.HasPrefix(bytes.TrimSpace(b.body.Bytes()), []byte("{")) {
		var e oauthError
		_ = json.Unmarshal(b.body.Bytes(), &e)
		w.Header().Del("Content-Type")
		s.Site.Fail(w, r, pageFault(b.status, e))
		return
	}
	w.WriteHeader(b.status)
	_, _ = w.Write(b.body.Bytes())
}

func pageFault(status int, e oauthError) error {
	switch {
	case status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable:
		return fault.New(fault.Internal, "internal")
	case status == http.StatusServiceUnavailable:
		return errOutage
	case e.Description == fault.CodeOf(errClient):
		return errClient
	case e.Description == fault.CodeOf(errRedirect):
		return errRedirect
	}
	return errMalformed
}

// buffered keeps an answer until it is known what it is.
type buffered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header gives the answer's header.
func (b *buffered) Header() http.Header { return b.header }

// WriteHeader keeps the status.
func (b *buffered) WriteHeader(status int) { b.status = status }

// Write keeps the body.
func (b *buffered) Write(p []byte) (int, error) { return b.body.Write(p) }

// oauthError is the body of an OAuth error.
type oauthError struct {
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(raw)))
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}
