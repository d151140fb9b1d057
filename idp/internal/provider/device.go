package provider

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
)

// DeviceAuthorization begins the device authorization grant (RFC 8628 §3.1) for a client that
// registered it. There is no verification_uri_complete: a link that holds the code is what
// somebody would send to a victim (RFC 10027).
func (s *server) DeviceAuthorization(ctx context.Context, r *op.ClientRequest[oidc.DeviceAuthorizationRequest]) (*op.Response, error) {
	c := r.Client.(opClient).c
	if !c.Allows(client.DeviceCode) {
		return nil, oidc.ErrUnauthorizedClient()
	}
	scopes := strings.Fields(r.PostForm.Get("scope"))
	if len(scopes) == 0 || slices.ContainsFunc(scopes, func(scope string) bool { return !c.MayAsk(scope) }) {
		return nil, oidc.ErrInvalidScope()
	}
	resources, err := s.aimed(c, r.PostForm["resource"])
	if err != nil {
		return nil, invalidTarget()
	}
	device, user, err := s.Grants.AskDevice(ctx, grant.Device{Client: c.ID, Scopes: scopes, Resources: resources, Address: s.Browser.Address(exchange(ctx).r)})
	if err != nil {
		return nil, s.outage(ctx, err)
	}
	return op.NewResponse(&oidc.DeviceAuthorizationResponse{
		DeviceCode: device, UserCode: user, VerificationURI: s.Issuer + devicePath,
		ExpiresIn: int(grant.DeviceLife.Seconds()), Interval: int(grant.DeviceInterval.Seconds()),
	}), nil
}

// DeviceToken answers a device's poll (RFC 8628 §3.5). The approval is held against what may have
// changed since, like a code's.
func (s *server) DeviceToken(ctx context.Context, r *op.ClientRequest[oidc.DeviceAccessTokenRequest]) (*op.Response, error) {
	c, raw := r.Client.(opClient).c, r.PostForm.Get("device_code")
	if !c.Allows(client.DeviceCode) {
		return nil, oidc.ErrUnauthorizedClient()
	}
	bound, err := s.bound(ctx, c)
	if err != nil {
		return nil, err
	}
	d, err := s.Grants.PollDevice(ctx, raw, c.ID)
	switch {
	case errors.Is(err, grant.ErrPending):
		return nil, oidc.ErrAuthorizationPending()
	case errors.Is(err, grant.ErrSlowDown):
		return nil, oidc.ErrSlowDown()
	case errors.Is(err, grant.ErrDenied):
		return nil, oidc.ErrAccessDenied()
	case err != nil:
		return nil, s.refused(ctx, err, oidc.ErrExpiredDeviceCode())
	}
	approval := *d.Approval
	approval.Binding = bound
	answer, err := s.exchanged(ctx, c, raw, grant.Code{Approval: approval})
	if err == nil {
		return op.NewResponse(answer), nil
	}
	if !wrong(err) { // nothing was given: after the outage the device may poll again
		if rerr := s.Grants.ReturnDevice(ctx, d); rerr != nil {
			err = errors.Join(err, rerr)
		}
	}
	return nil, s.refused(ctx, err, oidc.ErrInvalidGrant())
}
