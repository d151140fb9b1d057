package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"eulogin.example/proto/kit/fault"
)

// errTooLarge is a body over BodyLimit.
var errTooLarge = fault.New(fault.Invalid, "page.too_large")

// ErrNotFound is the answer to an address that is no page.
var ErrNotFound = fault.New(fault.NotFound, "page.not_found")

// failure is the data of the error page.
type failure struct {
	Status             int
	Title, Text, Retry string
	Reference          string
}

// Handle makes a handler of a function that returns its error; the error is rendered here
// and nowhere else.
func (s *Site) Handle(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.Fail(w, r, err)
		}
	})
}

// Fail renders an error: status, what happened, what to do next, and a reference. Text of
// unknown errors goes to the log only.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		err = errTooLarge.Because(err)
	}
	status, ref := fault.HTTPStatus(err), Reference(r.Context())
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	s.Log.Log(r.Context(), level, "request failed", "status", status, "code", fault.CodeOf(err), "method", r.Method, "path", r.URL.Path, "reference", ref, "error", err)
	lang := s.Lang(r)
	f := failure{Status: status, Reference: ref}
	f.Title, f.Text = s.Explain(lang, err)
	if e := fault.As(err); e != nil && e.RetryAfter > 0 {
		seconds := int(math.Ceil(e.RetryAfter.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		if seconds > 90 {
			f.Retry = s.T(lang, "error.retry.minutes", (seconds+59)/60)
		} else {
			f.Retry = s.T(lang, "error.retry.seconds", seconds)
		}
	}
	if wantsJSON(r) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": fault.CodeOf(err), "title": f.Title, "text": f.Text, "reference": ref})
		return
	}
	if rerr := s.Render(w, r, status, "kit/error", f); rerr != nil {
		s.Log.ErrorContext(r.Context(), "error page", "error", rerr, "reference", ref)
		http.Error(w, fmt.Sprintf("%s (%s)", http.StatusText(status), ref), status)
	}
}

// Explain gives title and text of an error, by its code or else by its kind.
func (s *Site) Explain(lang string, err error) (title, text string) {
	var args []any
	if e := fault.As(err); e != nil {
		args = e.Args
	}
	for _, name := range []string{fault.CodeOf(err), fault.KindOf(err).String()} {
		if k := "error." + name + ".title"; s.Has(k) {
			return s.T(lang, k, args...), s.T(lang, "error."+name+".text", args...)
		}
	}
	return s.T(lang, "error.internal.title"), s.T(lang, "error.internal.text")
}

func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}
