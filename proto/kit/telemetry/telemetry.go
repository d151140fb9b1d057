package telemetry

import (
	"context"
	"io"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
)

// Config says who tells, and where to.
type Config struct {
	Service, Version string
	OTLPEndpoint     string // "http://collector:4317"; "" = traces are not sent
	LogFormat        string // "json" or "text"
	LogLevel         slog.Level
	Out              io.Writer
	Reference        func(ctx context.Context) string // the reference that error pages show, or ""; nil: none
}

// Telemetry is what a process writes to.
type Telemetry struct {
	Log      *slog.Logger
	Registry *prometheus.Registry
	Metrics  http.Handler
	Shutdown func(ctx context.Context) error // sends what is still held
}

// Setup makes logs, metrics and traces, and sets the process's tracer and propagation. There
// are traces without a collector too: their ids join the log lines of both services.
func Setup(ctx context.Context, c Config) (*Telemetry, error) {
	provider, err := tracer(ctx, c)
	if err != nil {
		return nil, err
	}
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	t := &Telemetry{Log: slog.New(NewHandler(c)).With("service", c.Service), Registry: prometheus.NewRegistry(), Shutdown: provider.Shutdown}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "build_info", Help: "1, with the version that runs.", ConstLabels: prometheus.Labels{"service": c.Service, "version": c.Version},
	})
	build.Set(1)
	t.Registry.MustRegister(build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	t.Metrics = promhttp.HandlerFor(t.Registry, promhttp.HandlerOpts{})
	return t, nil
}
