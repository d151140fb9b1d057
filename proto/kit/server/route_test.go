package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"eulogin.example/proto/kit/server"
)

// TestRoutesNeverShowTheAddress: mail links carry secrets in their paths, and scanners invent
// paths and methods without end.
func TestRoutesNeverShowTheAddress(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /password/new/{ticket}", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	reg := prometheus.NewRegistry()
	h, err := server.Measure(reg, mux, mux)
	must(t, err)
	route, span := server.Route(mux), server.SpanName(mux)
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/password/new/very-secret", "GET /password/new/{ticket}"},
		{"HEAD", "/password/new/very-secret", "HEAD /password/new/{ticket}"},
		{"POST", "/authorize", "POST /authorize"},
		{"VERY-SECRET", "/authorize", "OTHER /authorize"},
		{"GET", "/very-secret.php", "GET (no route)"},
		{"POST", "/password/new/very-secret", "POST (no route)"},
	} {
		r := httptest.NewRequest(tt.method, tt.path, nil)
		if got := route(r); got != tt.want || span("idp", r) != got {
			t.Errorf("%s %s: %q", tt.method, tt.path, got)
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	w := httptest.NewRecorder()
	promhttp.HandlerFor(reg, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	text := w.Body.String()
	if strings.Contains(text, "very-secret") || strings.Contains(text, "VERY-SECRET") {
		t.Fatal(text)
	}
	for _, line := range []string{
		`http_request_duration_seconds_count{code="200",route="GET /password/new/{ticket}"} 1`, `http_request_duration_seconds_count{code="418",route="OTHER /authorize"} 1`,
		`http_request_duration_seconds_count{code="404",route="GET (no route)"} 1`,
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	if _, err := server.Measure(reg, mux, mux); err == nil {
		t.Error("registered twice")
	}
}
