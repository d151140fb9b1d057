package wire

import (
	"context"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"eulogin.example/proto/kit/fault"
)

// DefaultDeadline is the time a call may take when the caller did not say.
const DefaultDeadline = 3 * time.Second

// Dial makes a connection to another service, which must show the certificate of that name.
// It connects when first used and again after a break, after at most five seconds. Errors
// come back as faults; a call is never repeated here.
func Dial(addr, serverName string, f Files) (*grpc.ClientConn, error) {
	conf, err := clientTLS(f, serverName)
	if err != nil {
		return nil, err
	}
	return grpc.NewClient(addr,
		grpc.WithTransportCredentials(credentials.NewTLS(conf)),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler()),
		grpc.WithUnaryInterceptor(outgoing),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second}, MinConnectTimeout: 2 * time.Second}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 5 * time.Minute, Timeout: 10 * time.Second}),
		grpc.WithDisableServiceConfig(),
	)
}

func outgoing(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, DefaultDeadline)
		defer cancel()
	}
	return fault.FromGRPC(invoke(ctx, method, req, reply, cc, opts...))
}
