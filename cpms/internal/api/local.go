package api

import (
	"context"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"eulogin.example/proto/kit/fault"
)

// local carries calls to services of this process through their chain, without a network: the
// gateway speaks to it as to a connection.
type local struct {
	chain   []grpc.UnaryServerInterceptor
	methods map[string]served
}

type served struct {
	impl any
	desc grpc.MethodDesc
}

// RegisterService takes a service, as a server does.
func (l *local) RegisterService(d *grpc.ServiceDesc, impl any) {
	for _, m := range d.Methods {
		l.methods["/"+d.ServiceName+"/"+m.MethodName] = served{impl, m}
	}
}

// Invoke makes one call.
func (l *local) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	m, ok := l.methods[method]
	if !ok {
		return status.Error(codes.Unimplemented, method)
	}
	sent, _ := metadata.FromOutgoingContext(ctx)
	stream := &runtime.ServerTransportStream{}
	ctx = grpc.NewContextWithServerTransportStream(metadata.NewIncomingContext(ctx, sent), located{stream, method})
	out, err := m.desc.Handler(m.impl, ctx, func(in any) error {
		proto.Merge(in.(proto.Message), args.(proto.Message))
		return nil
	}, l.through)
	for _, o := range opts {
		if h, ok := o.(grpc.HeaderCallOption); ok {
			*h.HeaderAddr = stream.Header()
		}
	}
	if err != nil {
		return fault.ToGRPC(err)
	}
	proto.Merge(reply.(proto.Message), out.(proto.Message))
	return nil
}

// NewStream refuses: nothing that streams is offered this way.
func (l *local) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, status.Error(codes.Unimplemented, "no streams")
}

// through runs the chain around a handler.
func (l *local) through(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	for i := len(l.chain) - 1; i >= 0; i-- {
		step, inner := l.chain[i], next
		next = func(ctx context.Context, req any) (any, error) { return step(ctx, req, info, inner) }
	}
	return next(ctx, req)
}

// located is a transport stream that knows its method, as real ones do.
type located struct {
	*runtime.ServerTransportStream
	method string
}

func (l located) Method() string { return l.method }
