package lostfactor

import (
	"context"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
)

// State is how a request stands.
type State string

// The states; only the first can change.
const (
	Waiting State = "waiting"
	Stopped State = "stopped"
	Done    State = "done"
	Expired State = "expired" // not confirmed in time
)

// ConfirmWithin is how long a request can be confirmed once its time has come.
const ConfirmWithin = 7 * 24 * time.Hour

// Loss is one request to do without every verification method of an account.
type Loss struct {
	ID       string
	Account  ident.AccountID
	AskedAt  time.Time
	DueAt    time.Time // not before then
	Digest   string    // of the secret in the links that stop it
	State    State
	Helpdesk bool   // two persons of the helpdesk vouched for the person
	Replaces string // id of one that ends with this one; used by AskLoss only
}

// Due reports whether it can be confirmed at a moment.
func (l Loss) Due(now time.Time) bool {
	return l.State == Waiting && !now.Before(l.DueAt) && now.Before(l.DueAt.Add(ConfirmWithin))
}

var (
	// ErrNone: no request of the account waits.
	ErrNone = fault.New(fault.NotFound, "lostfactor.none")
	// ErrWaiting: one waits already.
	ErrWaiting = fault.New(fault.Conflict, "lostfactor.waiting")
	// ErrOver: it was stopped, confirmed or has expired, or its time has not come.
	ErrOver = fault.New(fault.Gone, "lostfactor.over")
	// ErrLink: there is no such link.
	ErrLink = fault.New(fault.Gone, "lostfactor.link")
	// ErrCase: the password was shown too long ago, or in another browser.
	ErrCase = fault.New(fault.Gone, "lostfactor.case")
	// ErrNeedless: the account never had a second factor, so nothing is lost.
	ErrNeedless = fault.New(fault.Conflict, "lostfactor.needless")
)

// Store keeps requests. Every write is one transaction with its record.
type Store interface {
	// AskLoss stores a new request, after ending the one that it replaces; ErrWaiting when
	// another of the account waits.
	AskLoss(ctx context.Context, l Loss, rec factor.Record) error
	// WaitingLoss gives the request of an account that waits, or ErrNone.
	WaitingLoss(ctx context.Context, id ident.AccountID) (Loss, error)
	// LossByDigest finds a request by the digest of its link, or ErrNone.
	LossByDigest(ctx context.Context, digest string) (Loss, error)
	// EndLoss gives a waiting request a last state without consequence; ErrOver otherwise.
	EndLoss(ctx context.Context, id string, to State, rec factor.Record) error
	// ResetFactors ends a waiting request that is due at rec.At, removes every verification
	// method and number of the account so that they can be brought back for factor.KeptFor, ends
	// its refresh tokens, and tells services; ErrOver when it is not waiting and due.
	ResetFactors(ctx context.Context, l Loss, rec factor.Record) error
	// DueLosses lists requests that are due at a moment and whose owners were not told so; those
	// of the helpdesk never waited.
	DueLosses(ctx context.Context, at time.Time, most int) ([]Loss, error)
	// TellDue notes that the owner was told; ErrOver when somebody else did it.
	TellDue(ctx context.Context, id string, rec factor.Record) error
	// LateLosses lists waiting requests that were due before a moment.
	LateLosses(ctx context.Context, before time.Time, most int) ([]Loss, error)
}
