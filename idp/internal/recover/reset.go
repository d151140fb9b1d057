package recover

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// The refusals of the second part of the journey.
var (
	// ErrFactorNeeded says that the account's second factor must be proved first.
	ErrFactorNeeded = fault.New(fault.Denied, "recover.factor_needed")
	// ErrFactorOther says that the factor proved is not of this account, or is too old.
	ErrFactorOther = fault.New(fault.Denied, "recover.factor_other")
	// ErrMismatch says that the two passwords typed are not the same.
	ErrMismatch = fault.New(fault.Invalid, "password.mismatch").WithField("confirm", "password.error.mismatch")
)

// Look judges a link without using it up; see mailproof.Service.Look.
func (s *Service) Look(ctx context.Context, token, browser string) error {
	_, err := s.cfg.Tickets.Look(ctx, Purpose, token, browser)
	return err
}

// Again sends a new mail from the page of an expired, used or replaced link. typed must be
// the address that the link was sent to.
func (s *Service) Again(ctx context.Context, token, typed string, v Visitor) error {
	t, err := s.cfg.Tickets.Look(ctx, Purpose, token, v.Browser)
	if t.ID == "" {
		return err
	}
	key, err := ident.EmailKey(typed)
	if err != nil {
		return ErrForm.WithField("email", "regain.error.email")
	}
	sentTo, err := ident.EmailKey(t.Email)
	if err != nil || key != sentTo {
		return ErrForm.WithField("email", "regain.error.other_email")
	}
	if !t.DoneAt.IsZero() {
		return s.Ask(ctx, typed, "", v) // that journey is over; this is a new one
	}
	err = s.allow(ctx, key, v)
	if err != nil {
		return err
	}
	a, err := s.cfg.Accounts.ByID(ctx, t.Account)
	if err != nil {
		return err
	}
	st, err := decode(t.Data)
	if err != nil {
		return err
	}
	// The second factor that somebody proved with the old link does not carry over: the new
	// link may be opened by another browser (security case 1).
	t, sec, err := s.cfg.Tickets.Renew(ctx, Purpose, t.ID, v.Browser, func(t *mailproof.Ticket) {
		t.Void, t.Data = !a.Usable(), state{Flow: st.Flow}.encode()
	})
	if err != nil {
		return err
	}
	return s.send(ctx, t, sec, a, v)
}

// Confirm uses the link up for this browser.
func (s *Service) Confirm(ctx context.Context, token, browser string) (ticketID string, err error) {
	t, err := s.cfg.Tickets.ProveByLink(ctx, Purpose, token, browser)
	return t.ID, err
}

// Choosing is what the page for the new password shows.
type Choosing struct {
	Email      string
	NeedFactor bool // the second factor must be proved first
}

// Choosing gives the confirmed request to the browser that confirmed it.
func (s *Service) Choosing(ctx context.Context, ticketID, browser string) (Choosing, error) {
	t, err := s.cfg.Tickets.Proved(ctx, Purpose, ticketID, browser)
	if err != nil {
		return Choosing{}, err
	}
	guarded, err := s.guarded(ctx, t.Account)
	if err != nil {
		return Choosing{}, err
	}
	st, err := decode(t.Data)
	return Choosing{Email: t.Email, NeedFactor: guarded && st.FactorAt.IsZero()}, err
}

// guarded reports whether the account has, or ever had, a second factor: with the mailbox alone
// nobody gets in there (domain.md row 18).
func (s *Service) guarded(ctx context.Context, id ident.AccountID) (bool, error) {
	vouched, err := s.cfg.Helpdesk.Vouched(ctx, id)
	if err != nil || vouched {
		return !vouched, err
	}
	a, err := s.cfg.Accounts.ByID(ctx, id)
	if err != nil || a.Guarded {
		return true, err
	}
	return s.cfg.Factors.Enrolled(ctx, id)
}

