package server

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// Route makes the function that names a request by its route in mux, "POST /register/{id}", for
// traces and metrics. It never gives the address itself: addresses carry the secrets of mail
// links, and there is no end of them. Methods that nobody uses are "OTHER".
func Route(mux *http.ServeMux) func(*http.Request) string {
	return func(r *http.Request) string {
		_, pattern := mux.Handler(r)
		method := "OTHER"
		if slices.Contains(methods, r.Method) {
			method = r.Method
		}
		if _, path, ok := strings.Cut(pattern, " "); ok {
			pattern = path
		}
		if pattern == "" {
			pattern = "(no route)"
		}
		return method + " " + pattern
	}
}

// SpanName is Route in the form that otelhttp asks for.
func SpanName(mux *http.ServeMux) func(string, *http.Request) string {
	route := Route(mux)
	return func(_ string, r *http.Request) string { return route(r) }
}

type routeKey struct{}

// Measure counts and times the requests of next by route and status, as
// http_request_duration_seconds.
func Measure(reg prometheus.Registerer, mux *http.ServeMux, next http.Handler) (http.Handler, error) {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_request_duration_seconds", Help: "How long requests took, by route and status.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"route", "code"})
	if err := reg.Register(seconds); err != nil {
		return nil, err
	}
	route := Route(mux)
	measured := promhttp.InstrumentHandlerDuration(seconds, next, promhttp.WithLabelFromCtx("route", func(ctx context.Context) string {
		name, _ := ctx.Value(routeKey{}).(string)
		return name
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		measured.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), routeKey{}, route(r))))
	}), nil
}
