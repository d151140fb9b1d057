package recovery

import (
	"context"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/kv"
)

// Limiter counts events under the names of package limit and gives fault.TooMany.
type Limiter interface {
	Hit(ctx context.Context, name, key string) error
	Forgive(ctx context.Context, name, key string) error
}

// People looks up an account's owner.
type People interface {
	Person(ctx context.Context, account ident.AccountID) (notify.Person, error)
}

// Config is what the service needs; every field is required.
type Config struct {
	Store   Store
	KV      kv.Store
	Limits  Limiter
	People  People
	Journal factor.Journal
	Issuer  string // address of this service without a slash at the end
	Now     func() time.Time
	Rand    io.Reader
}

// Service holds the rules of recovery codes.
type Service struct {
	cfg  Config
	book *challenge.Book
}

// New checks the configuration.
func New(c Config) (*Service, error) {
	if c.Store == nil || c.KV == nil || c.Limits == nil || c.People == nil || c.Journal == nil || c.Issuer == "" || c.Now == nil || c.Rand == nil {
		return nil, errors.New("recovery: every field is required")
	}
	return &Service{cfg: c, book: challenge.NewBook("recovery", c.KV, c.Now, c.Rand)}, nil
}

// Current gives the account's living set; the zero Set when there is none.
func (s *Service) Current(ctx context.Context, account ident.AccountID) (Set, error) {
	set, err := s.cfg.Store.RecoverySet(ctx, account)
	if errors.Is(err, factor.ErrUnknown) {
		return Set{}, nil
	}
	return set, err
}

// Issue draws a new set of codes and gives them, grouped, for the only time; those before are
// no longer good. replaces is the set that the person's page showed ("" for none): when it is
// not the living one any more, nothing happens and the error is ErrIssued.
func (s *Service) Issue(ctx context.Context, account ident.AccountID, replaces string) (Set, []string, error) {
	set := Set{ID: ident.NewID(s.cfg.Rand), Account: account, IssuedAt: s.cfg.Now()}
	codes := make([]string, Count)
	for i := range codes {
		code := ident.NewTypedCode(s.cfg.Rand, size)
		set.Digests[i] = set.digest(code)
		codes[i] = ident.Grouped(code, 4)
	}
	rec, err := s.cfg.Journal.Added(ctx, account, set.Factor())
	if err != nil {
		return Set{}, nil, err
	}
	if err := s.cfg.Store.Issue(ctx, set, replaces, rec); err != nil {
		return Set{}, nil, err
	}
	return set, codes, nil
}

// Remove ends the account's codes without new ones; they can be brought back for
// factor.KeptFor.
func (s *Service) Remove(ctx context.Context, account ident.AccountID, id string) error {
	set, err := s.cfg.Store.RecoverySet(ctx, account)
	if err != nil {
		return err
	}
	if set.ID != id {
		return factor.ErrUnknown
	}
	rec, err := s.cfg.Journal.Removed(ctx, account, set.Factor())
	if err != nil {
		return err
	}
	return s.cfg.Store.Remove(ctx, account, set.ID, rec)
}
