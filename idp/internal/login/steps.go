package login

import (
	"context"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

var (
	// ErrEmail: the address is missing or malformed.
	ErrEmail = fault.New(fault.Invalid, "login.email")
	// ErrWrong: address and password do not belong together. The text is the same whether
	// the account exists or not.
	ErrWrong = fault.New(fault.Invalid, "login.wrong")
	// ErrLocked: too many wrong passwords; Args[0] is until when.
	ErrLocked = fault.New(fault.TooMany, "login.locked")
	// ErrMethod: the verification method is not one of those offered.
	ErrMethod = fault.New(fault.Invalid, "login.method")
)

// Identify takes the e-mail address. It is also the way back ("not you?"): later answers are
// undone. A known and an unknown address go the same way.
func (s *Service) Identify(ctx context.Context, id, browser, email string) (View, error) {
	if _, err := s.open(ctx, id, browser); err != nil {
		return View{}, err
	}
	key, err := ident.EmailKey(email)
	if err != nil {
		return View{}, ErrEmail.WithField("email", "signin.email.malformed")
	}
	acc, err := s.Accounts.ByEmailKey(ctx, key)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return View{}, err
	}
	f, err := s.change(ctx, id, func(f *Flow) error {
		if f.finished() || f.Request.Kind == KindRecover {
			return ErrPast
		}
		f.undo(Identify)
		f.Email, _ = ident.Email(email)
		if acc.Usable() {
			f.name(acc)
			f.Email, _ = ident.Email(email) // as typed: the account's own spelling would tell
		}
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.view(ctx, f)
}

// Try is one posted password.
type Try struct {
	Password string
	Method   policy.Method // the verification method chosen beside it
	Known    string        // digest of a cookie that this account signed in with before, or ""
	session.Meta
}

// Offered lists the verification methods of the drop-down: what the service accepts,
// whatever the account has, so that the list tells nothing of the account.
func (f *Flow) Offered() []policy.Method {
	if f.Request.Requirement.Floor >= policy.Medium {
		return []policy.Method{policy.AppPIN}
	}
	return []policy.Method{policy.AppPIN, policy.Password}
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
	if !offers(v.Flow.Offered(), t.Method) {
		return View{}, ErrMethod.WithField("method", "signin.method.unknown")
	}
	key, err := ident.EmailKey(v.Flow.Email)
	if err != nil {
		return View{}, err
	}
	if err := s.count(ctx, key, t); err != nil {
		return View{}, err
	}
	right, err := s.Passwords.Verify(ctx, v.Flow.Account, t.Password)
	if err != nil {
		return View{}, err
	}
	if !right || v.Flow.Account == "" {
		return View{}, s.wrong(ctx, v.Flow, key, t)
	}
	if err := s.forgive(ctx, key, t); err != nil {
		return View{}, err
	}
	proof := policy.Proof{Method: policy.Password, At: s.Now()}
	f, err := s.change(ctx, id, func(f *Flow) error {
		if f.finished() || f.Account != v.Flow.Account {
			return ErrPast
		}
		f.Proofs = append(f.Proofs, proof)
		f.Method, f.Failed = t.Method, ""
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.onward(ctx, f, t.Meta)
}

// ChooseMethod takes a verification method after the password, and opens its challenge; a
// further one replaces the open challenge ("send again"). With "password" the person goes on
// without a second factor where the service allows it.
func (s *Service) ChooseMethod(ctx context.Context, id, browser string, m policy.Method, meta session.Meta) (View, error) {
	v, err := s.open(ctx, id, browser)
	if err != nil {
		return View{}, err
	}
	if v.Step != ChooseMethod && v.Step != Challenge && v.Step != EnrolFirst {
		return View{}, ErrPast
	}
	if v.Flow.Request.Kind != KindRecover && !offers(v.Flow.Offered(), m) {
		return View{}, ErrMethod.WithField("method", "signin.method.unknown")
	}
	f, err := s.change(ctx, id, func(f *Flow) error {
		if f.finished() {
			return ErrPast
		}
		f.Method, f.Pending, f.Failed = m, nil, ""
		if m == policy.Password { // a wish of the service's that the person declines
			f.Request.Requirement.Wanted = f.Request.Requirement.Floor
		}
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.onward(ctx, f, meta)
}

// onward opens the chosen method's challenge when that is what comes next.
func (s *Service) onward(ctx context.Context, f Flow, meta session.Meta) (View, error) {
	v, err := s.view(ctx, f)
	if err != nil || v.Step != ChooseMethod || f.Method == "" || f.Method == policy.Password {
		return v, err
	}
	pending, err := s.Methods[f.Method].Start(ctx, Ask{FlowID: f.ID, Account: f.Account, ClientName: f.Request.ClientName, Browser: meta.Browser, Address: meta.Address})
	if err != nil {
		return v, err
	}
	if f, err = s.change(ctx, f.ID, func(f *Flow) error { f.Pending = &pending; return nil }); err != nil {
		return v, err
	}
	return s.view(ctx, f)
}

// Finished is a signed-in browser.
type Finished struct {
	Token   string // secret of the new session cookie; "" for recover
	Session session.Session
	Flow    Flow
}

// Finish makes the session of a flow whose step is Done. The cookie changes every time.
// token is the browser's present session cookie.
func (s *Service) Finish(ctx context.Context, id, browser, token string, meta session.Meta) (Finished, error) {
	v, err := s.open(ctx, id, browser)
	if err != nil {
		return Finished{}, err
	}
	if v.Step != Done {
		return Finished{}, ErrPast
	}
	if v.Flow.Request.Kind == KindRecover {
		f, err := s.change(ctx, id, func(f *Flow) error { f.SID = "-"; return nil })
		return Finished{Flow: f}, err
	}
	fresh, sess, err := s.establish(ctx, v.Flow, token, meta)
	if err != nil {
		return Finished{}, err
	}
	f, err := s.change(ctx, id, func(f *Flow) error {
		if f.finished() { // another tab was first: its session counts
			return ErrPast
		}
		f.SID, f.Proofs, f.Carried = sess.ID, sess.Proofs, nil
		return nil
	})
	if err != nil {
		return Finished{}, err
	}
	at := Attempt{
		At: s.Now(), Account: f.Account, Service: f.Request.ClientName, Browser: meta.Browser, Address: meta.Address,
		Methods: methodsOf(sess.Proofs), Level: v.Decision.Level.String(), Outcome: "signed_in",
	}
	return Finished{Token: fresh, Session: sess, Flow: f}, s.History.RecordAttempt(ctx, at, []audit.Event{audit.SignedIn(f.Account, at.Service, at.Methods, at.Level)}, nil)
}

// establish promotes the session that the flow began with, or starts one.
func (s *Service) establish(ctx context.Context, f Flow, token string, meta session.Meta) (string, session.Session, error) {
	if f.Session != "" {
		if living, err := s.Sessions.ByToken(ctx, token); err == nil && living.ID == f.Session && living.Account == f.Account {
			return s.Sessions.Promote(ctx, token, f.Proofs)
		}
	}
	return s.Sessions.Start(ctx, f.Account, f.All(), meta)
}

// Prove adds a proof that was made outside the pages of sign-in (the password just chosen at
// registration) to a flow of the same browser, and names the person.
func (s *Service) Prove(ctx context.Context, id, browser string, acc account.Account, p policy.Proof) (View, error) {
	if _, err := s.open(ctx, id, browser); err != nil {
		return View{}, err
	}
	f, err := s.change(ctx, id, func(f *Flow) error {
		if f.finished() || f.Request.Kind == KindRecover {
			return ErrPast
		}
		f.undo(Identify)
		f.name(acc)
		f.Proofs = []policy.Proof{p}
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.view(ctx, f)
}

// open gives a flow that is not over.
func (s *Service) open(ctx context.Context, id, browser string) (View, error) {
	v, err := s.Look(ctx, id, browser)
	if err == nil && v.Flow.finished() {
		err = ErrPast
	}
	return v, err
}

func offers(list []policy.Method, m policy.Method) bool {
	for _, o := range list {
		if o == m {
			return true
		}
	}
	return false
}

// count counts an attempt under the address's and the account's name. A browser that signed
// in before has a counter of its own: an attacker elsewhere cannot lock its owner out.
func (s *Service) count(ctx context.Context, key string, t Try) error {
	if err := s.Limits.Hit(ctx, limit.PasswordAddress, t.Address); err != nil {
		return s.locked(err)
	}
	name, who := counter(key, t)
	return s.locked(s.Limits.Hit(ctx, name, who))
}

func counter(key string, t Try) (name, who string) {
	if t.Known != "" {
		return limit.PasswordKnown, t.Known + " " + key
	}
	return limit.PasswordAccount, key
}

func (s *Service) locked(err error) error {
	if e := fault.As(err); e != nil && e.Kind == fault.TooMany {
		return ErrLocked.After(e.RetryAfter).WithArgs(s.Now().Add(e.RetryAfter))
	}
	return err
}

func (s *Service) forgive(ctx context.Context, key string, t Try) error {
	name, who := counter(key, t)
	return s.Limits.Reset(ctx, name, who)
}

// wrong notes a wrong password. The attempt that reached the limit tells the owner by mail.
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
	at := Attempt{At: s.Now(), Account: f.Account, Service: f.Request.ClientName, Browser: meta.Browser, Address: meta.Address, Methods: "password", Outcome: "wrong_password"}
	if until.IsZero() {
		return s.History.RecordAttempt(ctx, at, nil, nil)
	}
	at.Outcome = "locked"
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

// note writes how a flow went into the person's history.
func (s *Service) note(ctx context.Context, f Flow, outcome string) error {
	return s.History.RecordAttempt(ctx, Attempt{At: s.Now(), Account: f.Account, Service: f.Request.ClientName, Methods: string(f.Method), Outcome: outcome}, nil, nil)
}
