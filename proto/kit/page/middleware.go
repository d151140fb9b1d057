package page

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"eulogin.example/proto/kit/fault"
)

// BodyLimit is the largest form that is read, in bytes.
const BodyLimit = 64 << 10

// ErrCrossOrigin says that a form came from another site (security case 43).
var ErrCrossOrigin = fault.New(fault.Denied, "page.cross_origin")

// Middleware gives every request a reference and every answer the security headers, limits
// bodies, and refuses writes that another site sent (Sec-Fetch-Site, Origin).
func (s *Site) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), referenceKey, newReference()))
		s.headers(w.Header(), r)
		s.keepLang(w, r.URL.Query().Get("lang"))
		r.Body = http.MaxBytesReader(w, r.Body, BodyLimit)
		if err := s.guard.Check(r); err != nil {
			s.Fail(w, r, ErrCrossOrigin.Because(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// headers sets what every answer carries. Referrer-Policy is same-origin: other sites learn
// nothing, while under no-referrer browsers send "Origin: null" with our own forms, which the
// cross-origin check refuses where Sec-Fetch-Site is missing (Fetch standard, "append a
// request Origin header").
func (s *Site) headers(h http.Header, r *http.Request) {
	action := strings.Join(slices.Concat([]string{"'self'"}, s.FormAction, allowed(r.Context(), formKey)), " ")
	frames := ""
	if list := allowed(r.Context(), frameKey); len(list) > 0 {
		frames = "frame-src " + strings.Join(list, " ") + "; "
	}
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "+
		"connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; "+frames+"base-uri 'none'; frame-ancestors 'none'; form-action "+action)
	camera := "()"
	if on, _ := r.Context().Value(cameraKey).(bool); on {
		camera = "(self)"
	}
	h.Set("Permissions-Policy", "camera="+camera+", geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if ref := Reference(r.Context()); ref != "" {
		h.Set("X-Request-Id", ref)
	}
	if s.Secure {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}
