package telemetry_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"eulogin.example/proto/kit/telemetry"
)

func TestSecretsAreMaskedAndTheTraceIsNamed(t *testing.T) {
	var out bytes.Buffer
	tel, err := telemetry.Setup(t.Context(), telemetry.Config{Service: "idp", LogFormat: "json", Out: &out})
	if err != nil {
		t.Fatal(err)
	}
	id := trace.TraceID{1, 2, 3}
	ctx := trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID{1}}))
	tel.Log.InfoContext(ctx, "hello", "password", "hunter2", "access_token", "hunter2", "PIN", "4711", "code", "x.y", slog.Group("g", "client_secret", "hunter2"))
	line := out.String()
	if strings.Contains(line, "hunter2") || strings.Contains(line, "4711") || !strings.Contains(line, id.String()) || !strings.Contains(line, `"code":"x.y"`) || !strings.Contains(line, `"service":"idp"`) {
		t.Fatal(line)
	}
}

func TestMetricsAreServed(t *testing.T) {
	tel, err := telemetry.Setup(t.Context(), telemetry.Config{Service: "idp", Out: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	tel.Metrics.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), "go_goroutines") {
		t.Fatal(w.Code)
	}
	if _, err := telemetry.Setup(t.Context(), telemetry.Config{OTLPEndpoint: "collector"}); err == nil {
		t.Fatal("a broken endpoint was accepted")
	}
}
