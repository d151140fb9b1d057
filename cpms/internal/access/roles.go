package access

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/plain"
	"eulogin.example/proto/kit/fault"
)

// ErrRole says that such a role cannot be given.
var ErrRole = fault.New(fault.Invalid, "access.role")

// RoleStore keeps who decides where.
type RoleStore interface {
	// GiveRole writes the role and its audit event once; giving it again changes nothing.
	GiveRole(ctx context.Context, at time.Time, issuer, subject, role, network string) error
}

// Operator gives roles of power without a request.
type Operator struct {
	Store RoleStore
	Now   func() time.Time
}

// GrantRole gives a role in one network, or in AllNetworks, to whoever signs in as this
// subject of this issuer, also before the first sign-in. The only such role is COORDINATOR;
// anything else is ErrRole.
func (o *Operator) GrantRole(ctx context.Context, issuer, subject, role, slug string) error {
	if _, ok := network.BySlug(slug); !ok && slug != AllNetworks {
		return ErrRole.WithField("network", "request.choice")
	}
	if role != CoordinatorRole {
		return ErrRole.WithField("role", "request.choice")
	}
	if issuer == "" || subject == "" || !plain.Line(subject, 255) { // OpenID Connect Core §2: sub has at most 255
		return ErrRole.WithField("subject", "request.required")
	}
	return o.Store.GiveRole(ctx, o.Now(), issuer, subject, role, slug)
}
