package appapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/proto/kit/fault"
)

// Failures before a call is looked at.
var (
	ErrNoCall      = fault.New(fault.NotFound, "phone.no_such_call")
	ErrCrossOrigin = fault.New(fault.Denied, "phone.cross_origin")
)

// problem is the answer of a call that failed (RFC 9457). Code is stable; the app has its
// own texts for it. Now lets a phone with a wrong clock correct itself.
type problem struct {
	Type       string `json:"type"`
	Title      string `json:"title"`
	Status     int    `json:"status"`
	Code       string `json:"code"`
	Now        int64  `json:"now"`
	TriesLeft  *int   `json:"tries_left,omitempty"`
	RetryAfter int    `json:"retry_after,omitempty"` // seconds
}

// handle runs a call and writes its answer or its failure as JSON. Browsers of other sites
// are kept out although nothing here rests on a cookie (security-cases.md row 43).
func (a *API) handle(h func(http.ResponseWriter, *http.Request) (any, error)) http.Handler {
	guard := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if err := guard.Check(r); err != nil {
			a.fail(w, r, ErrCrossOrigin.Because(err))
			return
		}
		out, err := h(w, r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(out); err != nil {
			a.log.DebugContext(r.Context(), "app answer not written", "error", err)
		}
	})
}

func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := fault.HTTPStatus(err)
	if status >= http.StatusInternalServerError {
		a.log.ErrorContext(r.Context(), "app call failed", "code", fault.CodeOf(err), "error", err)
	}
	p := problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Code: fault.CodeOf(err), Now: a.now().Unix(),
	}
	if f := fault.As(err); f != nil {
		if left, ok := triesLeft(f); ok {
			p.TriesLeft = &left
		}
		if f.RetryAfter > 0 {
			p.RetryAfter = int((f.RetryAfter + time.Second - 1) / time.Second)
			w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
		}
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(p) // a caller that is gone needs no answer
}

func triesLeft(f *fault.Error) (int, bool) {
	counted := errors.Is(f, phone.ErrPINWrong) || errors.Is(f, phone.ErrNumberWrong) || errors.Is(f, phone.ErrBiometricsWrong)
	if !counted || len(f.Args) == 0 {
		return 0, false
	}
	left, ok := f.Args[0].(int)
	return left, ok
}

// decode reads one JSON object, all of whose members are known, and nothing behind it.
func decode(r *http.Request, body []byte, into any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return ErrBody
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return ErrBody.Because(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return ErrBody
	}
	return nil
}
