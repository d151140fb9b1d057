package password

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"golang.org/x/text/unicode/norm"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
)

// Config is what the service needs; every field is required.
type Config struct {
	Store Store
	Pool  *Pool
	Rule  Rule
	Now   func() time.Time
	Rand  io.Reader
	Log   *slog.Logger
}

// Service verifies and sets passwords.
type Service struct {
	cfg   Config
	dummy string // hash of nothing anybody knows, for accounts that do not exist
}

// New checks the configuration and computes the hash that stands in for unknown accounts.
func New(ctx context.Context, c Config) (*Service, error) {
	if c.Store == nil || c.Pool == nil || c.Rule.Profile == "" || c.Now == nil || c.Rand == nil || c.Log == nil {
		return nil, errors.New("password: Store, Pool, Rule, Now, Rand and Log are required")
	}
	dummy, err := c.Pool.Hash(ctx, ident.NewToken(c.Rand))
	if err != nil {
		return nil, err
	}
	return &Service{cfg: c, dummy: dummy}, nil
}

// Verify reports whether plain is the account's password. An unknown account, "" or one
// without a password, costs the same lookup and the same hash (security-cases.md row 32).
// It gives ErrBusy when no worker is free; then nothing was decided.
func (s *Service) Verify(ctx context.Context, id ident.AccountID, plain string) (bool, error) {
	if len(plain) > MaxBytes {
		return false, nil // no password is that long; refused before it costs a hash
	}
	encoded, err := s.cfg.Store.PasswordHash(ctx, id)
	known := err == nil
	if errors.Is(err, ErrNone) {
		encoded, err = s.dummy, nil
	}
	if err != nil {
		return false, err
	}
	canonical := canonical(plain)
	ok, err := s.cfg.Pool.Verify(ctx, encoded, canonical)
	if err != nil || !ok || !known {
		return false, err
	}
	if s.cfg.Pool.Stale(encoded) {
		s.renew(ctx, id, encoded, canonical)
	}
	return true, nil
}

// Check says whether the rule allows plain; see Rule.Check.
func (s *Service) Check(plain string, about About) error { return s.cfg.Rule.Check(plain, about) }

// Hash checks plain against the rule and gives its encoded hash. A refusal is
// ErrRefused with the reason on field "password".
func (s *Service) Hash(ctx context.Context, plain string, about About) (string, error) {
	err := s.cfg.Rule.Check(plain, about)
	if err != nil {
		return "", err
	}
	return s.cfg.Pool.Hash(ctx, canonical(plain))
}

// Set replaces the account's password by plain, if the rule allows it, and records events
// and messages in the same transaction.
func (s *Service) Set(ctx context.Context, id ident.AccountID, plain string, about About, events []audit.Event, messages []notify.Message) error {
	encoded, err := s.Hash(ctx, plain, about)
	if err != nil {
		return err
	}
	return s.cfg.Store.SetPassword(ctx, s.cfg.Now(), id, encoded, events, messages)
}

// Rule gives the active rule, for the text of pages.
func (s *Service) Rule() Rule { return s.cfg.Rule }

// Samples draws three passwords that meet the active rule. They are shown once and kept
// nowhere.
func (s *Service) Samples() [3]string {
	var out [3]string
	for i := range out {
		out[i] = s.cfg.Rule.sample(s.cfg.Rand)
	}
	return out
}

// renew stores the password with today's parameters. Its failure changes nothing for the
// person: the old hash stays good.
func (s *Service) renew(ctx context.Context, id ident.AccountID, old, canonical string) {
	renewed, err := s.cfg.Pool.Hash(ctx, canonical)
	if err == nil {
		err = s.cfg.Store.Rehash(ctx, id, old, renewed)
	}
	if err != nil {
		s.cfg.Log.WarnContext(ctx, "password hash not renewed", "account", id, "error", err)
	}
}

// canonical is the form that is hashed: NFKC, so that the same password typed on another
// keyboard is the same (NIST SP 800-63B-4 §3.1.1.2). Nothing is cut off.
func canonical(plain string) string { return norm.NFKC.String(plain) }
