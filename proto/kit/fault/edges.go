package fault

import (
	"context"
	"errors"
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
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

// ToGRPC turns an error into a status that carries kind and code but no internal text.
// A status that is one already passes unchanged.
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
	with, derr := st.WithDetails(&errdetails.ErrorInfo{
		Reason: CodeOf(err), Domain: domain,
		Metadata: map[string]string{"kind": KindOf(err).String()},
	})
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
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.Domain == domain {
			return New(kindNamed(info.Metadata["kind"]), info.Reason).Because(err)
		}
	}
	for kind, edge := range edges {
		if edge.grpc == st.Code() && kind != Internal {
			return New(kind, "rpc."+kind.String()).Because(err)
		}
	}
	return New(Unavailable, "rpc.unavailable").Because(err)
}

func kindNamed(name string) Kind {
	for i, n := range kindNames {
		if n == name {
			return Kind(i)
		}
	}
	return Internal
}
