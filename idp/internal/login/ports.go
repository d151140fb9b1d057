package login

import (
	"context"
	"io"
	"log/slog"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/consent"
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
	Binding          string // digest of the cookie that binds the sign-in to its browser
	Factor           string // id of the factor that the person wants to use; "": the method chooses
}

// ShowOther begins the keys of Pending.Show under which a method names factors, by their ids,
// that could be used instead.
const ShowOther = "other."

// Method is a verification method as the sign-in sees it. It is Polled, when it is proved
// elsewhere, or Answered, when it is proved on the page.
type Method interface {
	// Proves lists every proof that a challenge of this method can give.
	Proves() []policy.Method
	// Enrolled lists the proofs that the account could give by it now; none: not enrolled.
	Enrolled(ctx context.Context, id ident.AccountID) ([]policy.Method, error)
	// EnrolPath is the page that adds it, on the way of a sign-in with ?flow=<id>; "" when a
	// person cannot add it there.
	EnrolPath() string
	// Start opens a challenge; an open one of the same flow is replaced. It gives
	// fault.TooMany when the limits of the method are reached.
	Start(ctx context.Context, a Ask) (Pending, error)
}

// Polled is proved elsewhere, on a phone.
type Polled interface {
	Method
	// Poll says how a challenge stands and, when proved, what was shown.
	Poll(ctx context.Context, id string) (State, Proven, error)
}

// Answered is proved by what is typed on the page, or by what the browser says for its user.
type Answered interface {
	Method
	// Answer looks at an answer. It gives ErrAnswer with what is wrong on field "code" while
	// the challenge can be answered again, and ErrChallengeOver when it cannot.
	Answer(ctx context.Context, a Answer) (Proven, error)
}

// Direct methods can open a challenge before anybody is named; what is proved names the
// person (Proven.Account).
type Direct interface {
	Method
	Direct() bool
}

// Answer is one answer to an open challenge.
type Answer struct {
	ChallengeID string
	Account     ident.AccountID // "" while nobody is named
	Text        string          // the code as typed, or the authenticator's JSON
}

// Proven is what a challenge showed.
type Proven struct {
	Method   policy.Method
	FactorID string
	Account  ident.AccountID // whose factor it is; methods that are not direct may leave it out
}

// Passwords verifies passwords; an unknown account ("") costs the same.
type Passwords interface {
	Verify(ctx context.Context, id ident.AccountID, plain string) (bool, error)
}

// How attempts end, in the history.
const (
	SignedIn      = "signed_in"
	WrongPassword = "wrong_password"
	Locked        = "locked"     // wrong, and the last one before the pause
	WrongCode     = "wrong_code" // a verification method's answer that was not right
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

// Consents knows whether a person has to be asked before a service is told.
type Consents interface {
	Asks(ctx context.Context, id ident.AccountID, client string, r consent.Release) (bool, error)
}

// Config is what the service is made of; every field but FactorShown is required.
type Config struct {
	KV         kv.Store
	Accounts   account.Reader
	Passwords  Passwords
	Methods    map[policy.Method]Method
	Limits     *limit.Limits
	Sessions   *session.Service
	History    History
	Consents   Consents
	LostURL    string // of the page for a lost password, for mails
	HistoryURL string // of the sign-in history, for mails
	// FactorShown hears of each sign-in in which a second factor was shown; nil: nobody listens.
	FactorShown func(ctx context.Context, id ident.AccountID) error
	Now         func() time.Time
	Random      io.Reader
	Log         *slog.Logger
}

// Service runs flows.
type Service struct{ Config }

// New makes the service.
func New(c Config) *Service { return &Service{c} }
