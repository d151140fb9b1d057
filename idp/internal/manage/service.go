package manage

import (
	"context"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
)

// ProofAge is how old the proofs for a change may be (domain.md row 17).
const ProofAge = 20 * time.Minute

// Requirement is what a change in "My account" wants: the second factor if there is one (or
// a recovery code for a lost one), else the password; both no older than ProofAge.
func Requirement(hasFactor bool) policy.Requirement {
	if hasFactor {
		req := policy.AtLeast(policy.Medium, ProofAge)
		req.Recovery = true
		return req
	}
	return policy.AtLeast(policy.Basic, ProofAge)
}

// Looking is what a look at one's own account wants. A person who always wants two factors and
// lost one comes in with a recovery code.
func Looking() policy.Requirement {
	req := policy.Anyone()
	req.Recovery = true
	return req
}

// Limits counts events under names of package limit.
type Limits interface {
	Hit(ctx context.Context, name, key string) error
	Reset(ctx context.Context, name, key string) error
}

// Passwords is what is needed of package password.
type Passwords interface {
	Verify(ctx context.Context, id ident.AccountID, plain string) (bool, error)
	Set(ctx context.Context, id ident.AccountID, plain string, about password.About, events []audit.Event, messages []notify.Message) error
}

// Recorder writes events and messages that no other write belongs to.
type Recorder interface {
	Record(ctx context.Context, at time.Time, events []audit.Event, messages []notify.Message) error
}

// Factors says whether an account has a second factor.
type Factors interface {
	Enrolled(ctx context.Context, id ident.AccountID) (bool, error)
}

// Ender ends what a thief of the old password may hold: every refresh token, and every
// session but the named one.
type Ender interface {
	EndOthers(ctx context.Context, id ident.AccountID, keepSession string) error
}

// Config is what the service needs; every field is required.
type Config struct {
	Accounts   account.Store
	Numbers    sms.Store
	Challenges *sms.Challenges
	Passwords  Passwords
	Recorder   Recorder
	Limits     Limits
	Factors    Factors
	Keepers    factor.Keepers
	Journal    factor.Journal
	Ender      Ender
	Issuer     string // address of this service without a slash at the end
	Now        func() time.Time
	Rand       io.Reader
}

// Service holds the use cases.
type Service struct{ cfg Config }

// New checks the configuration.
func New(c Config) (*Service, error) {
	if c.Accounts == nil || c.Numbers == nil || c.Challenges == nil || c.Passwords == nil || c.Recorder == nil ||
		c.Limits == nil || c.Factors == nil || c.Keepers == nil || c.Journal == nil || c.Ender == nil || c.Issuer == "" || c.Now == nil || c.Rand == nil {
		return nil, errors.New("manage: every field is required")
	}
	return &Service{cfg: c}, nil
}

// Person is who is signed in here and now.
type Person struct {
	Account account.ID
	Session string // id of the session in use
	Address string // network address
}

// Overview is what the account page shows.
type Overview struct {
	Account account.Account
	Numbers int // confirmed mobile phone numbers
	Checkup Checkup
}

// Overview gives the account with its check-up.
func (s *Service) Overview(ctx context.Context, id account.ID) (Overview, error) {
	a, err := s.cfg.Accounts.ByID(ctx, id)
	if err != nil {
		return Overview{}, err
	}
	numbers, err := s.cfg.Numbers.Numbers(ctx, id)
	if err != nil {
		return Overview{}, err
	}
	all, err := s.cfg.Keepers.All(ctx, id)
	return Overview{Account: a, Numbers: len(numbers), Checkup: CheckUp(all)}, err
}

// Enrolled reports whether the account has a second factor; it is what browser.Changing asks.
func (s *Service) Enrolled(ctx context.Context, id account.ID) (bool, error) {
	return s.cfg.Factors.Enrolled(ctx, id)
}

func (s *Service) accountURL() string { return s.cfg.Issuer + "/account" }
func (s *Service) lostURL() string    { return s.cfg.Issuer + "/password/lost" }
