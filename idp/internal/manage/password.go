package manage

import (
	"context"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// The refusals of changing a password, beside those of the rule.
var (
	ErrCurrent  = fault.New(fault.Invalid, "manage.password_current").WithField("current", "password.error.current")
	ErrMismatch = fault.New(fault.Invalid, "password.mismatch").WithField("confirm", "password.error.mismatch")
	ErrSame     = fault.New(fault.Invalid, "manage.password_same").WithField("password", "password.error.same")
)

// ChangePassword replaces the password by plain, after the current one was typed once
// more, and ends every other session. Wrong tries are counted per session, so that
// somebody who guesses elsewhere cannot keep the person from changing it.
func (s *Service) ChangePassword(ctx context.Context, p Person, current, plain, confirm string) error {
	a, err := s.cfg.Accounts.ByID(ctx, p.Account)
	if err != nil {
		return err
	}
	err = s.current(ctx, p, current)
	if err != nil {
		return err
	}
	switch {
	case plain != confirm && plain != "" && len(plain) <= password.MaxBytes:
		return ErrMismatch
	case plain == current:
		return ErrSame
	}
	at := s.cfg.Now()
	about := password.About{GivenName: a.GivenName, FamilyName: a.FamilyName, Email: a.Email}
	err = s.cfg.Passwords.Set(ctx, a.ID, plain, about,
		[]audit.Event{audit.PasswordChanged(a.ID)},
		[]notify.Message{notify.PasswordChanged(a.Person(), at, s.lostURL())})
	if err != nil {
		return err
	}
	return s.cfg.Ender.EndOthers(context.WithoutCancel(ctx), a.ID, p.Session)
}

// current checks the password in use; the attempt counts before the work.
func (s *Service) current(ctx context.Context, p Person, typed string) error {
	counter := string(p.Account) + "\n" + p.Session
	err := s.cfg.Limits.Hit(ctx, limit.PasswordKnown, counter)
	if err != nil {
		return err
	}
	ok, err := s.cfg.Passwords.Verify(ctx, p.Account, typed)
	if err != nil {
		return err
	}
	if !ok {
		return ErrCurrent
	}
	return s.cfg.Limits.Reset(ctx, limit.PasswordKnown, counter)
}
