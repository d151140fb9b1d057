package signup

import (
	"context"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/notify"
)

// Purpose marks the tickets of this package.
const Purpose mailproof.Purpose = "signup"

// Limits counts events under names of package limit; over the limit it gives
// fault.TooMany with the time to wait.
type Limits interface {
	Hit(ctx context.Context, name, key string) error
}

// Recorder writes messages that no other write belongs to.
type Recorder interface {
	Record(ctx context.Context, at time.Time, events []audit.Event, messages []notify.Message) error
}

// Passwords is what is needed of package password.
type Passwords interface {
	Hash(ctx context.Context, plain string, about password.About) (string, error)
}

// Config is what the service needs; RefusedDomains may be empty.
type Config struct {
	Tickets        *mailproof.Service
	Accounts       account.Store
	Recorder       Recorder
	Passwords      Passwords
	Limits         Limits
	Issuer         string   // address of this service without a slash at the end; mails link to it and to nothing else
	PrivacyVersion string   // of the privacy statement that the page shows
	RefusedDomains []string // addresses of these domains cannot register; existing accounts are not touched
	Now            func() time.Time
	Rand           io.Reader
}

// Service holds the journey.
type Service struct{ cfg Config }

// New checks the configuration.
func New(c Config) (*Service, error) {
	if c.Tickets == nil || c.Accounts == nil || c.Recorder == nil || c.Passwords == nil || c.Limits == nil ||
		c.Issuer == "" || c.PrivacyVersion == "" || c.Now == nil || c.Rand == nil {
		return nil, errors.New("signup: every field but RefusedDomains is required")
	}
	return &Service{cfg: c}, nil
}

// Visitor is who asks, as far as it is known before anybody is signed in.
type Visitor struct {
	Browser string // digest of the browser's binding cookie
	Address string // network address
}

// Register accepts a form and sends the mail. The ticket's id leads the same browser to
// the page "check your mail". The answer and the work are the same whether the address
// has an account or not; ErrForm and fault.TooMany are the only refusals.
func (s *Service) Register(ctx context.Context, f Form, v Visitor) (ticketID string, err error) {
	r, err := s.check(f)
	if err != nil {
		return "", err
	}
	err = s.allow(ctx, r.Key, v)
	if err != nil {
		return "", err
	}
	known, err := s.owner(ctx, r.Key)
	if err != nil {
		return "", err
	}
	t, sec, err := s.cfg.Tickets.Open(ctx, mailproof.Ticket{
		Purpose: Purpose, Account: ident.NewAccountID(s.cfg.Rand), Email: r.Email, Data: r.encode(),
		Asker: v.Browser, Void: known != nil,
	})
	if err != nil {
		return "", err
	}
	return t.ID, s.send(ctx, t, sec, r, known)
}

// allow counts one mail: not too soon after the last one, not too many to one address,
// not too many from one network address.
func (s *Service) allow(ctx context.Context, key string, v Visitor) error {
	for _, l := range []struct{ name, key string }{
		{limit.RegisterMailGap, key}, {limit.RegisterAddress, v.Address}, {limit.RegisterMail, key},
	} {
		err := s.cfg.Limits.Hit(ctx, l.name, l.key)
		if err != nil {
			return err
		}
	}
	return nil
}

// owner gives the account that has the address, or nil.
func (s *Service) owner(ctx context.Context, key string) (*account.Account, error) {
	a, err := s.cfg.Accounts.ByEmailKey(ctx, key)
	if errors.Is(err, account.ErrUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &a, nil
}

// send writes the one mail that fits: the link, or "you already have an account".
func (s *Service) send(ctx context.Context, t mailproof.Ticket, sec mailproof.Secrets, r registration, known *account.Account) error {
	m := notify.ConfirmRegistration(r.person(), notify.Link{
		URL:       s.cfg.Issuer + "/register/confirm?t=" + sec.Token,
		Code:      sec.Code,
		ExpiresAt: t.ExpiresAt,
		ValidFor:  s.cfg.Tickets.ValidFor(),
	})
	if known != nil {
		m = notify.AlreadyRegistered(known.Person(), s.cfg.Issuer+"/account", s.cfg.Issuer+"/password/lost")
	}
	return s.cfg.Recorder.Record(ctx, s.cfg.Now(), nil, []notify.Message{m})
}
