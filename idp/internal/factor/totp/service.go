package totp

import (
	"context"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/proto/kit/kv"
)

// Limiter counts events under the names of package limit and gives fault.TooMany.
type Limiter interface {
	Hit(ctx context.Context, name, key string) error
	Forgive(ctx context.Context, name, key string) error
}

// Config is what the service needs; every field is required.
type Config struct {
	Product string // the name under which apps show the account
	Store   Store
	KV      kv.Store
	Box     *seal.Box
	Limits  Limiter
	Journal factor.Journal
	Now     func() time.Time
	Rand    io.Reader
}

// Service holds the rules of authenticators.
type Service struct {
	cfg  Config
	book *challenge.Book
}

// New checks the configuration.
func New(c Config) (*Service, error) {
	if c.Product == "" || c.Store == nil || c.KV == nil || c.Box == nil || c.Limits == nil || c.Journal == nil || c.Now == nil || c.Rand == nil {
		return nil, errors.New("totp: every field is required")
	}
	return &Service{cfg: c, book: challenge.NewBook("totp", c.KV, c.Now, c.Rand)}, nil
}

// List gives an account's authenticators, oldest first.
func (s *Service) List(ctx context.Context, account ident.AccountID) ([]Authenticator, error) {
	return s.cfg.Store.Authenticators(ctx, account)
}

// Enrolled reports whether the account has an authenticator.
func (s *Service) Enrolled(ctx context.Context, account ident.AccountID) (bool, error) {
	have, err := s.cfg.Store.Authenticators(ctx, account)
	return len(have) > 0, err
}

// One gives one of the account's own, or factor.ErrUnknown.
func (s *Service) One(ctx context.Context, account ident.AccountID, id string) (Authenticator, error) {
	have, err := s.cfg.Store.Authenticators(ctx, account)
	if err != nil {
		return Authenticator{}, err
	}
	for _, a := range have {
		if a.ID == id {
			return a, nil
		}
	}
	return Authenticator{}, factor.ErrUnknown
}

// Rename gives one of the account's own another name. ErrForm on field "name".
func (s *Service) Rename(ctx context.Context, account ident.AccountID, id, typed string) error {
	name, err := s.name(ctx, account, id, typed)
	if err != nil {
		return err
	}
	rec := factor.Record{At: s.cfg.Now(), Events: []audit.Event{audit.FactorRenamed(account, "totp", id)}}
	return s.cfg.Store.Rename(ctx, account, id, name, rec)
}

// Remove takes one of the account's own away; it can be brought back for factor.KeptFor. bares
// is that of factor.Record.
func (s *Service) Remove(ctx context.Context, account ident.AccountID, id string, bares bool) error {
	a, err := s.One(ctx, account, id)
	if err != nil {
		return err
	}
	rec, err := s.cfg.Journal.Removed(ctx, account, a.Factor())
	if err != nil {
		return err
	}
	rec.Bares = bares
	return s.cfg.Store.Remove(ctx, account, id, rec)
}

// name checks a typed name for the authenticator of an id, which may be a new one.
func (s *Service) name(ctx context.Context, account ident.AccountID, id, typed string) (string, error) {
	name := factor.CleanName(typed)
	if name == "" {
		return "", ErrForm.WithField("name", "authenticators.error.name", factor.MaxName)
	}
	have, err := s.cfg.Store.Authenticators(ctx, account)
	for _, a := range have {
		if a.Name == name && a.ID != id {
			return "", ErrForm.WithField("name", "authenticators.error.taken")
		}
	}
	return name, err
}

func sealName(id string) string { return "totp " + id }
