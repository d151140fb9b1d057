package login

import (
	"context"
	"slices"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

// nobody stands in SID for a flow that makes no session.
const nobody = "-"

// Finished is a signed-in browser.
type Finished struct {
	Token   string // value of the new session cookie; "" when the browser's own is good
	Session session.Session
	Flow    Flow
}

// Finish makes the session of a flow whose step is Done. The cookie changes with every
// proof. token is the browser's present session cookie.
//
// It may be called again, by another tab or after an interruption: the flow draws its
// session's id once, the history has one line, and a browser that never got the cookie gets
// a new one.
func (s *Service) Finish(ctx context.Context, id, browser, token string, meta session.Meta) (Finished, error) {
	v, err := s.Look(ctx, id, browser)
	if err != nil {
		return Finished{}, err
	}
	if v.Flow.finished() {
		return s.again(ctx, v.Flow, token)
	}
	if v.Step != Done {
		return Finished{}, ErrPast
	}
	if v.Flow.Silent() {
		return s.end(ctx, v.Flow, session.Session{ID: nobody, Account: v.Flow.Account, Proofs: v.Flow.Proofs}, "")
	}
	fresh, sess, f, err := s.establish(ctx, v.Flow, token, meta)
	if err != nil {
		return Finished{}, err
	}
	at := s.attempt(f, meta, SignedIn)
	at.ID, at.Methods, at.Level = ident.Digest("signed in " + f.ID + sess.ID)[:26], methodsOf(f.All()), v.Decision.Level.String()
	tell, err := s.tell(ctx, f, at, meta)
	if err != nil {
		return Finished{}, err
	}
	if err := s.History.RecordAttempt(ctx, at, []audit.Event{audit.SignedIn(f.Account, at.Service, at.Methods, at.Level)}, tell); err != nil {
		return Finished{}, err
	}
	if err := s.found(ctx, f); err != nil {
		return Finished{}, err
	}
	done, err := s.end(ctx, f, sess, fresh)
	if err == nil || fault.KindOf(err) != fault.Conflict {
		return done, err
	}
	if now, lerr := s.flow(ctx, id, browser); lerr == nil && now.SID == sess.ID {
		return Finished{Token: fresh, Session: sess, Flow: now}, nil // another tab was first
	}
	return Finished{}, err
}

// tell is the mail about a sign-in from a browser that is new for the account, for people who
// want it.
func (s *Service) tell(ctx context.Context, f Flow, at Attempt, meta session.Meta) ([]notify.Message, error) {
	if !meta.New {
		return nil, nil
	}
	acc, err := s.Accounts.ByID(ctx, f.Account)
	if err != nil || !acc.TellSignIn {
		return nil, err
	}
	return []notify.Message{notify.SignedInAnew(acc.Person(), at.At, at.Browser+", "+at.Address, s.HistoryURL)}, nil
}

// found tells whoever waits for it that a second factor was shown in this flow.
func (s *Service) found(ctx context.Context, f Flow) error {
	factor := func(p policy.Proof) bool { return p.Method != policy.Password && !policy.Recovers(p.Method) }
	if s.FactorShown == nil || !slices.ContainsFunc(f.Proofs, factor) {
		return nil
	}
	return s.FactorShown(ctx, f.Account)
}

// establish draws the session's id into the flow, and opens that session with the flow's
// proofs: the living one that the flow goes on from, or a new one. Without any new proof the
// living one stays as it is.
func (s *Service) establish(ctx context.Context, f Flow, token string, meta session.Meta) (string, session.Session, Flow, error) {
	named := f.Named
	f, err := s.change(ctx, f.ID, func(f *Flow) error {
		if f.Named != named {
			return ErrPast
		}
		if f.Claim == "" {
			f.Claim = f.Session
		}
		if f.Claim == "" {
			f.Claim = s.Sessions.NewID()
		}
		return nil
	})
	if err != nil {
		return "", session.Session{}, f, err
	}
	acc, err := s.Accounts.ByID(ctx, f.Account)
	if err != nil {
		return "", session.Session{}, f, err
	}
	if !acc.Usable() {
		return "", session.Session{}, f, ErrPast
	}
	if own, err := s.Sessions.ByToken(ctx, token); len(f.Proofs) == 0 && err == nil && own.ID == f.Claim {
		return "", own, f, nil
	}
	fresh, sess, err := s.Sessions.Open(ctx, f.Claim, f.Account, f.All(), meta)
	return fresh, sess, f, err
}

// end gives the flow its outcome, if nobody else was named since.
func (s *Service) end(ctx context.Context, was Flow, sess session.Session, token string) (Finished, error) {
	f, err := s.change(ctx, was.ID, func(f *Flow) error {
		if f.Named != was.Named || f.Account != sess.Account {
			return ErrPast
		}
		f.SID, f.Proofs, f.Carried = sess.ID, sess.Proofs, nil
		return nil
	})
	return Finished{Token: token, Session: sess, Flow: f}, err
}

// again answers a browser that comes back to a flow that is over.
func (s *Service) again(ctx context.Context, f Flow, token string) (Finished, error) {
	if f.Refused != "" || f.SID == nobody {
		return Finished{Flow: f}, nil
	}
	if own, err := s.Sessions.ByToken(ctx, token); err == nil && own.ID == f.SID {
		return Finished{Session: own, Flow: f}, nil
	}
	fresh, sess, err := s.Sessions.Renew(ctx, f.SID)
	if fault.KindOf(err) == fault.Unauthenticated { // signed out meanwhile
		return Finished{Flow: f}, nil
	}
	return Finished{Token: fresh, Session: sess, Flow: f}, err
}

// Enrol opens a session with what was proved so far, so that a person without a second
// factor can add one on the way; the flow goes on from that session afterwards.
func (s *Service) Enrol(ctx context.Context, id, browser, token string, meta session.Meta) (Finished, error) {
	v, err := s.open(ctx, id, browser)
	if err != nil {
		return Finished{}, err
	}
	if v.Step != EnrolFirst || v.Decision.Level < policy.Basic {
		return Finished{}, ErrPast
	}
	fresh, sess, f, err := s.establish(ctx, v.Flow, token, meta)
	if err != nil {
		return Finished{}, err
	}
	f, err = s.change(ctx, id, func(now *Flow) error {
		if now.Named != f.Named {
			return ErrPast
		}
		now.Session, now.Carried, now.Proofs = sess.ID, sess.Proofs, nil
		return nil
	})
	return Finished{Token: fresh, Session: sess, Flow: f}, err
}
