package access

import "time"

// Grant is access that was given. It keeps what happened and when; what it is worth is
// computed.
type Grant struct {
	ID, PersonID, RequestID string
	Network, Role, Hospital string    // Hospital: its name, "" for guests
	StartsAt, EndsAt        time.Time // EndsAt is the first moment without access
	SuspendedAt             time.Time // zero: not suspended
	RevokedAt               time.Time // zero: not revoked
	RevokedBy               string    // id of who took it back, or the holder's; "": nobody, or its person was erased
	RevokedReason           string    // what the holder was told
	Extends                 string    // id of the grant that it goes on from, or ""
	Warned14, Warned3       bool      // notices that went out
	Closed                  bool      // the end was told, or a newer grant took its place
}

// GrantStatus is what a grant is worth at a moment; it is computed, never stored.
type GrantStatus string

// The statuses of a grant.
const (
	Active    GrantStatus = "active"
	Extended  GrantStatus = "extended" // like active; it goes on from an earlier grant
	Expiring  GrantStatus = "expiring" // two weeks or less
	Expired   GrantStatus = "expired"
	Suspended GrantStatus = "suspended" // no second factor at idp, until there is one again
	Revoked   GrantStatus = "revoked"
	Pending   GrantStatus = "pending" // its decision can still be undone
)

// Soon is when a grant begins to be "expiring".
const Soon = 14 * 24 * time.Hour

// Status says what the grant is worth now. A guest on day 91 has none, whether or not any
// clock ran.
func (g Grant) Status(now time.Time) GrantStatus {
	switch {
	case !g.RevokedAt.IsZero():
		return Revoked
	case !now.Before(g.EndsAt):
		return Expired
	case !g.SuspendedAt.IsZero():
		return Suspended
	case now.Before(g.StartsAt):
		return Pending
	case g.EndsAt.Sub(now) <= Soon:
		return Expiring
	case g.Extends != "":
		return Extended
	}
	return Active
}

// Opens reports whether the grant gives access now.
func (g Grant) Opens(now time.Time) bool {
	s := g.Status(now)
	return s == Active || s == Extended || s == Expiring
}

// grantOf makes the grant of an approved request.
func grantOf(r Request, id string, now time.Time) Grant {
	days := MemberDays
	if r.Guest() {
		days = r.DurationDays
	}
	return Grant{
		ID: id, PersonID: r.PersonID, RequestID: r.ID, Network: r.Network, Role: r.Role, Hospital: r.Place(),
		StartsAt: now, EndsAt: now.AddDate(0, 0, days),
	}
}
