package signup

import (
	"context"
	"errors"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// Choosing is what the password page shows.
type Choosing struct{ Email string }

// Choosing gives the confirmed registration to the browser that confirmed it.
func (s *Service) Choosing(ctx context.Context, ticketID, browser string) (Choosing, error) {
	t, err := s.cfg.Tickets.Proved(ctx, Purpose, ticketID, browser)
	return Choosing{Email: t.Email}, err
}

// ErrMismatch says that the two passwords typed are not the same.
var ErrMismatch = fault.New(fault.Invalid, "password.mismatch").WithField("confirm", "password.error.mismatch")

// Finished is the new account and the sign-in flow to go on with.
type Finished struct {
	Account account.Account
	At      time.Time // the password was proved by being chosen
	Flow    string
}

// Finish stores the account with its password, the audit event and the mail in one
// transaction. password.ErrRefused and ErrMismatch leave everything as it was; of two
// requests with the same ticket one wins. An address that got an account by another way
// meanwhile is mailproof.ErrUsed.
func (s *Service) Finish(ctx context.Context, ticketID, browser, plain, confirm string) (Finished, error) {
	t, err := s.cfg.Tickets.Proved(ctx, Purpose, ticketID, browser)
	if err != nil {
		return Finished{}, err
	}
	r, err := decode(t.Data)
	if err != nil {
		return Finished{}, err
	}
	hash, err := s.hash(ctx, plain, confirm, r)
	if err != nil {
		return Finished{}, err
	}
	t, err = s.cfg.Tickets.Finish(ctx, Purpose, ticketID, browser)
	if err != nil {
		return Finished{}, err
	}
	a, err := s.create(ctx, t, r, hash)
	switch {
	case errors.Is(err, account.ErrEmailTaken):
		return Finished{}, mailproof.ErrUsed.Because(err)
	case err != nil:
		return Finished{}, errors.Join(err, s.cfg.Tickets.Restore(context.WithoutCancel(ctx), t))
	}
	return Finished{Account: a, At: s.cfg.Now(), Flow: r.Flow}, nil
}

func (s *Service) hash(ctx context.Context, plain, confirm string, r registration) (string, error) {
	if plain != confirm && plain != "" && len(plain) <= password.MaxBytes {
		return "", ErrMismatch
	}
	return s.cfg.Passwords.Hash(ctx, plain, r.about())
}

// create stores the account. An id that is taken already is drawn again: that costs the
// visitor nothing, because nobody has seen it yet.
func (s *Service) create(ctx context.Context, t mailproof.Ticket, r registration, hash string) (account.Account, error) {
	a := account.Account{
		ID: t.Account, GivenName: r.GivenName, FamilyName: r.FamilyName, Email: r.Email, EmailKey: r.Key,
		MailLang: r.MailLang, Status: account.Active, Assurance: account.AssuranceSelfRegistered,
		TellSignIn: true, PrivacyVersion: r.Privacy, CreatedAt: s.cfg.Now(),
	}
	var err error
	for range 3 {
		err = s.cfg.Accounts.Create(ctx, a, hash,
			[]audit.Event{audit.AccountCreated(a.ID, t.ProvedBy, a.PrivacyVersion)},
			[]notify.Message{notify.Registered(a.Person(), s.cfg.Issuer+"/account")})
		if !errors.Is(err, account.ErrIDTaken) {
			break
		}
		a.ID = ident.NewAccountID(s.cfg.Rand)
	}
	return a, err
}
