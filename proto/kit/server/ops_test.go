package server_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"eulogin.example/proto/kit/server"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func TestOps(t *testing.T) {
	g := &server.Group{Log: quiet}
	broken := errors.New("password=hunter2")
	var answer error
	h := g.Ops(map[string]server.Check{"database": func(context.Context) error { return answer }}, http.NotFoundHandler())
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	if get("/healthz").Code != 200 || get("/readyz").Code != 200 {
		t.Fatal("a sound process is healthy and ready")
	}
	answer = broken
	w := get("/readyz")
	if w.Code != 503 || strings.Contains(w.Body.String(), "hunter2") || get("/healthz").Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body.String())
	}
}

// TestOneHangingCheckDoesNotBlameTheOthers: operators must see which dependency it is.
func TestOneHangingCheckDoesNotBlameTheOthers(t *testing.T) {
	h := (&server.Group{Log: quiet}).Ops(map[string]server.Check{
		"database": func(context.Context) error { select {} }, // does not even heed its context
		"expiring": func(context.Context) error { return nil },
	}, http.NotFoundHandler())
	w, begun := httptest.NewRecorder(), time.Now()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	if w.Code != 503 || !strings.Contains(w.Body.String(), `"expiring":"ok"`) || !strings.Contains(w.Body.String(), `"database":"does not answer"`) || time.Since(begun) > 4*time.Second {
		t.Fatalf("%d %s after %v", w.Code, w.Body.String(), time.Since(begun))
	}
}

func TestOpsServesMetricsAndNothingElse(t *testing.T) {
	h := (&server.Group{Log: quiet}).Ops(nil, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a_metric 1") }))
	for path, want := range map[string]int{"/metrics": 200, "/debug/pprof/": 404, "/": 404} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
