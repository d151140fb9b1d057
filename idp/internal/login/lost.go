package login

import (
	"context"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
)

// Lost lets a person show the password of an account whose second factor is lost: the same
// machine with only that step and the same limits. It signs nobody in. It meets
// lostfactor.Prover.
type Lost struct{ *Service }

// Begin starts the proof in this browser and gives the address to go to. The person comes back
// to returnPath with the flow's id as parameter "id".
func (l Lost) Begin(ctx context.Context, browser, returnPath string) (string, error) {
	flow, err := l.Service.Begin(ctx, Request{Kind: KindLost, ReturnURL: returnPath}, browser, nil)
	return "/login?flow=" + flow, err
}

// Proved says, once, whose password was shown and when. ErrNotProved when the person gave up;
// any other flow is ErrUnknown and stays as it is.
func (l Lost) Proved(ctx context.Context, flow, browser string) (ident.AccountID, time.Time, error) {
	return l.takeProof(ctx, flow, browser, KindLost, func(m policy.Method) bool { return m == policy.Password })
}
