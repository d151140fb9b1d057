package helpdesk

import (
	"context"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/lostfactor"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// Kind is what two agents do together.
type Kind string

// The kinds.
const (
	Reset Kind = "reset" // second factors are given up without the wait
	Key   Kind = "key"   // a hardware key was seen in its owner's hand; it gives the level HIGH
)

// CaseLife is how long a case waits for the second agent.
const CaseLife = 24 * time.Hour

// MaxText is the longest question and the longest reason, in characters.
const MaxText = 2000

// Case is one thing that waits for the second agent.
type Case struct {
	ID       string
	Account  ident.AccountID
	Kind     Kind
	Factor   string // id of the key; "" for a reset
	Reason   string
	OpenedAt time.Time
	OpenedBy ident.AccountID
}

// Ticket is a question of a person who need not be able to sign in.
type Ticket struct {
	ID      string
	Account ident.AccountID
	AskedAt time.Time
	Text    string
}

// The refusals.
var (
	// ErrAgent: the person is no agent. Pages show it like a page that is not there.
	ErrAgent = fault.New(fault.NotFound, "helpdesk.no_agent")
	// ErrOwn: nobody handles the own account.
	ErrOwn = fault.New(fault.Denied, "helpdesk.own")
	// ErrSame: the second agent is the first.
	ErrSame = fault.New(fault.Denied, "helpdesk.same")
	// ErrOver: the case was confirmed, refused, or waited too long.
	ErrOver = factor.ErrConfirmed
	// ErrOpen: the same waits already.
	ErrOpen = fault.New(fault.Conflict, "helpdesk.open")
	// ErrForm: something that was typed cannot be accepted.
	ErrForm = fault.New(fault.Invalid, "helpdesk.form")
)

// Store keeps agents, cases and tickets. Every write is one transaction with its events.
type Store interface {
	// IsAgent says whether an account that can be used belongs to an agent.
	IsAgent(ctx context.Context, id ident.AccountID) (bool, error)
	// OpenCase gives ErrOpen when the same waits already.
	OpenCase(ctx context.Context, c Case, event audit.Event) error
	// Case gives an open case, or ErrOver.
	Case(ctx context.Context, id string) (Case, error)
	// Cases lists open cases opened since a moment, oldest first.
	Cases(ctx context.Context, since time.Time, most int) ([]Case, error)
	// EndCase closes an open case without effect; ErrOver when it is not open.
	EndCase(ctx context.Context, id string, by ident.AccountID, at time.Time, event audit.Event) error
	OpenTicket(ctx context.Context, t Ticket, event audit.Event) error
	// Tickets lists open tickets, oldest first; of one account when it is named.
	Tickets(ctx context.Context, id ident.AccountID, most int) ([]Ticket, error)
	// CloseTicket is nothing when it is closed already.
	CloseTicket(ctx context.Context, id string, by ident.AccountID, at time.Time, event audit.Event) error
	// Record writes what no other write belongs to.
	Record(ctx context.Context, at time.Time, events []audit.Event, messages []notify.Message) error
}

// Losses is what is needed of package lostfactor.
type Losses interface {
	// Vouch starts a request without a wait; confirms is the case that ends with it.
	Vouch(ctx context.Context, id ident.AccountID, confirms factor.Confirmation) (lostfactor.Loss, error)
	// Waits gives the person's request that waits; no ID: none.
	Waits(ctx context.Context, id ident.AccountID) (lostfactor.Loss, error)
}

// Keys is what is needed of package webauthn.
type Keys interface {
	IssueBy(ctx context.Context, id string, confirms factor.Confirmation, by ...ident.AccountID) error
}

// Mailer sends the mail for a new password.
type Mailer interface {
	AskFor(ctx context.Context, a account.Account, address string) error
}

// Limits counts events under names of package limit.
type Limits interface {
	Hit(ctx context.Context, name, key string) error
}
