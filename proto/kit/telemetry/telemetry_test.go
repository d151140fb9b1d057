package telemetry_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"

	"eulogin.example/proto/kit/telemetry"
)

func TestMetricsAreServed(t *testing.T) {
	tel, err := telemetry.Setup(t.Context(), telemetry.Config{Service: "idp", Version: "1.2.3", Out: &bytes.Buffer{}})
	must(t, err)
	w := httptest.NewRecorder()
	tel.Metrics.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{"go_goroutines", "process_open_fds", `build_info{service="idp",version="1.2.3"} 1`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestABrokenEndpointIsRefused(t *testing.T) {
	for _, endpoint := range []string{"collector", "collector:4317", "ftp://collector", "http://", ":"} {
		if _, err := telemetry.Setup(t.Context(), telemetry.Config{OTLPEndpoint: endpoint}); err == nil {
			t.Errorf("%q was accepted", endpoint)
		}
	}
}

// TestTheTraceTravelsWithoutACollector: a service that exports nothing still hands on the trace
// of its caller, and starts one when there is none.
func TestTheTraceTravelsWithoutACollector(t *testing.T) {
	tel, err := telemetry.Setup(t.Context(), telemetry.Config{Service: "idp", Out: &bytes.Buffer{}})
	must(t, err)
	in := http.Header{"Traceparent": {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}
	for name, h := range map[string]http.Header{"handed on": in, "started": {}} {
		ctx, span := otel.Tracer("test").Start(otel.GetTextMapPropagator().Extract(t.Context(), propagation.HeaderCarrier(h)), "work")
		out := http.Header{}
		otel.GetTextMapPropagator().Inject(ctx, propagation.HeaderCarrier(out))
		span.End()
		got := out.Get("Traceparent")
		if !strings.Contains(got, trace.SpanContextFromContext(ctx).TraceID().String()) || !trace.SpanContextFromContext(ctx).IsValid() ||
			(name == "handed on" && !strings.Contains(got, "4bf92f3577b34da6a3ce929d0e0e4736")) || strings.Contains(got, "00f067aa0ba902b7") {
			t.Errorf("%s: %q", name, got)
		}
	}
	must(t, tel.Shutdown(t.Context()))
}

// collected is an OTLP collector that remembers.
type collected struct {
	collector.UnimplementedTraceServiceServer
	mu   sync.Mutex
	text string
}

// Export implements the collector.
func (c *collected) Export(_ context.Context, r *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text += r.String()
	return &collector.ExportTraceServiceResponse{}, nil
}

// TestTracesAreSentWithoutAddresses: what instrumentation notes of a mail link's address does
// not leave the process; the rest does, at the latest at the end.
func TestTracesAreSentWithoutAddresses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c, srv := &collected{}, grpc.NewServer()
	collector.RegisterTraceServiceServer(srv, c)
	go func() { _ = srv.Serve(l) }()
	defer srv.Stop()
	tel, err := telemetry.Setup(t.Context(), telemetry.Config{Service: "idp", Version: "1.2.3", OTLPEndpoint: "http://" + l.Addr().String(), Out: &bytes.Buffer{}})
	must(t, err)
	_, span := otel.Tracer("test").Start(t.Context(), "GET /password/new/{ticket}")
	span.SetAttributes(attribute.String("url.path", "/password/new/very-secret"), attribute.String("url.full", "https://idp/?code=very-secret"),
		attribute.String("url.query", "very-secret"), attribute.Int("http.response.status_code", 200))
	span.End()
	must(t, tel.Shutdown(t.Context()))
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.Contains(c.text, "very-secret") {
		t.Fatal(c.text)
	}
	for _, want := range []string{"GET /password/new/{ticket}", "http.response.status_code", "idp", "1.2.3"} {
		if !strings.Contains(c.text, want) {
			t.Errorf("no %q in %s", want, c.text)
		}
	}
}
