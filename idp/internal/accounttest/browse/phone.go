package browse

import (
	"context"
	"sync/atomic"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
)

// Phone stands in for everybody's mobile device: the test answers on it.
type Phone struct {
	factors *accounttest.Factors
	now     func() time.Time
	state   atomic.Value // login.State
}

// Answer sets what the next look at the phone gives.
func (p *Phone) Answer(s login.State) { p.state.Store(s) }

// Proves implements login.Method.
func (p *Phone) Proves() []policy.Method { return []policy.Method{policy.AppPIN} }

// EnrolPath implements login.Method.
func (p *Phone) EnrolPath() string { return "/account/devices/add" }

// Enrolled implements login.Method.
func (p *Phone) Enrolled(ctx context.Context, id ident.AccountID) ([]policy.Method, error) {
	ok, err := p.factors.Enrolled(ctx, id)
	if err != nil || !ok {
		return nil, err
	}
	return p.Proves(), nil
}

// Start implements login.Method.
func (p *Phone) Start(context.Context, login.Ask) (login.Pending, error) {
	p.state.Store(login.Waiting)
	return login.Pending{Method: policy.AppPIN, ID: "push-1", ExpiresAt: p.now().Add(2 * time.Minute), Show: map[string]string{"number": "42"}}, nil
}

// Poll implements login.Method.
func (p *Phone) Poll(context.Context, string) (login.State, login.Proven, error) {
	return p.state.Load().(login.State), login.Proven{Method: policy.AppPIN, FactorID: "device-1"}, nil
}
