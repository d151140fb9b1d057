package page_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

var errGone = fault.New(fault.Gone, "x.gone")

func TestErrorsBecomePages(t *testing.T) {
	s := site(t)
	tests := []struct {
		name, target string
		err          error
		status       int
		retry, want  string
	}{
		{"by code", "/x", errGone.Because(errors.New("row 7")), 410, "", "Gone en"},
		{"in French", "/x?lang=fr", errGone, 410, "", "Gone fr"},
		{"by kind", "/x", fault.New(fault.Denied, "x.other"), 403, "", "You may not do this"},
		{"unknown", "/x", errors.New("dial tcp 10.0.0.1: refused"), 500, "", "Something went wrong on our side"},
		{"minutes", "/x", fault.New(fault.TooMany, "x.limit").After(2 * time.Minute), 429, "120", "in 2 minutes"},
		{"seconds", "/x", fault.New(fault.Unavailable, "x.down").After(300 * time.Millisecond), 503, "1", "in 2 seconds"},
	}
	for _, tt := range tests {
		w := serve(s, get(tt.target), func(http.ResponseWriter, *http.Request) error { return tt.err })
		body := w.Body.String()
		if w.Code != tt.status || !strings.Contains(body, tt.want) || strings.Contains(body, "10.0.0.1") || strings.Contains(body, "row 7") {
			t.Errorf("%s: %d\n%s", tt.name, w.Code, body)
		}
		if ref := w.Header().Get("X-Request-Id"); ref == "" || !strings.Contains(body, ref) {
			t.Errorf("%s: no reference", tt.name)
		}
		if got := w.Header().Get("Retry-After"); got != tt.retry {
			t.Errorf("%s: Retry-After %q", tt.name, got)
		}
	}
}

// TestEveryKindHasItsWords: no kind of failure falls back to "on our side".
func TestEveryKindHasItsWords(t *testing.T) {
	s := site(t)
	for k := fault.Invalid; k <= fault.Unavailable; k++ {
		for lang, ours := range map[string]string{"en": "on our side", "fr": "de notre côté", "de": "Bei uns"} {
			w := serve(s, get("/x?lang="+lang), func(http.ResponseWriter, *http.Request) error { return fault.New(k, "x.none") })
			if strings.Contains(w.Body.String(), ours) || w.Code >= 500 && k != fault.Unavailable {
				t.Errorf("%v in %s: %d", k, lang, w.Code)
			}
		}
	}
}

// TestLogOfFailures: the route and a reference, never addresses or what was typed.
func TestLogOfFailures(t *testing.T) {
	var log bytes.Buffer
	s := site(t, func(c *page.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	mux := http.NewServeMux()
	failing := map[string]func() error{
		"unknown": func() error { return errors.New("disk full") },
		"fault":   func() error { return errGone },
		"panic":   func() error { panic("no such index") },
	}
	for name, fail := range failing {
		mux.Handle("POST /"+name+"/{ticket}", s.Handle(func(_ http.ResponseWriter, r *http.Request) error {
			_ = r.ParseForm()
			return fail()
		}))
	}
	for name, want := range map[string]string{"unknown": "level=ERROR", "fault": "level=INFO", "panic": "level=ERROR"} {
		log.Reset()
		r := httptest.NewRequest("POST", "/"+name+"/TICKET?code=QUERY", strings.NewReader("password=TYPED"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		s.Middleware(mux).ServeHTTP(w, r)
		line := log.String()
		for _, part := range []string{want, "reference=" + w.Header().Get("X-Request-Id"), `route="POST /` + name + `/{ticket}"`} {
			if !strings.Contains(line, part) {
				t.Errorf("%s: %s is missing in %s", name, part, line)
			}
		}
		for _, secret := range []string{"TICKET", "QUERY", "TYPED"} {
			if strings.Contains(line, secret) {
				t.Errorf("%s: the log has %s: %s", name, secret, line)
			}
		}
		if body := w.Body.String(); strings.Contains(body, "disk full") || strings.Contains(body, "no such index") {
			t.Errorf("%s: the page says why:\n%s", name, body)
		}
	}
	log.Reset()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	serve(s, get("/x").WithContext(ctx), func(http.ResponseWriter, *http.Request) error { return ctx.Err() })
	if !strings.Contains(log.String(), "level=INFO") {
		t.Errorf("a person who has gone is logged as %s", log.String())
	}
}

func TestAbortIsPassedOn(t *testing.T) {
	s := site(t)
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("recovered %v", p)
		}
	}()
	serve(s, get("/x"), func(http.ResponseWriter, *http.Request) error { panic(http.ErrAbortHandler) })
}

func TestProgramsGetJSON(t *testing.T) {
	s := site(t)
	for accept, wants := range map[string]bool{
		"application/json": true, "text/html;q=0.5, application/json": true, "application/json; charset=utf-8, */*": true,
		"": false, "*/*": false, "text/html,application/xhtml+xml,*/*;q=0.8": false, "application/json;q=0.1, text/html": false, "application/json, text/html": false, ";;;": false,
	} {
		r := get("/x")
		r.Header.Set("Accept", accept)
		w := serve(s, r, func(http.ResponseWriter, *http.Request) error { return errGone.After(time.Minute) })
		isJSON := w.Header().Get("Content-Type") == "application/json" && strings.Contains(w.Body.String(), `"error":"x.gone"`)
		if isJSON != wants || w.Code != 410 || w.Header().Get("Retry-After") != "60" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%q: %d %v\n%s", accept, w.Code, w.Header(), w.Body)
		}
	}
}

func TestLargeBodies(t *testing.T) {
	s := site(t)
	for length, want := range map[int]int{page.BodyLimit: 200, page.BodyLimit + 1: 413} {
		r := httptest.NewRequest("POST", "/x", strings.NewReader("a="+strings.Repeat("x", length-2)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := serve(s, r, func(_ http.ResponseWriter, r *http.Request) error { return r.ParseForm() })
		if w.Code != want || (want == 413) != strings.Contains(w.Body.String(), "too much text") {
			t.Errorf("%d bytes: %d", length, w.Code)
		}
	}
}
