package login

import (
	"context"

	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// Outcome gives the end of a flow, once, to the browser that went through it. The policy is
// held against the session's proofs again at this moment. A sign-in whose session has ended
// or whose account may not sign in any more is refused as RefusedNoLogin.
func (s *Service) Outcome(ctx context.Context, id, browser string) (Outcome, error) {
	f, err := s.flow(ctx, id, browser)
	if err != nil {
		return Outcome{}, err
	}
	if !f.finished() {
		return Outcome{}, ErrUnfinished
	}
	o, err := s.outcome(ctx, f)
	if err != nil {
		return Outcome{}, err // nothing is taken: the same may be asked again
	}
	if _, err := kv.TakeJSON[Flow](ctx, s.KV, flowKey(id)); err != nil {
		return Outcome{}, unknown(err)
	}
	return o, nil
}

// outcome weighs a flow that is over; such a flow does not change any more.
func (s *Service) outcome(ctx context.Context, f Flow) (Outcome, error) {
	o := Outcome{Request: f.Request, Refused: f.Refused, Account: f.Account, Proofs: f.Proofs, Agreed: f.Agreed}
	if o.Refused != "" {
		return o, nil
	}
	acc, err := s.Accounts.ByID(ctx, f.Account)
	if err != nil {
		return Outcome{}, err
	}
	if f.SID != nobody {
		o.Session, err = s.Sessions.ByID(ctx, f.SID)
		if err != nil && fault.KindOf(err) != fault.Unauthenticated {
			return Outcome{}, err
		}
		o.Proofs, f.Proofs = o.Session.Proofs, o.Session.Proofs
	}
	if !acc.Usable() || (f.SID != nobody && o.Session.Account != f.Account) {
		o.Refused = RefusedNoLogin
		return o, nil
	}
	facts := f.facts(nil, nil, s.Now())
	o.Decision = facts.Decision
	if !facts.reached() || (f.Request.Account != "" && f.Request.Account != f.Account) {
		o.Refused = RefusedUnmet
	}
	return o, nil
}
