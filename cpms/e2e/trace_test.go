package e2e

import (
	"context"
	"encoding/hex"
	"net"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
)

// span is what the collector keeps of a span.
type span struct{ service, name, trace string }

// traces is an OTLP collector that remembers.
type traces struct {
	collector.UnimplementedTraceServiceServer
	mu    sync.Mutex
	spans []span
}

func startCollector(t *testing.T) (*traces, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, srv := &traces{}, grpc.NewServer()
	collector.RegisterTraceServiceServer(srv, c)
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(srv.Stop)
	return c, "http://" + l.Addr().String()
}

// Export keeps the spans of one batch.
func (c *traces) Export(_ context.Context, r *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rs := range r.GetResourceSpans() {
		service := ""
		for _, a := range rs.GetResource().GetAttributes() {
			if a.GetKey() == "service.name" {
				service = a.GetValue().GetStringValue()
			}
		}
		for _, ss := range rs.GetScopeSpans() {
			for _, s := range ss.GetSpans() {
				c.spans = append(c.spans, span{service, s.GetName(), hex.EncodeToString(s.GetTraceId())})
			}
		}
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

// services gives, for every trace that has a span of this name, the services that took part.
func (c *traces) services(name string) map[string]map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]map[string]bool{}
	for _, s := range c.spans {
		if s.name == name {
			out[s.trace] = map[string]bool{}
		}
	}
	for _, s := range c.spans {
		if out[s.trace] != nil {
			out[s.trace][s.service] = true
		}
	}
	return out
}
