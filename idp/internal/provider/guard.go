package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// addressLimit is the longest address that a foreign form is turned into, in bytes.
const addressLimit = 16 << 10

// guard closes what the library leaves open at its edge: any method and secrets in the query
// (D11), repeated parameters and large bodies (D30), no cache rule (D12), any origin (D13).
func (s *server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rt, ok := routeOf(r.URL.Path)
		if !ok {
			s.Site.Fail(w, r, page.ErrNotFound)
			return
		}
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		if s.scripts(h, rt, r) {
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, page.BodyLimit)
		switch {
		case !slices.Contains(rt.methods, r.Method):
			h.Set("Allow", strings.Join(rt.methods, ", "))
			writeJSON(w, http.StatusMethodNotAllowed, oauthError{"invalid_request", "this endpoint does not take " + r.Method})
			return
		case rt.foreign && r.Method == http.MethodPost:
			asGet(w, r)
			return
		case rt.body && r.URL.RawQuery != "":
			writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", "parameters belong into the body"})
			return
		}
		if err := parse(r); err != nil {
			s.fail(w, r, rt, err)
			return
		}
		if rt.document != nil {
			rt.document(s).serve(w, r)
			return
		}
		if r.Form.Get("authorization_details") != "" && !takesDetails(r) {
			no := invalidDetails()
			writeJSON(w, http.StatusBadRequest, oauthError{string(no.ErrorType), "no authorization_details are taken here"})
			return
		}
		x := &request{w: w, r: r}
		defer s.leftover(x)
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, x))
		if own := ownGrants[r.PostForm.Get("grant_type")]; own != nil && r.URL.Path == tokenPath {
			s.ownGrant(w, r, own)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// parse reads the parameters; each stands once (RFC 6749 §3.1 and §3.2), but for resource, of which there
// may be several (RFC 8707 §2).
func parse(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errMalformed.Because(err)
	}
	for name, values := range r.Form {
		if len(values) > 1 && name != "resource" {
			return errRepeated.WithArgs(name)
		}
	}
	return nil
}

// scripts answers what browsers ask for scripts of other origins, and reports whether that
// was all (a preflight request). Cookies never count.
func (s *server) scripts(h http.Header, rt route, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	switch {
	case rt.scripts == allOrigins:
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	case rt.scripts == registeredOrigins:
		h.Add("Vary", "Origin")
		if origin != "" && s.Clients.Scripts(origin) {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After, DPoP-Nonce")
			h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		}
	}
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" || h.Get("Access-Control-Allow-Origin") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(rt.methods, ", "))
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, DPoP")
	h.Set("Access-Control-Max-Age", "300")
	return true
}

// asGet turns the form that another site sent (OpenID Connect Core §3.1.2.1 wants POST too)
// into a GET of the same parameters: browsers send no Lax cookie with a foreign form, so only
// that GET sees the session.
func asGet(w http.ResponseWriter, r *http.Request) {
	err := r.ParseForm()
	to := r.URL.Path + "?" + r.Form.Encode()
	if err != nil || len(to) > addressLimit {
		writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", errMalformed.Code})
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// fail answers an error of the edge itself, as a page or as OAuth does.
func (s *server) fail(w http.ResponseWriter, r *http.Request, rt route, err error) {
	if rt.page {
		s.Site.Fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusBadRequest, oauthError{"invalid_request", fault.CodeOf(err)})
}

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
