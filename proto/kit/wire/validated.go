package wire

import (
	"context"
	"errors"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"eulogin.example/proto/kit/fault"
)

// Validated holds each message against the field rules of its contract (buf.validate) before a handler
// sees it. invalid is the failure of one that breaks them; its fields tell which, by the names of the rules.
func Validated(invalid *fault.Error) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		m, ok := req.(proto.Message)
		if !ok {
			return nil, invalid
		}
		err := protovalidate.Validate(m)
		var bad *protovalidate.ValidationError
		if errors.As(err, &bad) {
			e := invalid
			for _, v := range bad.Violations {
				e = e.WithField(protovalidate.FieldPathString(v.Proto.GetField()), v.Proto.GetRuleId())
			}
			return nil, fault.ToGRPC(e)
		}
		if err != nil {
			return nil, err // a rule that cannot be read: a defect of the contract
		}
		return next(ctx, req)
	}
}
