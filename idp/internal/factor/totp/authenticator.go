package totp

import (
	"context"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// MaxAuthenticators is how many one account may have.
const MaxAuthenticators = 5

// What can go wrong, beside challenge.ErrOver.
var (
	// ErrForm says on field "name" or "code" what is wrong.
	ErrForm = fault.New(fault.Invalid, "authenticators.form")
	ErrFull = fault.New(fault.Conflict, "authenticators.full")
	// ErrSetup: this authenticator is not being added, by this session or any more.
	ErrSetup = fault.New(fault.Gone, "authenticators.setup_gone")
	// ErrNone: the account has no authenticator that could answer.
	ErrNone = fault.New(fault.Conflict, "authenticators.none")
	// ErrWrong carries the number of tries that are left as its first argument.
	ErrWrong = fault.New(fault.Invalid, "authenticators.code_wrong")
	// ErrUsed is ErrWrong for the code of a step that was used already.
	ErrUsed = fault.New(fault.Invalid, "authenticators.code_used")
)

// Authenticator is an app that was added to an account.
type Authenticator struct {
	ID         string
	Account    ident.AccountID
	Name       string
	Seed       []byte // sealed, bound to ID
	LastStep   int64  // the newest step whose code was used
	AddedAt    time.Time
	LastUsedAt time.Time // zero: never
}

// Factor gives what all kinds of factors have in common.
func (a Authenticator) Factor() factor.Factor {
	return factor.Factor{Method: policy.TOTP, ID: a.ID, Name: a.Name, AddedAt: a.AddedAt, LastUsedAt: a.LastUsedAt, Usable: true}
}

// Store keeps authenticators. Every write is one transaction with its record.
type Store interface {
	factor.Keeper
	// Authenticators lists the living ones of an account, oldest first.
	Authenticators(ctx context.Context, account ident.AccountID) ([]Authenticator, error)
	// Add stores one; ErrFull when the account has MaxAuthenticators, ErrSetup when the id is
	// there already.
	Add(ctx context.Context, a Authenticator, rec factor.Record) error
	// Rename changes the name; factor.ErrUnknown when the account has none of that id.
	Rename(ctx context.Context, account ident.AccountID, id, name string, rec factor.Record) error
	// Spend uses a step up, if no step from it on was used before, and reports whether this
	// call did it.
	Spend(ctx context.Context, account ident.AccountID, id string, step int64, at time.Time) (bool, error)
}
