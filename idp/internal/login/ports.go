package login

import (
	"context"
	"io"
	"log/slog"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/kv"
)

// State is how a challenge stands.
type State string

// The states of a challenge.
const (
	Waiting State = "waiting"
	Proved  State = "proved"
	Denied  State = "denied"
	Expired State = "expired"
)

// Ask is what a verification method learns of the sign-in, to show it to the person.
type Ask struct {
	FlowID           string
	Account          ident.AccountID
	ClientName       string
	Browser, Address string
}

// Method is a second factor as the sign-in sees it.
type Method interface {
	// Enrolled reports whether the account can use the method now.
	Enrolled(ctx context.Context, id ident.AccountID) (bool, error)
	// Start opens a challenge; an open one of the same flow is replaced. It gives
	// fault.TooMany when the limits of the method are reached.
	Start(ctx context.Context, a Ask) (Pending, error)
	// Poll says how a challenge stands and, when proved, by which factor.
	Poll(ctx context.Context, id string) (State, string, error)
}

// Passwords verifies passwords; an unknown account ("") costs the same.
type Passwords interface {
	Verify(ctx context.Context, id ident.AccountID, plain string) (bool, error)
}

// How attempts end, in the history.
const (
	SignedIn      = "signed_in"
	WrongPassword = "wrong_password"
	Locked        = "locked" // wrong, and the last one before the pause
	DeniedOnPhone = "denied_on_phone"
)

// Attempt is one line of the sign-in history.
type Attempt struct {
	ID               string // of this line; the same line is written once
	At               time.Time
	Account          ident.AccountID // "" when the address belongs to nobody
	Service          string
	Browser, Address string
	Methods          string // "app_pin password"
	Level            string // "" when nobody was signed in
	Outcome          string
}

// History keeps what happened, each entry with its events and messages in one transaction.
type History interface {
	// RecordAttempt writes a line; one whose ID is there already changes nothing.
	RecordAttempt(ctx context.Context, a Attempt, events []audit.Event, messages []notify.Message) error
}

// Config is what the service is made of; every field is required.
type Config struct {
	KV        kv.Store
	Accounts  account.Reader
	Passwords Passwords
	Methods   map[policy.Method]Method
	Limits    *limit.Limits
	Sessions  *session.Service
	History   History
	LostURL   string // of the page for a lost password, for mails
	Now       func() time.Time
	Random    io.Reader
	Log       *slog.Logger
}

// Service runs flows.
type Service struct{ Config }

// New makes the service.
func New(c Config) *Service { return &Service{c} }
