package login

import (
	"context"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

// ErrTooWeak says that what was shown is less than the service, or the person, wants at least.
var ErrTooWeak = fault.New(fault.Denied, "login.too_weak")

// Away is a sign-in in which no browser took part: a service asked, and the person answered on the
// phone (OpenID Connect CIBA).
type Away struct {
	SID     string // of the session that it becomes
	Account ident.AccountID
	Service string // its name
	Proof   policy.Proof
	Meta    session.Meta
}

// SignInAway opens the session of a sign-in without a browser and writes it down. It is held against
// the same policy as every other, and may be repeated after an interruption: there is one session
// and one line of history. Errors: ErrTooWeak, session.ErrNone for accounts that may not sign in.
func (s *Service) SignInAway(ctx context.Context, a Away, req policy.Requirement) (session.Session, policy.Decision, error) {
	acc, err := s.Accounts.ByID(ctx, a.Account)
	if err != nil {
		return session.Session{}, policy.Decision{}, err
	}
	if !acc.Usable() {
		return session.Session{}, policy.Decision{}, session.ErrNone
	}
	if acc.AlwaysMFA {
		req = req.Strengthen(policy.Medium)
	}
	proofs := []policy.Proof{a.Proof}
	d := policy.Evaluate(proofs, req, s.Now())
	if !d.Met {
		return session.Session{}, d, ErrTooWeak
	}
	_, sess, err := s.Sessions.Open(ctx, a.SID, a.Account, proofs, a.Meta) // nobody gets its cookie
	if err != nil {
		return session.Session{}, d, err
	}
	at := Attempt{
		ID: ident.Digest("signed in away " + a.SID)[:26], At: s.Now(), Account: a.Account, Service: a.Service, Browser: a.Meta.Browser, Address: a.Meta.Address,
		Methods: methodsOf(proofs), Level: d.Level.String(), Outcome: SignedIn,
	}
	return sess, d, s.History.RecordAttempt(ctx, at, []audit.Event{audit.SignedIn(a.Account, at.Service, at.Methods, at.Level)}, nil)
}
