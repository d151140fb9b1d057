package wire

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"eulogin.example/proto/kit/fault"
)

// DefaultDeadline is the time a call may take, repeats included, when the caller did not say.
const DefaultDeadline = 3 * time.Second

// maxPause is the longest wait before connecting again. It is shorter than the shortest deadline
// of our contracts (1 s), so that a person's click right after the other side came back works.
const maxPause = 600 * time.Millisecond

// Dial makes a connection to another service, which must show the certificate of that name.
// It connects when first used and again after a break. Errors come back as faults. A call whose
// contract says that it may be repeated (idempotency_level) waits for the connection, and is sent
// again after UNAVAILABLE, at most twice; all within its deadline. Other calls do neither.
func Dial(addr, serverName string, f Files) (*grpc.ClientConn, error) {
	m, err := newMaterial(f, slog.Default())
	if err != nil {
		return nil, err
	}
	return grpc.NewClient(addr,
		grpc.WithTransportCredentials(m.clientCreds(serverName)),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler()),
		grpc.WithUnaryInterceptor(outgoing),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: maxPause}, MinConnectTimeout: 2 * time.Second}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 5 * time.Minute, Timeout: 10 * time.Second}),
		grpc.WithDisableServiceConfig(), // not from DNS
		grpc.WithDefaultServiceConfig(serviceConfig()),
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

// serviceConfig is gRPC's own format for how calls are repeated and spread (gRFC A6). The
// throttle stops repeats while more than half of the calls fail: a service that is down is
// not helped by three times the calls.
func serviceConfig() string {
	names, err := json.Marshal(repeatable())
	if err != nil {
		panic(err) // made of texts only
	}
	return `{"loadBalancingConfig": [{"round_robin": {}}], "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.5}, "methodConfig": [{"name": ` + string(names) + `, "waitForReady": true,
		"retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.05s", "maxBackoff": "0.5s", "backoffMultiplier": 3, "retryableStatusCodes": ["UNAVAILABLE"]}}]}`
}

// repeatable lists the methods of all contracts in this binary that may be sent again.
func repeatable() (out []map[string]string) {
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				o, ok := methods.Get(j).Options().(*descriptorpb.MethodOptions)
				if ok && o.GetIdempotencyLevel() != descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN {
					out = append(out, map[string]string{"service": string(f.Services().Get(i).FullName()), "method": string(methods.Get(j).Name())})
				}
			}
		}
		return true
	})
	return out
}
