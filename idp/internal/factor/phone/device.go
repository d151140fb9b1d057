package phone

import (
	"context"
	"strings"
	"time"
	"unicode"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
)

// Limits of an account's devices.
const (
	MaxDevices = 10 // initialised and waiting ones together
	MaxName    = factor.MaxName
	MaxSystem  = 80 // characters of what the app says about itself
	PINTries   = 10 // wrong PINs in a row, then the device is disabled (NIST SP 800-63B-4)
)

// Status of an initialised device.
type Status string

// A disabled device stays listed, so that its owner sees what happened and deletes it.
const (
	Active   Status = "active"
	Disabled Status = "disabled"
)

// Device is a phone that was initialised for one account. A phone that serves two accounts
// is two devices with two keys.
type Device struct {
	ID          string
	Account     ident.AccountID
	Name        string // chosen by the person, "Anna's phone"
	Number      string // E.164, "" when none was given; informative only
	System      string // what the app said about itself, "Android 15 · Chrome"
	Key         Key
	PINHash     string
	Offline     Offline
	Bio         Biometrics
	Target      []byte // where it is woken, sealed; nil: nowhere
	PINFailures int
	Status      Status
	AddedAt     time.Time
	LastUsedAt  time.Time // zero when it never approved anything
}

// Record is what happened, written in the same transaction as the change itself.
type Record = factor.Record

// Store keeps devices. Every method is one transaction.
type Store interface {
	BiometricsStore
	WakeStore
	// Device gives one device, ErrDeviceUnknown when there is none.
	Device(ctx context.Context, id string) (Device, error)
	// Devices lists an account's devices, oldest first.
	Devices(ctx context.Context, account ident.AccountID) ([]Device, error)
	// Activate adds a device; ErrDeviceExists when its id or its key is known.
	Activate(ctx context.Context, d Device, rec Record) error
	// Remove takes an account's device away, so that it can be brought back for a time;
	// ErrDeviceUnknown when it has none of that id.
	Remove(ctx context.Context, account ident.AccountID, id string, rec Record) error
	// Restore brings a removed device back; ErrDeviceUnknown when it is not kept any more.
	Restore(ctx context.Context, account ident.AccountID, id string, rec Record) error
	// Disable turns an active device off and reports whether this call did it.
	Disable(ctx context.Context, id string, rec Record) (bool, error)
	// ReservePIN counts one try before the PIN is looked at and gives the new count. It
	// gives 0 when the device is not active or has no try left.
	ReservePIN(ctx context.Context, id string, max int) (int, error)
	// SettlePIN ends a try: right sets the counter to zero and notes the use; otherwise
	// the try is given back, because the PIN could not be looked at.
	SettlePIN(ctx context.Context, id string, right bool, at time.Time) error
	// SetPIN replaces PIN and offline keys of an active device whose PIN is still the one of
	// this hash; else ErrPINChanged.
	SetPIN(ctx context.Context, d Device, pinHash string, rec Record) error
	// SetOffline keeps what was agreed for offline codes, for an active device whose PIN is
	// still the one of this hash; else ErrDeviceUnknown.
	SetOffline(ctx context.Context, id, pinHash string, o Offline) error
	// Note writes a record that goes with no change here.
	Note(ctx context.Context, rec Record) error
	// Answered writes a record, and puts a word into the outbox; nil is none.
	Answered(ctx context.Context, rec Record, w *Word) error
}

// cleanSystem keeps what can be shown of an app's word about itself, and no more than fits.
func cleanSystem(told string) string { return clip(told, MaxSystem) }

func clip(s string, limit int) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool {
		return unicode.IsSpace(r) || factor.Unseen(r)
	}), " ")
	if r := []rune(s); len(r) > limit {
		return string(r[:limit])
	}
	return s
}
