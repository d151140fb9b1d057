package password

import (
	"context"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// ErrNone says that the account has no password, or does not exist.
var ErrNone = fault.New(fault.NotFound, "password.none")

// Store keeps one encoded hash per account.
type Store interface {
	// PasswordHash gives the encoded hash, or ErrNone.
	PasswordHash(ctx context.Context, id ident.AccountID) (string, error)
	// SetPassword replaces the hash and records events and messages in the same
	// transaction. ErrNone when the account has no password yet.
	SetPassword(ctx context.Context, at time.Time, id ident.AccountID, hash string, events []audit.Event, messages []notify.Message) error
	// Rehash replaces the hash of an unchanged password by one with newer parameters; it
	// does nothing when the stored hash is no longer old.
	Rehash(ctx context.Context, id ident.AccountID, old, renewed string) error
}
