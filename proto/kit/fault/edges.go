package fault

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

// domain marks our own ErrorInfo details, so that a stranger's are not trusted.
const domain = "eulogin.example"

var edges = map[Kind]struct {
	http int
	grpc codes.Code
}{
	Internal:        {http.StatusInternalServerError, codes.Internal},
	Invalid:         {http.StatusUnprocessableEntity, codes.InvalidArgument},
	Unauthenticated: {http.StatusUnauthorized, codes.Unauthenticated},
	Denied:          {http.StatusForbidden, codes.PermissionDenied},
	NotFound:        {http.StatusNotFound, codes.NotFound},
	Conflict:        {http.StatusConflict, codes.Aborted},
	Gone:            {http.StatusGone, codes.FailedPrecondition},
	TooMany:         {http.StatusTooManyRequests, codes.ResourceExhausted},
	Unavailable:     {http.StatusServiceUnavailable, codes.Unavailable},
}

// HTTPStatus gives the status that an edge answers with.
func HTTPStatus(err error) int { return edges[KindOf(err)].http }

// ToGRPC turns an error into a status that carries kind, code, fields at fault and the time to
// wait, but no internal text. Of a field only its name and the key of its message travel: the
// caller has texts of its own. A status that is one already passes unchanged.
func ToGRPC(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := status.FromError(err); ok && As(err) == nil {
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return status.Error(codes.DeadlineExceeded, "deadline exceeded")
	}
	if errors.Is(err, context.Canceled) {
		return status.Error(codes.Canceled, "canceled")
	}
	st := status.New(edges[KindOf(err)].grpc, CodeOf(err))
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{
		Reason: CodeOf(err), Domain: domain,
		Metadata: map[string]string{"kind": KindOf(err).String()},
	}}
	if e := As(err); e != nil && len(e.Fields) > 0 {
		bad := &errdetails.BadRequest{}
		for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
			bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{Field: name, Description: e.Fields[name].Key})
		}
		details = append(details, bad)
	}
	if e := As(err); e != nil && e.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(e.RetryAfter)})
	}
	with, derr := st.WithDetails(details...)
	if derr != nil {
		return st.Err()
	}
	return with.Err()
}

// FromGRPC turns a status back into a fault. Codes of our own services keep their kind;
// of anything else only the class survives, and an unknown one counts as Unavailable,
// because then nothing is known about the outcome.
func FromGRPC(err error) error {
	st, ok := status.FromError(err)
	if err == nil || !ok {
		return err
	}
	if e := ours(st.Details()); e != nil {
		return e.Because(err)
	}
	for kind, edge := range edges {
		if edge.grpc == st.Code() && kind != Internal {
			return New(kind, "rpc."+kind.String()).Because(err)
		}
	}
	return New(Unavailable, "rpc.unavailable").Because(err)
}

// ours reads the details of one of our own services, or gives nil.
func ours(details []any) (e *Error) {
	for _, d := range details {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.Domain == domain {
			e = New(kindNamed(info.Metadata["kind"]), info.Reason)
		}
	}
	if e == nil {
		return nil
	}
	for _, d := range details {
		switch d := d.(type) {
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				e = e.WithField(v.GetField(), v.GetDescription())
			}
		case *errdetails.RetryInfo:
			e = e.After(d.GetRetryDelay().AsDuration())
		}
	}
	return e
}

func kindNamed(name string) Kind {
	for i, n := range kindNames {
		if n == name {
			return Kind(i)
		}
	}
	return Internal
}
