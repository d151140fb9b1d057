package telemetry_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"eulogin.example/proto/kit/telemetry"
)

func TestSecretsAreMasked(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		var out bytes.Buffer
		log := slog.New(telemetry.NewHandler(telemetry.Config{LogFormat: format, Out: &out}))
		log.With("clientSecret", "hunter2").WithGroup("password").Info("hello", "old", "hunter2", "new", "hunter2")
		log.Info("hello", "password", "hunter2", "access_token", "hunter2", "PIN", "hunter2", "Set-Cookie", "hunter2", "app_pin_hash", "hunter2",
			"refreshTokens", "hunter2", "private-key", "hunter2", "code_verifier", "hunter2", "id_token_hint", "hunter2", "ticket", "hunter2",
			slog.Group("request", "client_secret", "hunter2"), slog.Group("cookies", "a", "hunter2"))
		log.LogAttrs(t.Context(), slog.LevelInfo, "hello", slog.Any("authorization", []string{"hunter2"}))
		if strings.Contains(out.String(), "hunter2") || strings.Count(out.String(), "[masked]") != 16 {
			t.Errorf("%s: %d masked in %s", format, strings.Count(out.String(), "[masked]"), out.String())
		}
	}
}

func TestOtherNamesAreNotMasked(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(telemetry.NewHandler(telemetry.Config{LogFormat: "text", Out: &out}))
	log.Info("hello", "code", "signup.link_expired", "method", "app_pin", "opinion", "good", "spinner", "on", "stopping", "yes", "route", "GET /password/new/{ticket}")
	for _, want := range []string{"code=signup.link_expired", "method=app_pin", "opinion=good", "spinner=on", "stopping=yes", `route="GET /password/new/{ticket}"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in %s", want, out.String())
		}
	}
}

type referenceKey struct{}

func TestLinesNameTheirTraceAndRequest(t *testing.T) {
	var out bytes.Buffer
	tel, err := telemetry.Setup(t.Context(), telemetry.Config{Service: "idp", LogFormat: "json", Out: &out, Reference: func(ctx context.Context) string {
		ref, _ := ctx.Value(referenceKey{}).(string)
		return ref
	}})
	must(t, err)
	id := trace.TraceID{1, 2, 3}
	ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: trace.SpanID{1}}))
	ctx = context.WithValue(ctx, referenceKey{}, "ABCDEF")
	line := func(ctx context.Context, args ...any) string {
		out.Reset()
		tel.Log.With("part", "x").InfoContext(ctx, "hello", args...)
		return out.String()
	}
	if l := line(ctx); !strings.Contains(l, `"trace":"`+id.String()+`"`) || !strings.Contains(l, `"reference":"ABCDEF"`) || !strings.Contains(l, `"service":"idp"`) || !strings.Contains(l, `"part":"x"`) {
		t.Error(l)
	}
	if l := line(ctx, "reference", "ABCDEF"); strings.Count(l, "ABCDEF") != 1 {
		t.Errorf("said twice: %s", l)
	}
	if l := line(t.Context()); strings.Contains(l, "trace") || strings.Contains(l, "reference") {
		t.Errorf("a line of no request: %s", l)
	}
}

func TestLevel(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(telemetry.NewHandler(telemetry.Config{LogLevel: slog.LevelWarn, Out: &out}))
	log.Info("quiet")
	log.Warn("loud")
	if strings.Contains(out.String(), "quiet") || !strings.Contains(out.String(), "loud") {
		t.Fatal(out.String())
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
