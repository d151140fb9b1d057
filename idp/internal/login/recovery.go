package login

import (
	"context"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// Recovery lets a person show the second factor of one given account while the password is
// lost: the same machine, with only that step. It signs nobody in, and the mailed link that
// led here is worth nothing as a proof (security case 1). It meets recover.Prover.
type Recovery struct{ *Service }

// ErrNotProved says that the recovery ended without the factor.
var ErrNotProved = fault.New(fault.Denied, "login.not_proved")

// Begin starts the proof in this browser and gives the address to go to. The person comes
// back to returnPath with the flow's id as parameter "id".
func (r Recovery) Begin(ctx context.Context, id ident.AccountID, browser, returnPath string) (string, error) {
	flow, err := r.Service.Begin(ctx, Request{Kind: KindRecover, Account: id, ReturnURL: returnPath}, browser, nil)
	return "/login?flow=" + flow, err
}

// Proved says, once, whose factor was shown and when. ErrNotProved when the person gave up or
// refused; any other flow than a recovery is ErrUnknown and stays as it is.
func (r Recovery) Proved(ctx context.Context, flow, browser string) (ident.AccountID, time.Time, error) {
	return r.takeProof(ctx, flow, browser, KindRecover, func(m policy.Method) bool { return m != policy.Password })
}

// takeProof takes the outcome of a flow that signs nobody in, if a proof of the right method was
// shown in it.
func (s *Service) takeProof(ctx context.Context, flow, browser, kind string, right func(policy.Method) bool) (ident.AccountID, time.Time, error) {
	f, err := s.flow(ctx, flow, browser)
	if err != nil {
		return "", time.Time{}, err
	}
	if f.Request.Kind != kind {
		return "", time.Time{}, ErrUnknown
	}
	o, err := s.Outcome(ctx, flow, browser)
	if err != nil {
		return "", time.Time{}, err
	}
	if o.Refused == "" {
		for _, p := range o.Proofs {
			if right(p.Method) {
				return o.Account, p.At, nil
			}
		}
	}
	return "", time.Time{}, ErrNotProved
}
