package wire_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
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
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/dynamicpb"

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

// fixture is a server "idp" with a service that answers as the test says.
type fixture struct {
	dir, addr string
	server    *grpc.Server
	answer    func(ctx context.Context) error
	reached   atomic.Int64
}

// calls says how many calls reached the handler.
func (f *fixture) calls() int64 { return f.reached.Load() }

func start(t *testing.T, allow wire.Allow) *fixture {
	t.Helper()
	f := &fixture{dir: filepath.Join(t.TempDir(), "pki"), answer: func(context.Context) error { return nil }}
	must(t, wire.EnsureDevPKI(f.dir, time.Now(), "idp", "cpms", "stranger"))
	f.serve(t, wire.DevFiles(f.dir, "idp"), allow)
	return f
}

func (f *fixture) serve(t *testing.T, files wire.Files, allow wire.Allow) {
	t.Helper()
	srv, _, err := wire.NewServer(wire.Config{TLS: files, Allow: allow, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	must(t, err)
	idpv1.RegisterAccountsServer(srv, accounts{answer: func(ctx context.Context) error { f.reached.Add(1); return f.answer(ctx) }})
	idpv1.RegisterSessionsServer(srv, idpv1.UnimplementedSessionsServer{})
	idpv1.RegisterClientsServer(srv, idpv1.UnimplementedClientsServer{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(srv.Stop)
	f.addr, f.server = l.Addr().String(), srv
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
	var seen string
	f.answer = func(ctx context.Context) error { seen = wire.Caller(ctx); return nil }
	must(t, call(t.Context(), f.dial(t, "cpms", "idp")))
	if seen != "cpms" {
		t.Fatalf("the caller is %q", seen)
	}
	err := call(t.Context(), f.dial(t, "stranger", "idp"))
	if fault.KindOf(err) != fault.Denied {
		t.Fatalf("a stranger: %v", err)
	}
	// Metadata cannot say who calls.
	ctx := metadata.AppendToOutgoingContext(t.Context(), "caller", "cpms", "x-forwarded-client-cert", "DNS=cpms", "authority", "cpms")
	if err := call(ctx, f.dial(t, "stranger", "idp")); fault.KindOf(err) != fault.Denied {
		t.Fatalf("spoofed metadata: %v", err)
	}
	if err := call(t.Context(), f.dial(t, "cpms", "other-service")); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("a server of another name was believed: %v", err)
	}
	if f.calls() != 1 {
		t.Fatalf("%d calls reached the handler", f.calls())
	}
}

// TestUnlistedIsDenied walks every method that the server has: without a list nobody reaches
// any of ours, and Unlisted names each of them.
func TestUnlistedIsDenied(t *testing.T) {
	f := start(t, wire.Allow{})
	cc := f.dial(t, "cpms", "idp")
	services := idpv1.File_idp_v1_idp_proto.Services()
	var all []string
	for i := range services.Len() {
		for j := range services.Get(i).Methods().Len() {
			m := services.Get(i).Methods().Get(j)
			full := "/" + string(services.Get(i).FullName()) + "/" + string(m.Name())
			all = append(all, full)
			in, out := dynamicpb.NewMessage(m.Input()), dynamicpb.NewMessage(m.Output())
			if err := cc.Invoke(t.Context(), full, in, out); fault.KindOf(err) != fault.Denied {
				t.Errorf("%s: %v", full, err)
			}
		}
	}
	got := wire.Unlisted(f.server, wire.Allow{})
	slices.Sort(got)
	slices.Sort(all)
	if len(all) < 2 || !slices.Equal(got, all) {
		t.Fatalf("unlisted: %v, of %v", got, all)
	}
	left := wire.Unlisted(f.server, wire.Allow{all[0]: {"cpms"}})
	slices.Sort(left)
	if !slices.Equal(left, all[1:]) {
		t.Fatalf("unlisted when one is listed: %v", left)
	}
}

func TestFaultsTravelWithTheirFields(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}})
	cc := f.dial(t, "cpms", "idp")
	f.answer = func(context.Context) error { return errUnknown.Because(errors.New("row 7")) }
	if err := call(t.Context(), cc); !errors.Is(err, errUnknown) || strings.Contains(err.Error(), "row 7") {
		t.Fatalf("%v", err)
	}
	f.answer = func(context.Context) error {
		return fault.New(fault.Invalid, "rpc.form").WithField("subject", "rpc.subject.empty").WithField("reason", "rpc.reason.long").After(90 * time.Second)
	}
	got := fault.As(call(t.Context(), cc))
	if got == nil || got.Kind != fault.Invalid || got.Code != "rpc.form" || got.RetryAfter != 90*time.Second || len(got.Fields) != 2 || got.Fields["reason"].Key != "rpc.reason.long" {
		t.Fatalf("%+v", got)
	}
}

