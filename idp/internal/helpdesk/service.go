package helpdesk

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/lostfactor"
	"eulogin.example/idp/internal/mailproof"
)

// Service holds the use cases; every field is required.
type Service struct {
	Store    Store
	Accounts account.Reader
	Keepers  factor.Keepers
	Losses   Losses
	Keys     Keys
	Mailer   Mailer
	Tickets  *mailproof.Service
	Limits   Limits
	Issuer   string // address of this service without a slash at the end
	Now      func() time.Time
	Rand     io.Reader
}

// Desk is what an agent sees first.
type Desk struct {
	Tickets []Ticket
	Cases   []Case
}

// listed is how many tickets and cases are shown.
const listed = 100

// Agent gives ErrAgent for everybody who is none.
func (s *Service) Agent(ctx context.Context, id ident.AccountID) error {
	is, err := s.Store.IsAgent(ctx, id)
	if err == nil && !is {
		err = ErrAgent
	}
	return err
}

// Desk lists what is open.
func (s *Service) Desk(ctx context.Context, agent ident.AccountID) (Desk, error) {
	if err := s.Agent(ctx, agent); err != nil {
		return Desk{}, err
	}
	tickets, err1 := s.Store.Tickets(ctx, "", listed)
	cases, err2 := s.Store.Cases(ctx, s.Now().Add(-CaseLife), listed)
	return Desk{tickets, cases}, errors.Join(err1, err2)
}

// Find gives the account with exactly this address; ErrForm when there is none. Searches are
// limited and written down, so that nobody leafs through people.
func (s *Service) Find(ctx context.Context, agent ident.AccountID, email string) (ident.AccountID, error) {
	if err := s.Agent(ctx, agent); err != nil {
		return "", err
	}
	if err := s.Limits.Hit(ctx, limit.HelpdeskLook, string(agent)); err != nil {
		return "", err
	}
	key, err := ident.EmailKey(email)
	if err != nil {
		return "", ErrForm.WithField("email", "helpdesk.error.email")
	}
	a, err := s.Accounts.ByEmailKey(ctx, key)
	if errors.Is(err, account.ErrUnknown) {
		return "", ErrForm.WithField("email", "helpdesk.error.unknown")
	}
	return a.ID, err
}

// Person is how an account stands. It holds no secret and no number.
type Person struct {
	Account account.Account
	Factors []factor.Factor
	Loss    lostfactor.Loss
	Tickets []Ticket
	Cases   []Case
	Own     bool // the agent's own account: nothing can be done
}

// Look shows an account to an agent, and writes the look down.
func (s *Service) Look(ctx context.Context, agent, id ident.AccountID) (Person, error) {
	a, err := s.person(ctx, agent, id)
	if err != nil && !errors.Is(err, ErrOwn) {
		return Person{}, err
	}
	p := Person{Account: a, Own: errors.Is(err, ErrOwn)}
	if err := s.Store.Record(ctx, s.Now(), []audit.Event{audit.HelpdeskLooked(agent, id)}, nil); err != nil {
		return Person{}, err
	}
	factors, err1 := s.Keepers.All(ctx, id)
	loss, err2 := s.Losses.Waits(ctx, id)
	tickets, err3 := s.Store.Tickets(ctx, id, listed)
	cases, err4 := s.Store.Cases(ctx, s.Now().Add(-CaseLife), listed)
	p.Factors, p.Loss, p.Tickets = factors, loss, tickets
	for _, c := range cases {
		if c.Account == id {
			p.Cases = append(p.Cases, c)
		}
	}
	return p, errors.Join(err1, err2, err3, err4)
}

// person gives the account that an agent wants to do something for.
func (s *Service) person(ctx context.Context, agent, id ident.AccountID) (account.Account, error) {
	if err := s.Agent(ctx, agent); err != nil {
		return account.Account{}, err
	}
	a, err := s.Accounts.ByID(ctx, id)
	if err == nil && a.Status == account.Erased {
		err = account.ErrUnknown
	}
	if err == nil && id == agent {
		err = ErrOwn
	}
	return a, err
}

// SendPassword has the mail for a new password sent; the address gets it and nobody else.
func (s *Service) SendPassword(ctx context.Context, agent, id ident.AccountID, address string) error {
	a, err := s.person(ctx, agent, id)
	if err != nil {
		return err
	}
	if err := s.Mailer.AskFor(ctx, a, address); err != nil {
		return err
	}
	return s.Store.Record(ctx, s.Now(), []audit.Event{audit.HelpdeskSentMail(agent, id)}, nil)
}

// Open starts a case. factorID names the key of a case of that kind. The reason says how the
// agent made sure who the person is.
func (s *Service) Open(ctx context.Context, agent, id ident.AccountID, kind Kind, factorID, reason string) error {
	if _, err := s.person(ctx, agent, id); err != nil {
		return err
	}
	reason, err := plain(reason, "reason")
	if err != nil {
		return err
	}
	if kind != Reset && kind != Key || (kind == Key) != ident.IsID(factorID) {
		return ErrForm.WithField("reason", "helpdesk.error.kind")
	}
	c := Case{ID: ident.NewID(s.Rand), Account: id, Kind: kind, Factor: factorID, Reason: reason, OpenedAt: s.Now(), OpenedBy: agent}
	if err := s.sweep(ctx, id); err != nil {
		return err
	}
	return s.Store.OpenCase(ctx, c, audit.HelpdeskOpened(agent, id, string(kind)))
}

// sweep closes an account's cases that waited too long, so that they stand in nobody's way.
func (s *Service) sweep(ctx context.Context, id ident.AccountID) error {
	all, err := s.Store.Cases(ctx, time.Time{}, listed)
	for _, c := range all {
		if err == nil && c.Account == id && s.Now().Sub(c.OpenedAt) > CaseLife {
			err = s.Store.EndCase(ctx, c.ID, "", s.Now(), audit.HelpdeskEnded("", id, string(c.Kind), "expired"))
		}
	}
	if errors.Is(err, ErrOver) {
		err = nil
	}
	return err
}

// plain tidies what an agent or a person typed into a field.
func plain(text, field string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", ErrForm.WithField(field, "helpdesk.error.empty")
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return "", ErrForm.WithField(field, "helpdesk.error.characters")
	case utf8.RuneCountInString(text) > MaxText:
		return "", ErrForm.WithField(field, "helpdesk.error.long", MaxText)
	}
	return text, nil
}
