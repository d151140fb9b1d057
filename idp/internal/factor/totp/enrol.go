package totp

import (
	"context"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/kv"
)

// A setup can be finished for ten minutes, like the binding codes of NIST SP 800-63B-4, and
// admits five wrong codes.
const (
	SetupFor   = 10 * time.Minute
	SetupTries = 5
)

// setup is an authenticator that is being added. Its id becomes the authenticator's, which
// makes a repeated confirmation harmless.
type setup struct {
	ID        string          `json:"id"`
	Account   ident.AccountID `json:"account"`
	Session   string          `json:"session"` // digest; only the session that began sees the seed
	Label     string          `json:"label"`
	Name      string          `json:"name"`
	Seed      []byte          `json:"seed"` // sealed
	Tries     int             `json:"tries"`
	ExpiresAt time.Time       `json:"expires"`
}

// Setup is what the page shows while an authenticator is being added.
type Setup struct {
	ID, Name  string
	URI       string // what the QR code says
	Typed     string // the seed for those who cannot scan
	ExpiresAt time.Time
}

// Person is who adds an authenticator, in which session.
type Person struct {
	Account ident.AccountID
	Session string // its id
	Label   string // what the app shows beside the product's name: the e-mail address
}

// Begin draws a seed for a new authenticator and gives the id of its setup. Errors: ErrForm on
// field "name", ErrFull.
func (s *Service) Begin(ctx context.Context, p Person, typedName string) (string, error) {
	name, err := s.name(ctx, p.Account, "", typedName)
	if err != nil {
		return "", err
	}
	have, err := s.cfg.Store.Authenticators(ctx, p.Account)
	if err != nil {
		return "", err
	}
	if len(have) >= MaxAuthenticators {
		return "", ErrFull.WithArgs(MaxAuthenticators)
	}
	seed := make([]byte, SeedSize)
	if _, err := io.ReadFull(s.cfg.Rand, seed); err != nil {
		return "", err
	}
	n := setup{
		ID: ident.NewID(s.cfg.Rand), Account: p.Account, Session: ident.Digest(p.Session), Label: p.Label, Name: name,
		ExpiresAt: s.cfg.Now().Add(SetupFor),
	}
	if n.Seed, err = s.cfg.Box.Seal(s.cfg.Rand, seed, sealName(n.ID)); err != nil {
		return "", err
	}
	return n.ID, kv.PutJSON(ctx, s.cfg.KV, setupKey(n.ID), n, SetupFor)
}

// Setup shows a setup to the session that began it, or ErrSetup.
func (s *Service) Setup(ctx context.Context, p Person, id string) (Setup, error) {
	if !ident.IsID(id) {
		return Setup{}, ErrSetup
	}
	n, err := kv.GetJSON[setup](ctx, s.cfg.KV, setupKey(id))
	if errors.Is(err, kv.ErrNotFound) {
		err = ErrSetup
	}
	if err == nil {
		err = n.open(p, s.cfg.Now())
	}
	if err != nil {
		return Setup{}, err
	}
	seed, err := s.cfg.Box.Open(n.Seed, sealName(n.ID))
	if err != nil {
		return Setup{}, err
	}
	return Setup{ID: n.ID, Name: n.Name, URI: URI(s.cfg.Product, n.Label, seed), Typed: Typed(seed), ExpiresAt: n.ExpiresAt}, nil
}

// Confirm adds the authenticator if typed is a code of it; that code is used up. Errors:
// ErrForm on field "code" with the tries that are left, ErrSetup after the last one, ErrFull.
func (s *Service) Confirm(ctx context.Context, p Person, id, typed string) (Authenticator, error) {
	if !ident.IsID(id) {
		return Authenticator{}, ErrSetup
	}
	now := s.cfg.Now()
	n, err := kv.Update(ctx, s.cfg.KV, setupKey(id), SetupFor, func(n *setup) error {
		if err := n.open(p, now); err != nil {
			return err
		}
		n.Tries++
		return nil
	})
	if err != nil {
		return Authenticator{}, err
	}
	seed, err := s.cfg.Box.Open(n.Seed, sealName(n.ID))
	if err != nil {
		return Authenticator{}, err
	}
	step, ok := match(seed, canonical(typed), now)
	switch {
	case !ok && n.Tries >= SetupTries:
		return Authenticator{}, ErrSetup
	case !ok:
		return Authenticator{}, ErrForm.WithField("code", "authenticators.error.code", SetupTries-n.Tries)
	}
	a := Authenticator{ID: n.ID, Account: n.Account, Name: n.Name, Seed: n.Seed, LastStep: step, AddedAt: now}
	rec, err := s.cfg.Journal.Added(ctx, a.Account, a.Factor())
	if err != nil {
		return Authenticator{}, err
	}
	if err := s.cfg.Store.Add(ctx, a, rec); err != nil {
		return Authenticator{}, err
	}
	return a, s.cfg.KV.Drop(ctx, setupKey(n.ID))
}

// Discard forgets a setup; one that is not there is no error.
func (s *Service) Discard(ctx context.Context, p Person, id string) error {
	if _, err := s.Setup(ctx, p, id); err != nil {
		if errors.Is(err, ErrSetup) {
			return nil
		}
		return err
	}
	return s.cfg.KV.Drop(ctx, setupKey(id))
}

// open says whether this person can go on with the setup.
func (n *setup) open(p Person, now time.Time) error {
	if n.ID == "" || n.Account != p.Account || !ident.Same(n.Session, ident.Digest(p.Session)) || n.Tries >= SetupTries || now.After(n.ExpiresAt) {
		return ErrSetup
	}
	return nil
}

func setupKey(id string) string { return "totp.setup:" + id }
