package wire

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"

	"eulogin.example/proto/kit/fault"
)

// Allow lists, for each full method ("/idp.v1.Accounts/GetAssurance"), the names of the
// callers that may use it.
type Allow map[string][]string

// Config is what a server is made of.
type Config struct {
	TLS   Files
	Allow Allow
	Log   *slog.Logger
	Inner []grpc.UnaryServerInterceptor // after the caller was let in: what single methods want besides
}

// anyPeer are the methods that every certificate of our CA may call: they tell nothing of
// any person.
var anyPeer = []string{
	"/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch", "/grpc.health.v1.Health/List",
	"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
	"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
}

// NewServer makes a server with health and reflection; register services on it. The health
// service says what the caller of this function sets on the returned health server.
func NewServer(c Config) (*grpc.Server, *health.Server, error) {
	m, err := newMaterial(c.TLS, c.Log)
	if err != nil {
		return nil, nil, err
	}
	srv := grpc.NewServer(
		grpc.Creds(credentials.NewTLS(m.serverTLS())),
		grpc.StatsHandler(otelgrpc.NewServerHandler()),
		grpc.MaxRecvMsgSize(1<<20),
		grpc.MaxConcurrentStreams(200),
		grpc.ConnectionTimeout(5*time.Second),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Minute}),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: 10 * time.Minute, MaxConnectionAge: time.Hour}),
		grpc.ChainUnaryInterceptor(append([]grpc.UnaryServerInterceptor{c.unary}, c.Inner...)...),
		grpc.StreamInterceptor(c.stream),
	)
	hs := health.NewServer()
	healthpb.RegisterHealthServer(srv, hs)
	reflection.Register(srv)
	return srv, hs, nil
}

// authorize decides about a call before any handler sees it. A method that is not listed is
// denied, so is a caller without exactly one name (security case 45).
func (c Config) authorize(ctx context.Context, method string) error {
	name := Caller(ctx)
	if name == "" {
		return status.Error(codes.Unauthenticated, "no client certificate")
	}
	if slices.Contains(anyPeer, method) || slices.Contains(c.Allow[method], name) {
		return nil
	}
	c.Log.WarnContext(ctx, "call denied", "method", method, "caller", name)
	return status.Error(codes.PermissionDenied, "not allowed")
}

func (c Config) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	defer func() {
		if p := recover(); p != nil {
			resp, err = nil, c.panicked(ctx, info.FullMethod, p)
		}
	}()
	if err := c.authorize(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	if _, ok := ctx.Deadline(); !ok {
		return nil, status.Error(codes.InvalidArgument, "a deadline is required")
	}
	resp, err = next(ctx, req)
	if err != nil {
		level := slog.LevelInfo
		_, told := status.FromError(err) // an inner interceptor has told the caller already
		if k := fault.KindOf(err); !told && (k == fault.Internal || k == fault.Unavailable) {
			level = slog.LevelError
		}
		c.Log.Log(ctx, level, "call failed", "method", info.FullMethod, "caller", Caller(ctx), "code", fault.CodeOf(err), "error", err)
		return nil, fault.ToGRPC(err)
	}
	return resp, nil
}

// stream serves what lives as long as the one who watches, health, reflection and the feeds of
// our contracts: it needs no deadline.
func (c Config) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = c.panicked(ss.Context(), info.FullMethod, p)
		}
	}()
	if err := c.authorize(ss.Context(), info.FullMethod); err != nil {
		return err
	}
	return fault.ToGRPC(next(srv, ss))
}

// panicked logs a defect; the caller learns nothing of it.
func (c Config) panicked(ctx context.Context, method string, p any) error {
	c.Log.ErrorContext(ctx, "panic", "method", method, "error", fmt.Sprint(p), "stack", string(debug.Stack()))
	return status.Error(codes.Internal, "internal")
}

// Caller gives the one DNS name in the caller's verified certificate, or "".
func Caller(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.VerifiedChains) == 0 {
		return ""
	}
	names := info.State.VerifiedChains[0][0].DNSNames
	if len(names) != 1 {
		return ""
	}
	return names[0]
}

// Unlisted names the methods of a server that no caller may use; each service's test expects
// none, so that a new method is not forgotten in its list.
func Unlisted(srv *grpc.Server, allow Allow) (methods []string) {
	for service, info := range srv.GetServiceInfo() {
		for _, m := range info.Methods {
			full := "/" + service + "/" + m.Name
			if len(allow[full]) == 0 && !slices.Contains(anyPeer, full) {
				methods = append(methods, full)
			}
		}
	}
	return methods
}
