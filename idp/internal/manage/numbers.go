package manage

import (
	"context"
	"errors"
	"slices"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// ErrNumber says on field "number" why a number cannot be added.
var ErrNumber = fault.New(fault.Invalid, "manage.number")

// Numbers lists the account's mobile phone numbers, oldest first.
func (s *Service) Numbers(ctx context.Context, id account.ID) ([]sms.Registered, error) {
	return s.cfg.Numbers.Numbers(ctx, id)
}

// BeginNumber sends a challenge code to a number that the person wants to add. A new
// challenge replaces the one before.
func (s *Service) BeginNumber(ctx context.Context, p Person, typed string) error {
	n, err := sms.Parse(typed)
	if err != nil {
		return ErrNumber.WithField("number", "myaccount.error.number")
	}
	have, err := s.cfg.Numbers.Numbers(ctx, p.Account)
	if err != nil {
		return err
	}
	switch {
	case slices.ContainsFunc(have, func(r sms.Registered) bool { return r.Number == n }):
		return numberFault(sms.ErrDuplicate)
	case len(have) >= sms.MaxNumbers:
		return numberFault(sms.ErrFull)
	}
	return s.challenge(ctx, p, n)
}

// ResendNumber sends a new code to the number of the pending challenge.
func (s *Service) ResendNumber(ctx context.Context, p Person) error {
	ch, err := s.cfg.Challenges.Pending(ctx, p.Account)
	if err != nil && !errors.Is(err, sms.ErrTries) {
		return err
	}
	return s.challenge(ctx, p, ch.Number)
}

// challenge counts per account, number and network address, so that neither a person nor
// the operator's bill is flooded with messages.
func (s *Service) challenge(ctx context.Context, p Person, n sms.Number) error {
	a, err := s.cfg.Accounts.ByID(ctx, p.Account)
	if err != nil {
		return err
	}
	for _, l := range []struct{ name, key string }{
		{limit.NumberPerAddress, p.Address}, {limit.NumberChallenge, string(a.ID)}, {limit.NumberChallenge, string(n)},
	} {
		err = s.cfg.Limits.Hit(ctx, l.name, l.key)
		if err != nil {
			return err
		}
	}
	_, code, err := s.cfg.Challenges.Begin(ctx, a.ID, n)
	if err != nil {
		return err
	}
	return s.cfg.Recorder.Record(ctx, s.cfg.Now(), nil,
		[]notify.Message{notify.Challenge(string(n), a.MailLang, code, sms.ValidFor)})
}

// PendingNumber gives the challenge that waits for its code, or sms.ErrExpired.
func (s *Service) PendingNumber(ctx context.Context, id account.ID) (sms.Challenge, error) {
	return s.cfg.Challenges.Pending(ctx, id)
}

// CancelNumber forgets the pending challenge.
func (s *Service) CancelNumber(ctx context.Context, id account.ID) error {
	return s.cfg.Challenges.Cancel(ctx, id)
}

// ConfirmNumber stores the number whose challenge code was typed. sms.ErrWrong leaves the
// challenge as it is; sms.ErrTries and sms.ErrExpired want a new one.
func (s *Service) ConfirmNumber(ctx context.Context, id account.ID, typed string) (sms.Number, error) {
	n, err := s.cfg.Challenges.Prove(ctx, id, typed)
	if err != nil {
		return "", err
	}
	r := sms.Registered{ID: ident.NewID(s.cfg.Rand), Number: n, AddedAt: s.cfg.Now()}
	rec, err := s.cfg.Journal.Added(ctx, id, r.Factor())
	if err != nil {
		return "", err
	}
	return n, numberFault(s.cfg.Numbers.AddNumber(ctx, id, r, rec))
}

// RemoveNumber removes one of the account's numbers; it can be brought back for
// a time. bares is that of factor.Record.
func (s *Service) RemoveNumber(ctx context.Context, id account.ID, numberID string, bares bool) error {
	n, err := s.Number(ctx, id, numberID)
	if err != nil {
		return err
	}
	rec, err := s.cfg.Journal.Removed(ctx, id, n.Factor())
	if err != nil {
		return err
	}
	rec.Bares = bares
	return s.cfg.Numbers.Remove(ctx, id, numberID, rec)
}

// Number gives one of the account's own numbers, or sms.ErrUnknown.
func (s *Service) Number(ctx context.Context, id account.ID, numberID string) (sms.Registered, error) {
	have, err := s.cfg.Numbers.Numbers(ctx, id)
	if err != nil {
		return sms.Registered{}, err
	}
	i := slices.IndexFunc(have, func(r sms.Registered) bool { return r.ID == numberID })
	if i < 0 {
		return sms.Registered{}, sms.ErrUnknown
	}
	return have[i], nil
}

// numberFault puts what the store refuses on the form's field.
func numberFault(err error) error {
	switch {
	case errors.Is(err, sms.ErrDuplicate):
		return ErrNumber.Because(err).WithField("number", "myaccount.error.number_duplicate")
	case errors.Is(err, sms.ErrFull):
		return ErrNumber.Because(err).WithField("number", "myaccount.error.number_full", sms.MaxNumbers)
	}
	return err
}
