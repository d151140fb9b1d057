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

// AdministratorRole lets somebody keep coordinators, networks and hospitals. It decides about
// no request.
const AdministratorRole = "ADMINISTRATOR"

// RoleStore keeps who decides where.
type RoleStore interface {
	// GiveRole writes the role and its audit event once; giving it again changes nothing.
	GiveRole(ctx context.Context, at time.Time, issuer, subject, role, network string) error
	// TakeRole removes it, with its audit event; removing it again changes nothing.
	TakeRole(ctx context.Context, at time.Time, issuer, subject, role, network string) error
}

// Operator gives roles of power without a request.
type Operator struct {
	Store RoleStore
	Now   func() time.Time
}

// GrantRole gives a role in one network, or in AllNetworks, to whoever signs in as this
// subject of this issuer, also before the first sign-in. The roles are COORDINATOR and, for
// AllNetworks alone, ADMINISTRATOR; anything else is ErrRole.
func (o *Operator) GrantRole(ctx context.Context, issuer, subject, role, slug string) error {
	if err := checkRole(issuer, subject, role, slug); err != nil {
		return err
	}
	return o.Store.GiveRole(ctx, o.Now(), issuer, subject, role, slug)
}

// RevokeRole takes a role back that was given like that. ErrRole as in GrantRole.
func (o *Operator) RevokeRole(ctx context.Context, issuer, subject, role, slug string) error {
	if err := checkRole(issuer, subject, role, slug); err != nil {
		return err
	}
	return o.Store.TakeRole(ctx, o.Now(), issuer, subject, role, slug)
}

func checkRole(issuer, subject, role, slug string) error {
	if _, ok := network.BySlug(slug); !ok && slug != AllNetworks {
		return ErrRole.WithField("network", "request.choice")
	}
	if role != CoordinatorRole && (role != AdministratorRole || slug != AllNetworks) {
		return ErrRole.WithField("role", "request.choice")
	}
	if issuer == "" || subject == "" || !plain.Line(subject, 255) { // OpenID Connect Core §2: sub has at most 255
		return ErrRole.WithField("subject", "request.required")
	}
	return nil
}
