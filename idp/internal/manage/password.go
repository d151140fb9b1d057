package manage

import (
	"context"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/password"
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
// more, and ends every other session. keepSession is the one the person uses now.
func (s *Service) ChangePassword(ctx context.Context, id account.ID, keepSession, current, plain, confirm string) error {
	a, err := s.cfg.Accounts.ByID(ctx, id)
	if err != nil {
		return err
	}
	ok, err := s.cfg.Passwords.Verify(ctx, id, current)
	if err != nil {
		return err
	}
	if !ok {
		err = s.cfg.Limits.Hit(ctx, LimitPassword, string(id))
		if err != nil {
			return err
		}
		return ErrCurrent
	}
	switch {
	case plain != confirm && plain != "" && len(plain) <= password.MaxBytes:
		return ErrMismatch
	case plain == current:
		return ErrSame
	}
	at := s.cfg.Now()
	about := password.About{GivenName: a.GivenName, FamilyName: a.FamilyName, Email: a.Email}
	err = s.cfg.Passwords.Set(ctx, id, plain, about,
		[]audit.Event{audit.PasswordChanged(id)},
		[]notify.Message{notify.PasswordChanged(a.Person(), at, s.lostURL())})
	if err != nil {
		return err
	}
	return s.cfg.Ender.EndOthers(context.WithoutCancel(ctx), id, keepSession)
}
