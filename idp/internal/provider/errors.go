package provider

import (
	"context"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/proto/kit/fault"
)

// errOutage says that a store does not answer.
var errOutage = fault.New(fault.Unavailable, "oidc.unavailable")

// outage turns every failure that is not a protocol error into 503 with Retry-After: an
// outage is never invalid_grant and never active:false (D14, D15). What was wrong goes to
// the log, not into the answer.
func (s *server) outage(ctx context.Context, err error) error {
	x := exchange(ctx)
	s.Log.ErrorContext(ctx, "OpenID Connect request failed", "path", x.r.URL.Path, "error", err)
	x.w.Header().Set("Retry-After", "5")
	return op.NewStatusError(&oidc.Error{ErrorType: "temporarily_unavailable", Description: "try again in a few seconds"}, http.StatusServiceUnavailable)
}

// refused gives a protocol error for what a caller did wrong and an outage for all else.
func (s *server) refused(ctx context.Context, err error, protocol *oidc.Error) error {
	switch fault.KindOf(err) {
	case fault.Denied, fault.NotFound, fault.Gone, fault.Invalid, fault.Unauthenticated, fault.Conflict:
		return protocol
	}
	return s.outage(ctx, err)
}

// unauthorized answers a failed client authentication: 401 and a challenge (RFC 6749 §5.2).
func unauthorized(ctx context.Context, why string) error {
	exchange(ctx).w.Header().Set("WWW-Authenticate", `Bearer error="invalid_client"`)
	return op.NewStatusError(oidc.ErrInvalidClient().WithDescription("%s", why), http.StatusUnauthorized)
}
