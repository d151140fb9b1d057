package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"mime"
	"net/http"
	"runtime/debug"
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

// Handle makes a handler of a function that returns its error; the error, or a panic, is
// rendered here and nowhere else.
func (s *Site) Handle(h func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				s.Fail(w, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
		}()
		if err := h(w, r); err != nil {
			s.Fail(w, r, err)
		}
	})
}

// Fail renders an error: status, what happened, what to do next, and a reference. Text of
// unknown errors goes to the log only.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	status := fault.HTTPStatus(err)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		status, err = http.StatusRequestEntityTooLarge, errTooLarge.Because(err)
	}
	s.note(r, status, err)
	lang := s.Lang(r)
	f := failure{Status: status, Reference: Reference(r.Context())}
	f.Title, f.Text = s.explain(lang, err)
	if e := fault.As(err); e != nil && e.RetryAfter > 0 {
		seconds := int(math.Ceil(e.RetryAfter.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		if seconds > 90 {
			f.Retry = s.T(lang, "error.retry.minutes", (seconds+59)/60)
		} else {
			f.Retry = s.T(lang, "error.retry.seconds", max(seconds, 2)) // never "1 seconds"
		}
	}
	if PrefersJSON(r.Header.Get("Accept")) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": fault.CodeOf(err), "title": f.Title, "text": f.Text, "reference": f.Reference})
		return
	}
	if rerr := s.Render(w, r, status, "kit/error", f); rerr != nil {
		s.Log.ErrorContext(r.Context(), "error page", "error", rerr, "reference", f.Reference)
		http.Error(w, fmt.Sprintf("%s (%s)", http.StatusText(status), f.Reference), status)
	}
}

// note writes the log line of a failure. It names the route and never the address, because
// addresses carry the secrets of mail links; and a person who has gone is no failure of ours.
func (s *Site) note(r *http.Request, status int, err error) {
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError && r.Context().Err() == nil {
		level = slog.LevelError
	}
	s.Log.Log(r.Context(), level, "request failed", "status", status, "code", fault.CodeOf(err), "method", r.Method,
		"route", r.Pattern, "reference", Reference(r.Context()), "error", err)
}

// explain gives title and text of an error, by its code or else by its kind.
func (s *Site) explain(lang string, err error) (title, text string) {
	var args []any
	if e := fault.As(err); e != nil {
		args = e.Args
	}
	for _, name := range []string{fault.CodeOf(err), fault.KindOf(err).String()} {
		if k := "error." + name + ".title"; s.has(k) {
			return s.T(lang, k, args...), s.T(lang, "error."+name+".text", args...)
		}
	}
	return s.T(lang, "error.internal.title"), s.T(lang, "error.internal.text")
}

// PrefersJSON reports whether an Accept header ranks JSON above HTML (RFC 9110 §12.5.1).
func PrefersJSON(accept string) bool {
	rank := map[string]float64{}
	for part := range strings.SplitSeq(accept, ",") {
		kind, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		rank[kind] = 1
		if q, err := strconv.ParseFloat(params["q"], 64); err == nil {
			rank[kind] = q
		}
	}
	return rank["application/json"] > rank["text/html"]
}
