package factor

import (
	"context"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// KeptFor is how long a removed factor can be brought back by "this wasn't me" (domain.md
// row 17).
const KeptFor = 7 * 24 * time.Hour

// ErrUnknown: the account has no such factor, or it was removed too long ago.
var ErrUnknown = fault.New(fault.NotFound, "factor.unknown")

// ErrUndone: the change was undone before; nothing of the record was written.
var ErrUndone = fault.New(fault.Conflict, "factor.undone")

// ErrConfirmed: what two persons do together was confirmed or refused before, or has expired.
var ErrConfirmed = fault.New(fault.Gone, "factor.confirmed")

// Confirmation is the second person's yes to something that takes two, of the helpdesk's cases.
type Confirmation struct {
	Case  string // id of the case that ends with it
	By    ident.AccountID
	Event audit.Event
}

// Factor is one enrolled verification method, whatever its kind.
type Factor struct {
	Method     policy.Method
	ID         string
	Name       string // as the person calls it; a masked number for SMS
	AddedAt    time.Time
	LastUsedAt time.Time // zero: never used
	Usable     bool      // false: listed, and a sign-in cannot use it (a disabled phone)
}

// Action says what happened to a factor.
type Action string

// The actions.
const (
	Added   Action = "added"
	Removed Action = "removed"
)

// Change is one change that can be undone for KeptFor.
type Change struct {
	ID       string
	Account  ident.AccountID
	At       time.Time
	Action   Action
	Method   policy.Method
	Factor   string // id
	Name     string
	Digest   string    // of the secret in the mailed link
	UndoneAt time.Time // zero: not undone
}

// Record is what is written in the same transaction as a change of factors.
type Record struct {
	At      time.Time
	Events  []audit.Event
	Notices []notify.Message
	Changes []Change
	// Bares says that the owner showed a second factor just now and wants to do without any: an
	// account whose last one goes with this record is as if it had never had one.
	Bares bool
	// Confirms ends a case of the helpdesk with this record; ErrConfirmed when it has ended. No
	// Case: none.
	Confirms Confirmation
	Undoes   string // id of the change that this one undoes; ErrUndone when that happened before
}

// Keeper is what every kind of factor offers to account care. Removing is soft: the factor
// counts for nothing from then on, and stays for KeptFor so that it can be brought back.
type Keeper interface {
	// Factors lists the living factors of an account, oldest first.
	Factors(ctx context.Context, id ident.AccountID) ([]Factor, error)
	// Remove removes one; ErrUnknown when the account has none of that id.
	Remove(ctx context.Context, id ident.AccountID, factorID string, rec Record) error
	// Restore brings a removed one back; ErrUnknown when it is not there any more.
	Restore(ctx context.Context, id ident.AccountID, factorID string, rec Record) error
}

// Journal makes the records of changes: what is audited, who is told, and the link by which
// the person says "this wasn't me".
type Journal interface {
	Added(ctx context.Context, id ident.AccountID, f Factor) (Record, error)
	Removed(ctx context.Context, id ident.AccountID, f Factor) (Record, error)
}

// Keepers are all kinds of factors of the service, by the methods that they keep.
type Keepers map[policy.Method]Keeper

// All lists every living factor of an account, of all kinds. A kind that is kept under several
// methods is listed once.
func (k Keepers) All(ctx context.Context, id ident.AccountID) ([]Factor, error) {
	var out []Factor
	for _, m := range policy.Menu {
		keeper, ok := k[m]
		if !ok {
			continue
		}
		have, err := keeper.Factors(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, have...)
	}
	return out, nil
}
