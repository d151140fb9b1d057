package wire_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/wire"
)

var errUnknown = fault.New(fault.NotFound, "account.unknown")

// accounts answers as the test says.
type accounts struct {
	idpv1.UnimplementedAccountsServer
	answer func(ctx context.Context) error
}

func (a accounts) GetAssurance(ctx context.Context, r *idpv1.GetAssuranceRequest) (*idpv1.GetAssuranceResponse, error) {
	if err := a.answer(ctx); err != nil {
		return nil, err
	}
	return &idpv1.GetAssuranceResponse{Subject: r.GetSubject()}, nil
}

const method = "/idp.v1.Accounts/GetAssurance"

type fixture struct {
	dir, addr string
	server    *grpc.Server
	answer    func(ctx context.Context) error
}

func start(t *testing.T, allow wire.Allow) *fixture {
	t.Helper()
	f := &fixture{dir: filepath.Join(t.TempDir(), "pki"), answer: func(context.Context) error { return nil }}
	must(t, wire.EnsureDevPKI(f.dir, time.Now(), "idp", "cpms", "stranger"))
	srv, _, err := wire.NewServer(wire.Config{TLS: wire.DevFiles(f.dir, "idp"), Allow: allow, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	must(t, err)
	idpv1.RegisterAccountsServer(srv, accounts{answer: func(ctx context.Context) error { return f.answer(ctx) }})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(srv.Stop)
	f.addr, f.server = l.Addr().String(), srv
	return f
}

func (f *fixture) dial(t *testing.T, as, server string) *grpc.ClientConn {
	t.Helper()
	cc, err := wire.Dial(f.addr, server, wire.DevFiles(f.dir, as))
	must(t, err)
	t.Cleanup(func() { _ = cc.Close() })
	return cc
}

func call(ctx context.Context, cc *grpc.ClientConn) error {
	_, err := idpv1.NewAccountsClient(cc).GetAssurance(ctx, &idpv1.GetAssuranceRequest{Subject: "n00aaaaaaaa"})
	return err
}

func TestOnlyListedCallers(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}})
	must(t, call(t.Context(), f.dial(t, "cpms", "idp")))
	err := call(t.Context(), f.dial(t, "stranger", "idp"))
	if fault.KindOf(err) != fault.Denied {
		t.Fatalf("a stranger: %v", err)
	}
	// Metadata cannot say who calls.
	ctx := metadata.AppendToOutgoingContext(t.Context(), "caller", "cpms", "x-forwarded-client-cert", "DNS=cpms")
	if err := call(ctx, f.dial(t, "stranger", "idp")); fault.KindOf(err) != fault.Denied {
		t.Fatalf("spoofed metadata: %v", err)
	}
	if err := call(t.Context(), f.dial(t, "cpms", "other-service")); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("a server of another name was believed: %v", err)
	}
}

func TestUnlistedIsDenied(t *testing.T) {
	f := start(t, wire.Allow{})
	if err := call(t.Context(), f.dial(t, "cpms", "idp")); fault.KindOf(err) != fault.Denied {
		t.Fatalf("%v", err)
	}
	if got := wire.Unlisted(f.server, wire.Allow{}); len(got) != 1 || got[0] != method {
		t.Fatalf("unlisted: %v", got)
	}
	// Odd paths reach no handler and no default (grpc-go CVE-2026-33186).
	cc := f.dial(t, "cpms", "idp")
	for _, path := range []string{"idp.v1.Accounts/GetAssurance", "//idp.v1.Accounts/GetAssurance", "/idp.v1.Accounts/getAssurance", "/"} {
		err := cc.Invoke(t.Context(), path, &idpv1.GetAssuranceRequest{}, &idpv1.GetAssuranceResponse{})
		if err == nil {
			t.Errorf("%q was answered", path)
		}
	}
}

func TestWithoutCertificate(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}})
	other := filepath.Join(t.TempDir(), "other")
	must(t, wire.EnsureDevPKI(other, time.Now(), "cpms"))
	files := wire.DevFiles(other, "cpms")
	files.CA = wire.DevFiles(f.dir, "cpms").CA
	cc, err := wire.Dial(f.addr, "idp", files)
	must(t, err)
	defer func() { _ = cc.Close() }()
	if err := call(t.Context(), cc); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("a certificate of another CA: %v", err)
	}
}

func TestErrorsTravelAndPanicsDoNot(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}})
	cc := f.dial(t, "cpms", "idp")
	f.answer = func(context.Context) error { return errUnknown.Because(errors.New("row 7")) }
	if err := call(t.Context(), cc); !errors.Is(err, errUnknown) {
		t.Fatalf("%v", err)
	}
	f.answer = func(context.Context) error { panic("password=hunter2") }
	err := call(t.Context(), cc)
	if st, _ := status.FromError(errors.Unwrap(err)); fault.KindOf(err) == fault.NotFound || st.Message() != "internal" {
		t.Fatalf("%v", err)
	}
}

func TestADeadlineIsRequiredAndKept(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}})
	cc := f.dial(t, "cpms", "idp")
	f.answer = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := call(ctx, cc); fault.KindOf(err) != fault.Unavailable || time.Since(begun) > time.Second {
		t.Fatalf("%v after %v", err, time.Since(begun))
	}
}

func TestHealthAnswersEveryService(t *testing.T) {
	f := start(t, wire.Allow{})
	r, err := healthpb.NewHealthClient(f.dial(t, "stranger", "idp")).Check(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil || r.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Fatalf("%v %v", r, err)
	}
	if _, err := healthpb.NewHealthClient(f.dial(t, "stranger", "idp")).Check(t.Context(), &healthpb.HealthCheckRequest{Service: "x"}); status.Code(errors.Unwrap(err)) != codes.NotFound {
		t.Fatalf("%v", err)
	}
}

func TestOneTraceAcrossTheCall(t *testing.T) {
	otel.SetTracerProvider(sdktrace.NewTracerProvider())
	otel.SetTextMapPropagator(propagation.TraceContext{})
	f := start(t, wire.Allow{method: {"cpms"}})
	var there trace.TraceID
	f.answer = func(ctx context.Context) error { there = trace.SpanContextFromContext(ctx).TraceID(); return nil }
	ctx, span := otel.Tracer("test").Start(t.Context(), "click")
	defer span.End()
	must(t, call(ctx, f.dial(t, "cpms", "idp")))
	if there != span.SpanContext().TraceID() {
		t.Fatalf("the trace broke: %v", there)
	}
}

func TestDevPKIIsMadeOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := wire.EnsureDevPKI(dir, time.Now(), "idp", "cpms"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	srv, _, err := wire.NewServer(wire.Config{TLS: wire.DevFiles(dir, "idp"), Log: slog.Default()})
	must(t, err)
	srv.Stop()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
