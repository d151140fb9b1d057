package account

import (
	"context"
	"strings"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// ID names a person for ever; it is the `sub` of every token.
type ID = ident.AccountID

// Status says what an account may do.
type Status string

// The statuses. An erased account keeps its id, so that no other person ever gets it.
const (
	Active   Status = "active"
	Disabled Status = "disabled"
	Erased   Status = "erased"
)

// AssuranceSelfRegistered is the identity assurance of an account that somebody made with
// nothing but a mailbox, on EU Login's scale 0, 10, 20, 30, 40 (domain.md §0.1, §1.5). It
// says how well we know the person, never how strongly the person signed in.
const AssuranceSelfRegistered = 10

// Account is one person's record.
type Account struct {
	ID          ID
	GivenName   string
	FamilyName  string
	Email       string // as the person typed it, NFC; mails go here
	EmailKey    string // ident.EmailKey of Email; unique among accounts
	MailLang    string // language of mails, independent of the page's
	Phone       string // the mobile phone number in E.164 that was confirmed first, "" without one; read only
	Status      Status
	Assurance   int  // identity assurance, 0 to 40
	AlwaysMFA   bool // "Always require multi-factor authentication"
	WarnRelease bool // "Warn me each time an application asks for my identity"
	ShowDetails bool // "View my account details after logging me in"
	Adaptive    bool // "Enable adaptive authentication": the app may stand for the password
	TellSignIn  bool // mail about a sign-in from a browser that is new for the account
	// Guarded says that a second factor was enrolled once. From then on neither the password nor
	// the mailbox alone changes how the person signs in, even when no factor is left (domain.md row 18).
	Guarded        bool
	Groups         []string // that an operator put the person into, sorted
	PrivacyVersion string   // version of the privacy statement that was accepted
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Version        int64 // raised by each change; a change names the version it saw
}

// Name gives the full name, given name first.
func (a Account) Name() string { return strings.TrimSpace(a.GivenName + " " + a.FamilyName) }

// Usable reports whether the person may sign in at all.
func (a Account) Usable() bool { return a.Status == Active }

// The failures of the store.
var (
	ErrUnknown    = fault.New(fault.NotFound, "account.unknown")
	ErrEmailTaken = fault.New(fault.Conflict, "account.email_taken")
	ErrIDTaken    = fault.New(fault.Conflict, "account.id_taken")
	ErrChanged    = fault.New(fault.Conflict, "account.changed")
)

// Reader looks accounts up. Every field is there, so that tokens and pages need no more.
type Reader interface {
	// ByID gives ErrUnknown when there is no such account. Erased accounts are found.
	ByID(ctx context.Context, id ID) (Account, error)
	// ByEmailKey gives ErrUnknown when no account has the address (ident.EmailKey).
	ByEmailKey(ctx context.Context, key string) (Account, error)
}

// Store keeps accounts. Each write is one transaction with its events and messages.
type Store interface {
	Reader
	// Create stores an account with the encoded hash of its first password.
	// ErrEmailTaken and ErrIDTaken say which of the two is not free.
	Create(ctx context.Context, a Account, passwordHash string, events []audit.Event, messages []notify.Message) error
	// Update stores names, mail language and preferences of the account if its version is
	// still a.Version (else ErrChanged), and raises the version. at becomes UpdatedAt.
	Update(ctx context.Context, at time.Time, a Account, events []audit.Event, messages []notify.Message) error
}

// Person gives the account as the addressee of a message.
func (a Account) Person() notify.Person {
	return notify.Person{Name: a.Name(), Email: a.Email, Lang: a.MailLang}
}
