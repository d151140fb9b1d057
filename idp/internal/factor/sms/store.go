package sms

import (
	"context"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// MaxNumbers is how many numbers one account may have.
const MaxNumbers = 5

// The failures of the store.
var (
	ErrUnknown   = fault.New(fault.NotFound, "sms.number_unknown")
	ErrDuplicate = fault.New(fault.Conflict, "sms.number_duplicate")
	ErrFull      = fault.New(fault.Conflict, "sms.number_full")
)

// Registered is a number that its owner confirmed.
type Registered struct {
	ID      string
	Number  Number
	AddedAt time.Time
}

// Store keeps the confirmed numbers. Each write is one transaction with its events and
// messages.
type Store interface {
	// Numbers lists an account's numbers, oldest first.
	Numbers(ctx context.Context, id ident.AccountID) ([]Registered, error)
	// AddNumber stores a number, at r.AddedAt. ErrDuplicate when the account has it,
	// ErrFull when it has MaxNumbers.
	AddNumber(ctx context.Context, id ident.AccountID, r Registered, events []audit.Event, messages []notify.Message) error
	// RemoveNumber deletes one of the account's own numbers, or gives ErrUnknown.
	RemoveNumber(ctx context.Context, at time.Time, id ident.AccountID, numberID string, events []audit.Event, messages []notify.Message) error
}
