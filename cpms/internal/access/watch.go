package access

import (
	"context"
	"time"
)

// ChangeKind is what happened to somebody's access.
type ChangeKind string

// The kinds.
const (
	AccessGiven     ChangeKind = "given"
	AccessEnded     ChangeKind = "ended"
	AccessSuspended ChangeKind = "suspended"
	AccessResumed   ChangeKind = "resumed"
	AccessErased    ChangeKind = "erased"
)

// Changes says which events of the audit trail change access, and how. The trail is the feed:
// its numbers come in the order of commits, without gaps, so that nothing is skipped.
var Changes = map[string]ChangeKind{
	"request.approved": AccessGiven, "grants.suspension_lifted": AccessResumed,
	"request.undone": AccessEnded, "grant.revoked": AccessEnded, "grant.given_back": AccessEnded, "grant.expired": AccessEnded,
	"account.factors_reset": AccessSuspended, "account.disabled": AccessSuspended, "account.erased": AccessErased,
	"role.given": AccessGiven, "role.taken": AccessEnded,
}

// Changed is one change of access.
type Changed struct {
	Seq             int64 // of the audit trail
	At              time.Time
	Kind            ChangeKind
	Issuer, Subject string
	Network         string // "": all of the person's
}

// Feed reads changes.
type Feed interface {
	// Position gives the number of the last event of the trail.
	Position(ctx context.Context) (int64, error)
	// ChangesAfter gives the changes after a number in their order, from at most so many
	// events, and the number of the last event that was looked at.
	ChangesAfter(ctx context.Context, seq int64, most int) (list []Changed, last int64, err error)
}
