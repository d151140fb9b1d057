package login

import (
	"context"
	"slices"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

var (
	// ErrWrong: address and password do not belong together. The text is the same whether
	// the account exists or not.
	ErrWrong = fault.New(fault.Invalid, "login.wrong")
	// ErrLocked: too many wrong passwords; Args[0] is until when.
	ErrLocked = fault.New(fault.TooMany, "login.locked")
	// ErrMethod: the verification method is not one of those offered.
	ErrMethod = fault.New(fault.Invalid, "login.method")
)

// Try is one posted password.
type Try struct {
	Password string
	Method   policy.Method // the verification method chosen beside it
	Known    string        // digest of a cookie that this account signed in with before, or ""
	session.Meta
}

// Password checks a password, and with a second factor chosen opens its challenge at once.
// The attempt is counted before the password is looked at.
func (s *Service) Password(ctx context.Context, id, browser string, t Try) (View, error) {
	v, err := s.open(ctx, id, browser)
	if err != nil {
		return View{}, err
	}
	if v.Step != Password {
		return View{}, ErrPast
	}
	if !slices.Contains(v.Offered, t.Method) {
		return View{}, ErrMethod.WithField("method", "signin.method.unknown")
	}
	key, err := ident.EmailKey(v.Flow.Email)
	if err != nil {
		return View{}, err
	}
	if err := s.guess(ctx, v.Flow, key, t); err != nil {
		return View{}, err
	}
	f, err := s.change(ctx, id, func(f *Flow) error {
		if f.Named != v.Flow.Named {
			return ErrPast // another person was named while this password was looked at
		}
		f.Proofs = append(f.Proofs, policy.Proof{Method: policy.Password, At: s.Now()})
		f.Method, f.Failed = t.Method, ""
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.onward(ctx, f, t.Meta)
}

// guess counts one attempt, looks at the password, and settles the count. It is nil only for
// the right password of an account that may sign in.
func (s *Service) guess(ctx context.Context, f Flow, key string, t Try) error {
	if err := s.count(ctx, key, t); err != nil {
		return err
	}
	right, err := s.Passwords.Verify(ctx, f.Account, t.Password)
	switch {
	case err != nil:
		s.settle(ctx, key, t, s.Limits.Forgive) // it was not looked at
		return err
	case !right || f.Account == "":
		return s.wrong(ctx, f, key, t)
	}
	s.settle(ctx, key, t, s.Limits.Reset)
	return nil
}

// counter gives where the attempts at an account count. A browser that signed in to this
// account before has a counter of its own, and does not depend on its network address:
// attackers elsewhere, or behind the same address, cannot lock its owner out.
func counter(key string, t Try) (name, who string) {
	if t.Known != "" {
		return limit.PasswordKnown, t.Known + " " + key
	}
	return limit.PasswordAccount, key
}

// count counts an attempt, or says until when attempts are refused.
func (s *Service) count(ctx context.Context, key string, t Try) error {
	if t.Known == "" {
		if err := s.Limits.Hit(ctx, limit.PasswordAddress, limit.Network(t.Address)); err != nil {
			return s.locked(err)
		}
	}
	name, who := counter(key, t)
	return s.locked(s.Limits.Hit(ctx, name, who))
}

// settle undoes the count of an attempt that was not wrong. Right passwords of one person
// must not wash away the wrong ones of the whole address, so there only one is taken back.
// A counter that could not be settled only makes the next attempts fewer.
func (s *Service) settle(ctx context.Context, key string, t Try, own func(ctx context.Context, name, key string) error) {
	name, who := counter(key, t)
	err := own(ctx, name, who)
	if t.Known == "" && err == nil {
		err = s.Limits.Forgive(ctx, limit.PasswordAddress, limit.Network(t.Address))
	}
	if err != nil {
		s.Log.WarnContext(ctx, "an attempt could not be taken back", "error", err)
	}
}

func (s *Service) locked(err error) error {
	if e := fault.As(err); e != nil && e.Kind == fault.TooMany {
		return ErrLocked.After(e.RetryAfter).WithArgs(s.Now().Add(e.RetryAfter))
	}
	return err
}

// wrong notes a wrong password, and says whether it was the last one for now.
func (s *Service) wrong(ctx context.Context, f Flow, key string, t Try) error {
	name, who := counter(key, t)
	until, err := s.Limits.Paused(ctx, name, who)
	if err != nil {
		return err
	}
	if err := s.noteWrong(ctx, f, key, until, t.Meta); err != nil {
		return err
	}
	if !until.IsZero() {
		return ErrLocked.After(until.Sub(s.Now())).WithArgs(until)
	}
	return ErrWrong.WithField("password", "signin.password.wrong")
}

// noteWrong writes the attempt down, for unknown accounts too: the path is the same. The
// mail about a pause goes out once, however many attempts ran into it together.
func (s *Service) noteWrong(ctx context.Context, f Flow, key string, until time.Time, meta session.Meta) error {
	at := s.attempt(f, meta, WrongPassword)
	at.Methods = string(policy.Password)
	if until.IsZero() {
		return s.History.RecordAttempt(ctx, at, nil, nil)
	}
	at.Outcome = Locked
	first := s.KV.Swap(ctx, "locknote:"+ident.Digest(key+until.String()), nil, []byte("1"), time.Hour)
	if first != nil && fault.KindOf(first) != fault.Conflict {
		return first
	}
	if f.Account == "" || first != nil {
		return s.History.RecordAttempt(ctx, at, nil, nil)
	}
	acc, err := s.Accounts.ByID(ctx, f.Account)
	if err != nil {
		return err
	}
	return s.History.RecordAttempt(ctx, at, []audit.Event{audit.SignInLocked(f.Account, until)}, []notify.Message{notify.SignInLocked(acc.Person(), until, s.LostURL)})
}
