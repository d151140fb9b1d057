package totp

import (
	"context"

	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
)

// Ask opens a question for a code of any of the account's authenticators. Errors: ErrNone,
// fault.TooMany after many questions without a right answer.
func (s *Service) Ask(ctx context.Context, account ident.AccountID) (challenge.Question, error) {
	has, err := s.Enrolled(ctx, account)
	if err != nil {
		return challenge.Question{}, err
	}
	if !has {
		return challenge.Question{}, ErrNone
	}
	if err := s.cfg.Limits.Hit(ctx, limit.TOTPAsked, string(account)); err != nil {
		return challenge.Question{}, err
	}
	return s.book.Open(ctx, account, "", "")
}

// Answer gives the id of the authenticator whose code was typed. ErrWrong and ErrUsed carry
// the tries that are left; challenge.ErrOver says that there are none, or that the question
// was never this account's.
func (s *Service) Answer(ctx context.Context, question string, account ident.AccountID, typed string) (string, error) {
	q, err := s.book.Try(ctx, question, account)
	if err != nil {
		return "", err
	}
	a, step, err := s.find(ctx, account, canonical(typed))
	if err != nil {
		return "", err
	}
	if a.ID == "" {
		return "", q.Refuse(ErrWrong)
	}
	first, err := s.cfg.Store.Spend(ctx, account, a.ID, step, s.cfg.Now())
	if err != nil {
		return "", err
	}
	if !first {
		return "", q.Refuse(ErrUsed)
	}
	if err := s.book.Close(ctx, q.ID); err != nil {
		return "", err
	}
	return a.ID, s.cfg.Limits.Forgive(ctx, limit.TOTPAsked, string(account))
}

// find looks among all of the account's authenticators, whichever comes first.
func (s *Service) find(ctx context.Context, account ident.AccountID, code string) (found Authenticator, step int64, err error) {
	have, err := s.cfg.Store.Authenticators(ctx, account)
	if err != nil {
		return found, 0, err
	}
	for _, a := range have {
		seed, err := s.cfg.Box.Open(a.Seed, sealName(a.ID))
		if err != nil {
			return Authenticator{}, 0, err
		}
		if at, ok := match(seed, code, s.cfg.Now()); ok {
			found, step = a, at
		}
	}
	return found, step, nil
}
