package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Config says who tells, and where to.
type Config struct {
	Service, Version string
	OTLPEndpoint     string // "http://collector:4317"; "" = traces are not sent
	LogFormat        string // "json" or "text"
	LogLevel         slog.Level
	Out              io.Writer
}

// Telemetry is what a process writes to.
type Telemetry struct {
	Log      *slog.Logger
	Registry *prometheus.Registry
	Metrics  http.Handler
	Shutdown func(ctx context.Context) error // sends what is still held
}

// Setup makes logs, metrics and traces, and sets the process's tracer and propagation.
func Setup(ctx context.Context, c Config) (*Telemetry, error) {
	t := &Telemetry{Log: slog.New(NewHandler(c)).With("service", c.Service), Registry: prometheus.NewRegistry(), Shutdown: func(context.Context) error { return nil }}
	t.Registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	t.Metrics = promhttp.HandlerFor(t.Registry, promhttp.HandlerOpts{})
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	if c.OTLPEndpoint == "" {
		return t, nil
	}
	provider, err := tracer(ctx, c)
	if err != nil {
		return nil, err
	}
	otel.SetTracerProvider(provider)
	t.Shutdown = provider.Shutdown
	return t, nil
}

func tracer(ctx context.Context, c Config) (*sdktrace.TracerProvider, error) {
	u, err := url.Parse(c.OTLPEndpoint)
	if err != nil || u.Host == "" {
		return nil, errors.New("telemetry: the OTLP endpoint must be an address such as http://collector:4317")
	}
	opts := []otlptracegrpc.Option{otlptracegrpc.WithEndpoint(u.Host), otlptracegrpc.WithTimeout(5 * time.Second)}
	if u.Scheme == "http" {
		opts = append(opts, otlptracegrpc.WithInsecure())
	}
	exporter, err := otlptracegrpc.New(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	res := resource.NewSchemaless(attribute.String("service.name", c.Service), attribute.String("service.version", c.Version))
	return sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter, sdktrace.WithBatchTimeout(time.Second)), sdktrace.WithResource(res)), nil
}

// NewHandler makes the log handler: format, level, trace id, masking.
func NewHandler(c Config) slog.Handler {
	opts := &slog.HandlerOptions{Level: c.LogLevel, ReplaceAttr: mask}
	if c.LogFormat == "json" {
		return traced{slog.NewJSONHandler(c.Out, opts)}
	}
	return traced{slog.NewTextHandler(c.Out, opts)}
}

// secretNames are parts of attribute names whose values must not be read by operators.
var secretNames = []string{"password", "secret", "token", "pin", "otp", "assertion", "verifier", "cookie", "authorization", "private"}

func mask(_ []string, a slog.Attr) slog.Attr {
	name := strings.ToLower(a.Key)
	for _, s := range secretNames {
		if name == s || strings.HasSuffix(name, "_"+s) || strings.HasPrefix(name, s+"_") {
			return slog.String(a.Key, "[masked]")
		}
	}
	return a
}

// traced adds the trace that a line belongs to.
type traced struct{ slog.Handler }

// Handle writes one line.
func (h traced) Handle(ctx context.Context, r slog.Record) error {
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		r.AddAttrs(slog.String("trace", sc.TraceID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs keeps the wrapping.
func (h traced) WithAttrs(a []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(a)} }

// WithGroup keeps the wrapping.
func (h traced) WithGroup(name string) slog.Handler { return traced{h.Handler.WithGroup(name)} }
