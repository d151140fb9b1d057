package provider

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// The failures that people see as pages.
var (
	errMalformed = fault.New(fault.Invalid, "oidc.malformed")
	errRepeated  = fault.New(fault.Invalid, "oidc.repeated_parameter")
	errClient    = fault.New(fault.Invalid, "oidc.unknown_client")
	errDisabled  = fault.New(fault.Denied, "oidc.client_disabled")
	errRedirect  = fault.New(fault.Invalid, "oidc.redirect_not_registered")
	errOutage    = fault.New(fault.Unavailable, "oidc.unavailable")
)

// retryAfter is when to come again after an outage.
const retryAfter = 5 * time.Second

// wrong reports whether a failure is a caller's doing. All else is a failure of ours.
func wrong(err error) bool {
	switch fault.KindOf(err) {
	case fault.Denied, fault.NotFound, fault.Gone, fault.Invalid, fault.Unauthenticated, fault.Conflict:
		return true
	}
	return false
}

// pageOf gives the page for a request that cannot even be answered to its client.
func pageOf(err error) error {
	if wrong(err) {
		return err
	}
	return unavailable(err)
}

// noClient gives the page for a client that cannot be served: it is unknown, or an operator lets it do
// nothing.
func noClient(err error) error {
	if errors.Is(err, client.ErrDisabled) {
		return errDisabled.Because(err)
	}
	return errClient.Because(err)
}

// unavailable turns a failure of ours into the page that says when to come again.
func unavailable(err error) error { return errOutage.Because(err).After(retryAfter) }

// outage turns every failure that is not a caller's doing into 503 with Retry-After: an
// outage is never invalid_grant and never active:false (D15). What was wrong goes to the log,
// not into the answer (D14).
func (s *server) outage(ctx context.Context, err error) error {
	x := exchange(ctx)
	s.Log.ErrorContext(ctx, "OpenID Connect request failed", "path", x.r.URL.Path, "error", err)
	x.w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	return op.NewStatusError(&oidc.Error{ErrorType: "temporarily_unavailable", Description: "try again in a few seconds"}, http.StatusServiceUnavailable)
}

// refused gives a protocol error for what a caller did wrong and an outage for all else.
func (s *server) refused(ctx context.Context, err error, protocol *oidc.Error) error {
	if no := refusedTarget(err); no != nil {
		return no
	}
	if wrong(err) {
		return protocol
	}
	return s.outage(ctx, err)
}

// writeError answers a request that came from a client itself: a refusal that would have gone to the
// client's address is in the body here (RFC 9126 §2.3, CIBA Core §13).
func (s *server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	var no *refusal
	if errors.As(err, &no) {
		writeJSON(w, http.StatusBadRequest, oauthError{no.code, no.description})
		return
	}
	op.WriteError(w, r, err, s.Log)
}

// unauthorized answers a failed client authentication: 401 and a challenge (RFC 6749 §5.2).
func unauthorized(ctx context.Context, why string) error {
	exchange(ctx).w.Header().Set("WWW-Authenticate", `Bearer error="invalid_client"`)
	return op.NewStatusError(oidc.ErrInvalidClient().WithDescription("%s", why), http.StatusUnauthorized)
}

// request is the HTTP exchange in the context: the library's methods do not get it.
type request struct {
	w    http.ResponseWriter
	r    *http.Request
	mark kv.Mark // left by client authentication, see spend
}

type requestKey struct{}

func exchange(ctx context.Context) *request {
	x, _ := ctx.Value(requestKey{}).(*request)
	return x
}
