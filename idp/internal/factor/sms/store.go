package sms

import (
	"context"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// MaxNumbers is how many numbers one account may have.
const MaxNumbers = 5

// What can go wrong with numbers.
var (
	// ErrUnknown: the account has no such number.
	ErrUnknown   = fault.New(fault.NotFound, "sms.number_unknown")
	ErrDuplicate = fault.New(fault.Conflict, "sms.number_duplicate")
	ErrFull      = fault.New(fault.Conflict, "sms.number_full")
)

// Registered is a number that its owner confirmed.
type Registered struct {
	ID         string
	Number     Number
	AddedAt    time.Time
	LastUsedAt time.Time // zero: never signed in with
}

// Factor gives what all kinds of factors have in common; the number is masked.
func (r Registered) Factor() factor.Factor {
	return factor.Factor{Method: policy.SMS, ID: r.ID, Name: r.Number.Masked(), AddedAt: r.AddedAt, LastUsedAt: r.LastUsedAt, Usable: true}
}

// Store keeps the confirmed numbers. Each write is one transaction with its record.
type Store interface {
	factor.Keeper
	// Numbers lists an account's numbers, oldest first.
	Numbers(ctx context.Context, id ident.AccountID) ([]Registered, error)
	// AddNumber stores a number. ErrDuplicate when the account has it, ErrFull when it has
	// MaxNumbers.
	AddNumber(ctx context.Context, id ident.AccountID, r Registered, rec factor.Record) error
	// UseNumber notes that a sign-in was made with it; factor.ErrUnknown when it is gone.
	UseNumber(ctx context.Context, id ident.AccountID, numberID string, at time.Time) error
}