// ProveFactor starts the proof of the account's second factor and gives the address to go
// to; the person comes back to returnPath.
func (s *Service) ProveFactor(ctx context.Context, ticketID, browser, returnPath string) (string, error) {
	t, err := s.cfg.Tickets.Proved(ctx, Purpose, ticketID, browser)
	if err != nil {
		return "", err
	}
	return s.cfg.Prover.Begin(ctx, t.Account, browser, returnPath)
}

// FactorProved takes the proof and notes it in the ticket. It must be of the ticket's
// account and made after the link was used.
func (s *Service) FactorProved(ctx context.Context, ticketID, browser, proofID string) error {
	t, err := s.cfg.Tickets.Proved(ctx, Purpose, ticketID, browser)
	if err != nil {
		return err
	}
	id, at, err := s.cfg.Prover.Proved(ctx, proofID, browser)
	if err != nil {
		return err
	}
	if id != t.Account || at.Before(t.ProvedAt) {
		return ErrFactorOther
	}
	st, err := decode(t.Data)
	if err != nil {
		return err
	}
	st.FactorAt = at
	_, err = s.cfg.Tickets.Amend(ctx, Purpose, ticketID, browser, func(t *mailproof.Ticket) { t.Data = st.encode() })
	return err
}

// Finish sets the new password and ends every session and refresh token. It signs nobody
// in; it gives the sign-in flow to go on with, or "".
func (s *Service) Finish(ctx context.Context, ticketID, browser, plain, confirm string) (flow string, err error) {
	t, err := s.cfg.Tickets.Proved(ctx, Purpose, ticketID, browser)
	if err != nil {
		return "", err
	}
	a, err := s.usable(ctx, t.Account)
	if err != nil {
		return "", err
	}
	about := password.About{GivenName: a.GivenName, FamilyName: a.FamilyName, Email: a.Email}
	if plain != confirm && plain != "" && len(plain) <= password.MaxBytes {
		return "", ErrMismatch
	}
	err = s.cfg.Passwords.Check(plain, about)
	if err != nil {
		return "", err
	}
	st, err := s.enoughProof(ctx, t)
	if err != nil {
		return "", err
	}
	// Ended before and after: before, so that a store that does not answer stops us while
	// nothing has happened; after, so that nobody slips in with the old password meanwhile.
	err = s.cfg.Ender.EndAll(ctx, a.ID)
	if err != nil {
		return "", err
	}
	t, err = s.cfg.Tickets.Finish(ctx, Purpose, ticketID, browser)
	if err != nil {
		return "", err
	}
	at := s.cfg.Now()
	err = s.cfg.Passwords.Set(ctx, a.ID, plain, about,
		[]audit.Event{audit.PasswordRecovered(a.ID, !st.FactorAt.IsZero())},
		[]notify.Message{notify.PasswordRecovered(a.Person(), at, s.cfg.Issuer+"/password/lost")})
	if err != nil {
		return "", errors.Join(err, s.cfg.Tickets.Restore(context.WithoutCancel(ctx), t))
	}
	return st.Flow, s.cfg.Ender.EndAll(context.WithoutCancel(ctx), a.ID)
}

// enoughProof asks at the last moment whether a second factor is needed: one may have been
// enrolled since the page was shown.
func (s *Service) enoughProof(ctx context.Context, t mailproof.Ticket) (state, error) {
	guarded, err := s.guarded(ctx, t.Account)
	if err != nil {
		return state{}, err
	}
	st, err := decode(t.Data)
	if err != nil {
		return state{}, err
	}
	if guarded && st.FactorAt.IsZero() {
		return state{}, ErrFactorNeeded
	}
	return st, nil
}

func (s *Service) usable(ctx context.Context, id ident.AccountID) (account.Account, error) {
	a, err := s.cfg.Accounts.ByID(ctx, id)
	if err == nil && !a.Usable() {
		err = mailproof.ErrUnknown
	}
	return a, err
}
