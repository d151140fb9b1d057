package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/anypb"

	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/plain"
	"eulogin.example/proto/kit/bearer"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// The metadata (gRPC) or header (HTTP) of idempotency keys, and their limits.
const (
	keyName  = "idempotency-key"
	keyMax   = 100
	kept     = 24 * time.Hour // how long an answer is given again
	underWay = time.Minute    // how long a call counts as under way when its process died
)

var (
	errKey    = fault.New(fault.Invalid, "idempotency.key")
	errReused = fault.New(fault.Invalid, "idempotency.reused")
	errBusy   = fault.New(fault.Conflict, "idempotency.busy")
)

// answered is what is kept of a call with a key.
type answered struct {
	Call   string `json:"call"` // digest of the message
	Answer []byte `json:"answer,omitempty"`
}

// once gives the first answer again to a call with the same key, person, program and method.
// A call that failed did nothing and can be tried again under its key.
func (a *API) once(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	given := metadata.ValueFromIncomingContext(ctx, keyName)
	message, ok := req.(proto.Message)
	if len(given) == 0 || !ok || !changes(info.FullMethod) {
		return next(ctx, req)
	}
	if len(given) > 1 || given[0] == "" || !plain.Line(given[0], keyMax) {
		return nil, fault.ToGRPC(errKey)
	}
	t := bearer.From(ctx)
	key := "idempotency:" + ident.Digest(strings.Join([]string{t.Issuer, t.Subject, t.ClientID, info.FullMethod, given[0]}, "\n"))
	call, err := digest(message)
	if err != nil {
		return nil, err
	}
	first, err := a.begin(ctx, key, call)
	if err != nil || first != nil {
		return first, err
	}
	out, err := next(ctx, req)
	if err != nil {
		if derr := a.KV.Drop(ctx, key); derr != nil {
			a.Log.WarnContext(ctx, "an idempotency key stays busy for a minute", "error", derr)
		}
		return nil, err
	}
	if err := a.keep(ctx, key, call, out); err != nil { // what was done is done
		a.Log.WarnContext(ctx, "an answer could not be kept for its idempotency key", "error", err)
	}
	return out, nil
}

// begin marks a call as under way, or gives the answer of the first.
func (a *API) begin(ctx context.Context, key, call string) (any, error) {
	raw, err := encode(answered{Call: call})
	if err != nil {
		return nil, err
	}
	err = a.KV.Swap(ctx, key, nil, raw, underWay)
	if err == nil || !errors.Is(err, kv.ErrChanged) {
		return nil, err
	}
	was, err := kv.GetJSON[answered](ctx, a.KV, key)
	switch {
	case errors.Is(err, kv.ErrNotFound): // it failed this moment
		return nil, fault.ToGRPC(errBusy)
	case err != nil:
		return nil, err
	case was.Call != call:
		return nil, fault.ToGRPC(errReused)
	case was.Answer == nil:
		return nil, fault.ToGRPC(errBusy)
	}
	var boxed anypb.Any
	if err := proto.Unmarshal(was.Answer, &boxed); err != nil {
		return nil, err
	}
	return boxed.UnmarshalNew()
}

func (a *API) keep(ctx context.Context, key, call string, out any) error {
	message, ok := out.(proto.Message)
	if !ok {
		return errors.New("api: an answer that is no message")
	}
	boxed, err := anypb.New(message)
	if err != nil {
		return err
	}
	raw, err := proto.Marshal(boxed)
	if err != nil {
		return err
	}
	return kv.PutJSON(ctx, a.KV, key, answered{call, raw}, kept)
}

func digest(m proto.Message) (string, error) {
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), err
}

// changes reports whether a method changes something, as its contract says.
func changes(method string) bool {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(strings.ReplaceAll(strings.TrimPrefix(method, "/"), "/", ".")))
	if err != nil {
		return true
	}
	o, ok := d.Options().(*descriptorpb.MethodOptions)
	return !ok || o.GetIdempotencyLevel() != descriptorpb.MethodOptions_NO_SIDE_EFFECTS
}
