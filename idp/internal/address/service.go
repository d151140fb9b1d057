package address

import (
	"context"
	"errors"
	"io"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// Purpose keeps links for a new address apart from all other mailed links (security case 28).
const Purpose mailproof.Purpose = "address"

// UndoFor is how long the former address can take a change back.
const UndoFor = 7 * 24 * time.Hour

var (
	// ErrForm says which fields cannot be accepted.
	ErrForm = fault.New(fault.Invalid, "address.form")
	// ErrLink: there is no such link to take a change back, or it is older than seven days.
	ErrLink = fault.New(fault.Gone, "address.undo_unknown")
	// ErrUndone: the change was taken back before.
	ErrUndone = fault.New(fault.Gone, "address.undo_done")
	// ErrTaken: the former address belongs to another account by now.
	ErrTaken = fault.New(fault.Gone, "address.undo_taken")
)

// Change is one change of address.
type Change struct {
	ID       string
	Account  ident.AccountID
	At       time.Time
	OldEmail string
	OldKey   string
	NewEmail string
	Digest   string // of the secret in the link that takes it back
	UndoneAt time.Time
}

// Store keeps accounts and their changes of address.
type Store interface {
	account.Store
	// ChangeEmail gives an account another address if its version is still a.Version
	// (account.ErrChanged) and no other account has it (account.ErrEmailTaken). With c.ID the
	// change can be taken back; undoes names one that is taken back by it (ErrUndone).
	ChangeEmail(ctx context.Context, at time.Time, a account.Account, email, key string, c Change, undoes string, events []audit.Event, messages []notify.Message) error
	// EmailChange finds a change by the digest of its link; a fault.NotFound when there is none.
	EmailChange(ctx context.Context, digest string) (Change, error)
}

// Recorder writes messages that no other write belongs to.
type Recorder interface {
	Record(ctx context.Context, at time.Time, events []audit.Event, messages []notify.Message) error
}

// Limits counts events under names of package limit.
type Limits interface {
	Hit(ctx context.Context, name, key string) error
}

// Ender ends every session and refresh token of an account.
type Ender interface {
	EndAll(ctx context.Context, id ident.AccountID) error
}

// Service holds the journey; every field but RefusedDomains is required.
type Service struct {
	Tickets        *mailproof.Service
	Store          Store
	Recorder       Recorder
	Limits         Limits
	Ender          Ender
	Issuer         string   // address of this service without a slash at the end; mails link to it and to nothing else
	RefusedDomains []string // as at registration
	Now            func() time.Time
	Rand           io.Reader
}

// Ask takes a new address, twice, and mails the link to it. The answer and the work are the
// same whether another account has the address or not: only its owner learns of it.
func (s *Service) Ask(ctx context.Context, id account.ID, email, again, browser string) error {
	a, err := s.Store.ByID(ctx, id)
	if err != nil {
		return err
	}
	email, key, err := s.check(a, email, again)
	if err != nil {
		return err
	}
	for _, l := range []struct{ name, key string }{{limit.RegisterMailGap, key}, {limit.RegisterMail, key}, {limit.RegisterMail, string(id)}} {
		if err := s.Limits.Hit(ctx, l.name, l.key); err != nil {
			return err
		}
	}
	owner, err := s.Store.ByEmailKey(ctx, key)
	if err != nil && !errors.Is(err, account.ErrUnknown) {
		return err
	}
	taken := err == nil
	t, sec, err := s.Tickets.Open(ctx, mailproof.Ticket{Purpose: Purpose, Account: id, Email: email, Asker: browser, Void: taken})
	if err != nil {
		return err
	}
	to := a.Person()
	to.Email = email
	m := notify.AddressLink(to, notify.Link{URL: s.Issuer + "/account/address/confirm?t=" + sec.Token, ExpiresAt: t.ExpiresAt, ValidFor: s.Tickets.ValidFor()})
	if taken {
		m = notify.AddressTaken(owner.Person(), s.Issuer+"/account")
	}
	return s.Recorder.Record(ctx, s.Now(), []audit.Event{audit.EmailChangeAsked(id)}, []notify.Message{m})
}

// check tidies what was typed.
func (s *Service) check(a account.Account, typed, again string) (email, key string, err error) {
	email, err = ident.Email(typed)
	if err != nil {
		return "", "", ErrForm.WithField("email", "address.error.email")
	}
	second, err := ident.Email(again)
	if err != nil || second != email {
		return "", "", ErrForm.WithField("email_again", "address.error.email_again")
	}
	if domain := account.RefusedDomain(email, s.RefusedDomains); domain != "" {
		return "", "", ErrForm.WithField("email", "address.error.domain", domain)
	}
	key, err = ident.EmailKey(email)
	if err == nil && key == a.EmailKey && email == a.Email {
		err = ErrForm.WithField("email", "address.error.same")
	}
	return email, key, err
}

// Look judges a link without using it up. A link is for the account that asked, signed in: in
// anybody else's hands it is unknown (security cases 27 and 28).
func (s *Service) Look(ctx context.Context, id account.ID, token, browser string) (email string, err error) {
	t, err := s.Tickets.Look(ctx, Purpose, token, browser)
	if err == nil && t.Account != id {
		err = mailproof.ErrUnknown
	}
	return t.Email, err
}

// Confirm makes the new address the account's. Both addresses are told, and the former gets
// the link that takes it back.
func (s *Service) Confirm(ctx context.Context, id account.ID, token, browser string) error {
	if _, err := s.Look(ctx, id, token, browser); err != nil {
		return err
	}
	t, err := s.Tickets.ProveByLink(ctx, Purpose, token, browser)
	if err != nil {
		return err
	}
	if t, err = s.Tickets.Finish(ctx, Purpose, t.ID, browser); err != nil {
		return err
	}
	err = s.change(ctx, t)
	if err != nil && !errors.Is(err, account.ErrEmailTaken) {
		return errors.Join(err, s.Tickets.Restore(context.WithoutCancel(ctx), t))
	}
	return err
}

func (s *Service) change(ctx context.Context, t mailproof.Ticket) error {
	a, err := s.Store.ByID(ctx, t.Account)
	if err != nil {
		return err
	}
	key, err := ident.EmailKey(t.Email)
	if err != nil {
		return err
	}
	at, secret := s.Now(), ident.NewToken(s.Rand)
	c := Change{ID: ident.NewID(s.Rand), Account: a.ID, At: at, OldEmail: a.Email, OldKey: a.EmailKey, NewEmail: t.Email, Digest: ident.Digest(secret)}
	former, now := a.Person(), a.Person()
	now.Email = t.Email
	return s.Store.ChangeEmail(ctx, at, a, t.Email, key, c, "", []audit.Event{audit.EmailChanged(a.ID)}, []notify.Message{
		notify.AddressChanged(now, at, s.Issuer+"/account"), notify.AddressLeft(former, t.Email, at, s.Issuer+UndoPath+secret),
	})
}