func TestPanicsDoNotTravel(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}})
	cc := f.dial(t, "cpms", "idp")
	f.answer = func(context.Context) error { panic("password=hunter2") }
	err := call(t.Context(), cc)
	if st, _ := status.FromError(errors.Unwrap(err)); st.Code() != codes.Internal || st.Message() != "internal" || len(st.Details()) != 0 {
		t.Fatalf("%v", err)
	}
	f.answer = func(context.Context) error { return nil }
	must(t, call(t.Context(), cc)) // the server lives on
}

func TestADeadlineIsKept(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}})
	f.answer = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if err := call(ctx, f.dial(t, "cpms", "idp")); fault.KindOf(err) != fault.Unavailable || time.Since(begun) > time.Second {
		t.Fatalf("%v after %v", err, time.Since(begun))
	}
}

// TestEveryCallHasADeadline: our client adds one, and the server refuses a client that has none.
func TestEveryCallHasADeadline(t *testing.T) {
	f := start(t, wire.Allow{method: {"cpms"}})
	var left time.Duration
	f.answer = func(ctx context.Context) error { end, _ := ctx.Deadline(); left = time.Until(end); return nil }
	must(t, call(t.Context(), f.dial(t, "cpms", "idp")))
	if left <= 0 || left > wire.DefaultDeadline {
		t.Fatalf("the deadline of a call that names none is %v away", left)
	}
	if rawCall(t, f, ptr(method), "grpc-timeout", "") || f.calls() != 1 {
		t.Fatalf("a call without a deadline was answered; %d calls", f.calls())
	}
}

func TestHealthAnswersEveryService(t *testing.T) {
	f := start(t, wire.Allow{})
	cc := f.dial(t, "stranger", "idp")
	r, err := healthpb.NewHealthClient(cc).Check(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil || r.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Fatalf("%v %v", r, err)
	}
	if _, err := healthpb.NewHealthClient(cc).Check(t.Context(), &healthpb.HealthCheckRequest{Service: "x"}); status.Code(errors.Unwrap(err)) != codes.NotFound {
		t.Fatalf("%v", err)
	}
}

func TestReflectionListsTheServices(t *testing.T) {
	f := start(t, wire.Allow{})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	stream, err := reflectionpb.NewServerReflectionClient(f.dial(t, "stranger", "idp")).ServerReflectionInfo(ctx)
	must(t, err)
	must(t, stream.Send(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}}))
	answer, err := stream.Recv()
	must(t, err)
	if !strings.Contains(answer.String(), "idp.v1.Accounts") {
		t.Fatalf("%v", answer)
	}
}

func TestOneTraceAcrossTheCall(t *testing.T) {
	otel.SetTracerProvider(sdktrace.NewTracerProvider())
	otel.SetTextMapPropagator(propagation.TraceContext{})
	f := start(t, wire.Allow{method: {"cpms"}})
	var there trace.SpanContext
	f.answer = func(ctx context.Context) error { there = trace.SpanContextFromContext(ctx); return nil }
	ctx, span := otel.Tracer("test").Start(t.Context(), "click")
	defer span.End()
	must(t, call(ctx, f.dial(t, "cpms", "idp")))
	if there.TraceID() != span.SpanContext().TraceID() || there.SpanID() == span.SpanContext().SpanID() {
		t.Fatalf("the trace broke: %v", there)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
