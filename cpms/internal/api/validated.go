package api

import (
	"context"
	"errors"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"eulogin.example/proto/kit/fault"
)

var errInvalid = fault.New(fault.Invalid, "api.invalid")

// validated holds a message against the field rules of its contract (buf.validate).
func validated(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	m, ok := req.(proto.Message)
	if !ok {
		return nil, errInvalid
	}
	err := protovalidate.Validate(m)
	var bad *protovalidate.ValidationError
	if errors.As(err, &bad) {
		e := errInvalid
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
