package recovery

import (
	"context"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/notify"
)

// Ask opens a question for any of the account's codes. Errors: ErrNone, fault.TooMany after
// many questions without a right answer.
func (s *Service) Ask(ctx context.Context, account ident.AccountID) (challenge.Question, error) {
	set, err := s.Current(ctx, account)
	if err != nil {
		return challenge.Question{}, err
	}
	if set.Left() == 0 {
		return challenge.Question{}, ErrNone
	}
	if err := s.cfg.Limits.Hit(ctx, limit.RecoveryAsked, string(account)); err != nil {
		return challenge.Question{}, err
	}
	return s.book.Open(ctx, account, "", "")
}

// Answer uses a code up and gives the id of its set. ErrWrong carries the tries that are left;
// challenge.ErrOver says that there are none, or that the question was never this account's.
func (s *Service) Answer(ctx context.Context, question string, account ident.AccountID, typed string) (string, error) {
	q, err := s.book.Try(ctx, question, account)
	if err != nil {
		return "", err
	}
	set, err := s.Current(ctx, account)
	if err != nil {
		return "", err
	}
	place, ok := set.find(canonical(typed))
	if !ok {
		return "", q.Refuse(ErrWrong)
	}
	rec, err := s.used(ctx, set)
	if err != nil {
		return "", err
	}
	first, err := s.cfg.Store.Spend(ctx, set, place, rec)
	if err != nil {
		return "", err
	}
	if !first {
		return "", q.Refuse(ErrWrong)
	}
	if err := s.book.Close(ctx, q.ID); err != nil {
		return "", err
	}
	return set.ID, s.cfg.Limits.Forgive(ctx, limit.RecoveryAsked, string(account))
}

// used tells the person, in the transaction that uses a code up.
func (s *Service) used(ctx context.Context, set Set) (factor.Record, error) {
	p, err := s.cfg.People.Person(ctx, set.Account)
	if err != nil {
		return factor.Record{}, err
	}
	now, left := s.cfg.Now(), set.Left()-1
	return factor.Record{
		At: now, Events: []audit.Event{audit.RecoveryCodeUsed(set.Account, set.ID, left)},
		Notices: []notify.Message{notify.RecoveryCodeUsed(p, left, now, s.cfg.Issuer+"/account/recovery-codes")},
	}, nil
}

// canonical undoes what people do to a typed code; "" for what is much too long to be one.
func canonical(typed string) string {
	if len(typed) > 128 {
		return ""
	}
	return ident.CanonicalCode(typed)
}
