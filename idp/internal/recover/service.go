package recover

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// Purpose marks the tickets of this package.
const Purpose mailproof.Purpose = "recover"

// Limits counts events under names of package limit; over the limit it gives
// fault.TooMany with the time to wait.
type Limits interface {
	Hit(ctx context.Context, name, key string) error
}

// Recorder writes events and messages that no other write belongs to.
type Recorder interface {
	Record(ctx context.Context, at time.Time, events []audit.Event, messages []notify.Message) error
}

// Passwords is what is needed of package password.
type Passwords interface {
	Check(plain string, about password.About) error
	Set(ctx context.Context, id ident.AccountID, plain string, about password.About, events []audit.Event, messages []notify.Message) error
}

// Factors says whether an account has a second factor.
type Factors interface {
	Enrolled(ctx context.Context, id ident.AccountID) (bool, error)
}

// Helpdesk says whether two persons of the helpdesk vouched for somebody who lost the second
// factor too.
type Helpdesk interface {
	Vouched(ctx context.Context, id ident.AccountID) (bool, error)
}

// Prover lets a person prove the second factor of one given account, without the password
// that is lost. The sign-in machine implements it.
type Prover interface {
	// Begin starts the proof in this browser and gives the address to go to. The machine
	// comes back to returnPath with the proof's id as parameter "id".
	Begin(ctx context.Context, id ident.AccountID, browser, returnPath string) (address string, err error)
	// Proved says, once, which account's second factor was proved under proofID in this
	// browser, and when. A proof that is not finished or not this browser's is an error.
	Proved(ctx context.Context, proofID, browser string) (id ident.AccountID, at time.Time, err error)
}

// Ender ends what a thief of the old password may hold: sessions and refresh tokens.
type Ender interface {
	EndAll(ctx context.Context, id ident.AccountID) error
}

// Config is what the service needs; every field is required.
type Config struct {
	Tickets   *mailproof.Service
	Accounts  account.Reader
	Recorder  Recorder
	Passwords Passwords
	Limits    Limits
	Factors   Factors
	Helpdesk  Helpdesk
	Prover    Prover
	Ender     Ender
	Issuer    string // address of this service without a slash at the end
	Now       func() time.Time
}

// Service holds the journey.
type Service struct{ cfg Config }

// New checks the configuration.
func New(c Config) (*Service, error) {
	if c.Tickets == nil || c.Accounts == nil || c.Recorder == nil || c.Passwords == nil || c.Limits == nil ||
		c.Factors == nil || c.Helpdesk == nil || c.Prover == nil || c.Ender == nil || c.Issuer == "" || c.Now == nil {
		return nil, errors.New("recover: every field is required")
	}
	return &Service{cfg: c}, nil
}

// ErrForm says that what was typed is no e-mail address.
var ErrForm = fault.New(fault.Invalid, "recover.form")

// Visitor is who asks.
type Visitor struct {
	Browser string // digest of the browser's binding cookie
	Address string // network address
	Lang    string // of the page; mails to addresses without an account are written in it
}

// state is the ticket's data.
type state struct {
	FactorAt time.Time `json:"factor_at,omitzero"` // second factor proved in this journey
	Flow     string    `json:"flow,omitempty"`     // sign-in flow to go on with afterwards
}

func (st state) encode() json.RawMessage {
	raw, err := json.Marshal(st)
	if err != nil {
		panic(err) // a time and a string always encode
	}
	return raw
}

func decode(raw json.RawMessage) (state, error) {
	var st state
	err := json.Unmarshal(raw, &st)
	return st, err
}

// Ask sends the mail that fits: the link, "no account has this address", or "this account
// is disabled". Answer and work are the same for all; ErrForm and fault.TooMany are the
// only refusals.
func (s *Service) Ask(ctx context.Context, typed, flow string, v Visitor) error {
	email, err := ident.Email(typed)
	if err != nil {
		return ErrForm.WithField("email", "regain.error.email")
	}
	key, err := ident.EmailKey(email)
	if err != nil {
		return ErrForm.WithField("email", "regain.error.email")
	}
	err = s.allow(ctx, key, v)
	if err != nil {
		return err
	}
	a, err := s.cfg.Accounts.ByEmailKey(ctx, key)
	if err != nil && !errors.Is(err, account.ErrUnknown) {
		return err
	}
	if len(flow) > maxFlow {
		flow = ""
	}
	t, sec, err := s.cfg.Tickets.Open(ctx, mailproof.Ticket{
		Purpose: Purpose, Account: a.ID, Email: email, Data: state{Flow: flow}.encode(),
		Asker: v.Browser, Void: !a.Usable(),
	})
	if err != nil {
		return err
	}
	return s.send(ctx, t, sec, a, v)
}

// AskFor sends the same mail for the helpdesk, under the same limits; address is the agent's.
func (s *Service) AskFor(ctx context.Context, a account.Account, address string) error {
	return s.Ask(ctx, a.Email, "", Visitor{Address: address, Lang: a.MailLang})
}

// maxFlow bounds the flow's id, which travels through the visitor's hands.
const maxFlow = 128

// allow counts one mail; see the limits of the same names.
func (s *Service) allow(ctx context.Context, key string, v Visitor) error {
	for _, l := range []struct{ name, key string }{
		{limit.RecoverMailGap, key}, {limit.RecoverAddress, v.Address}, {limit.RecoverMail, key},
	} {
		err := s.cfg.Limits.Hit(ctx, l.name, l.key)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) send(ctx context.Context, t mailproof.Ticket, sec mailproof.Secrets, a account.Account, v Visitor) error {
	m := notify.PasswordLink(a.Person(), notify.Link{
		URL:       s.cfg.Issuer + "/password/reset?t=" + sec.Token,
		ExpiresAt: t.ExpiresAt,
		ValidFor:  s.cfg.Tickets.ValidFor(),
	})
	switch a.Status {
	case account.Active:
	case account.Disabled:
		m = notify.AccountDisabled(a.Person())
	default:
		m = notify.NoAccount(notify.Person{Email: t.Email, Lang: v.Lang}, s.cfg.Issuer+"/register")
	}
	return s.cfg.Recorder.Record(ctx, s.cfg.Now(), []audit.Event{audit.RecoveryAsked(a.ID)}, []notify.Message{m})
}
