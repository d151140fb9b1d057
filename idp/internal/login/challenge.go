package login

import (
	"context"
	"errors"
	"slices"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/fault"
)

// NotEnrolled stands in Flow.Failed when the chosen method is one that the account lacks.
const NotEnrolled = "not_enrolled"

// ChooseMethod takes a verification method after the password, and opens its challenge; a
// further one replaces the open challenge ("send again"). With "password" the person goes on
// without a second factor where the service allows it.
func (s *Service) ChooseMethod(ctx context.Context, id, browser string, m policy.Method, meta session.Meta) (View, error) {
	return s.ChooseFactor(ctx, id, browser, m, "", meta)
}

// ChooseFactor is ChooseMethod with one factor of several; "" stays with the one chosen before.
// Whether it is the person's own, the method looks at.
func (s *Service) ChooseFactor(ctx context.Context, id, browser string, m policy.Method, factor string, meta session.Meta) (View, error) {
	v, err := s.open(ctx, id, browser)
	if err != nil {
		return View{}, err
	}
	if v.Step != ChooseMethod && v.Step != Challenge && v.Step != EnrolFirst && v.Step != LostFactor {
		return View{}, ErrPast
	}
	if !slices.Contains(v.Offered, m) {
		return View{}, ErrMethod.WithField("method", "signin.method.unknown")
	}
	again := v.Step == Challenge && v.Flow.Pending.Method == m
	f, err := s.change(ctx, id, func(f *Flow) error {
		if f.Version != v.Flow.Version {
			return ErrPast // another tab was there: what was seen is not what is answered
		}
		if !again { // "send again" leaves the open one until there is a new one
			f.undo(Challenge)
		}
		f.Method = m
		if ident.IsID(factor) {
			f.Factor = factor
		}
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.onward(ctx, f, meta)
}

// onward opens a challenge of the chosen method when that is what comes next.
func (s *Service) onward(ctx context.Context, f Flow, meta session.Meta) (View, error) {
	v, err := s.view(ctx, f)
	if err != nil || (v.Step != ChooseMethod && v.Step != Challenge) || s.Methods[f.Method] == nil {
		return v, err
	}
	var pending Pending
	failed := NotEnrolled
	if slices.Contains(v.Usable, f.Method) {
		failed = ""
		if pending, err = s.Methods[f.Method].Start(ctx, s.ask(f, f.Account, meta)); err != nil {
			return v, err
		}
	}
	version := f.Version
	f, err = s.change(ctx, f.ID, func(f *Flow) error {
		if f.Version != version {
			return ErrPast // the challenge went to the phone of a person who may not be named any more
		}
		f.Pending, f.Failed = &pending, failed
		if failed != "" {
			f.Pending = nil
		}
		return nil
	})
	if err != nil {
		return v, err
	}
	return s.view(ctx, f)
}

func (s *Service) ask(f Flow, who account.ID, meta session.Meta) Ask {
	return Ask{FlowID: f.ID, Account: who, ClientName: f.Request.ClientName, Browser: meta.Browser, Address: meta.Address, Binding: f.Browser, Factor: f.Factor}
}

// collect takes over how an open challenge ended. The compare-and-swap makes one proof of
// one approval, however many tabs look at once.
func (s *Service) collect(ctx context.Context, f Flow) (Flow, error) {
	state, proven := Waiting, Proven{}
	if polled, ok := s.Methods[f.Pending.Method].(Polled); ok {
		var err error
		if state, proven, err = polled.Poll(ctx, f.Pending.ID); err != nil {
			return f, err
		}
	}
	if state == Waiting && !s.Now().Before(f.Pending.ExpiresAt) {
		state = Expired
	}
	if state == Waiting {
		return f, nil
	}
	fresh, err := s.conclude(ctx, f, state, proven)
	if errors.Is(err, ErrChallengeOver) { // proved by somebody who may not be the one here
		return s.conclude(ctx, f, Expired, Proven{})
	}
	return fresh, err
}

// conclude ends the open challenge that was looked at, if it is still the open one.
func (s *Service) conclude(ctx context.Context, f Flow, state State, proven Proven) (Flow, error) {
	acc, err := s.whose(ctx, f, state, proven)
	if err != nil {
		return f, err
	}
	asked, counted := f.Pending.ID, false
	fresh, err := s.change(ctx, f.ID, func(f *Flow) error {
		if counted = f.Pending != nil && f.Pending.ID == asked; counted {
			f.settle(state, proven, acc, s.Now())
		}
		return nil
	})
	if errors.Is(err, ErrPast) { // another tab ended the flow meanwhile
		return s.flow(ctx, f.ID, f.Browser)
	}
	if err == nil && counted && state == Denied {
		err = s.History.RecordAttempt(ctx, s.attempt(fresh, session.Meta{}, DeniedOnPhone), nil, nil)
	}
	return fresh, err
}

// whose gives the account that a proof belongs to. A factor of somebody else, or a proof that
// the method never said it could give, is refused.
func (s *Service) whose(ctx context.Context, f Flow, state State, p Proven) (account.Account, error) {
	if state != Proved {
		return account.Account{}, nil
	}
	if !slices.Contains(s.Methods[f.Pending.Method].Proves(), p.Method) {
		return account.Account{}, ErrChallengeOver
	}
	if !f.Pending.Direct {
		if p.Account != "" && p.Account != f.Account {
			return account.Account{}, ErrChallengeOver
		}
		return account.Account{ID: f.Account}, nil
	}
	acc, err := s.Accounts.ByID(ctx, p.Account)
	if fault.KindOf(err) == fault.NotFound || err == nil && (!acc.Usable() || f.Request.Account != "" && f.Request.Account != acc.ID) {
		return account.Account{}, ErrChallengeOver
	}
	return acc, err
}

// settle ends the open challenge. An approval is dated no later than the challenge could be
// approved, however late the browser asks.
func (f *Flow) settle(state State, proven Proven, acc account.Account, now time.Time) {
	p := f.Pending
	f.Pending, f.Failed = nil, ""
	switch state {
	case Proved:
		if p.Direct && acc.ID != f.Account {
			f.name(acc)
		}
		at := now
		if p.ExpiresAt.Before(now) {
			at = p.ExpiresAt
		}
		f.Proofs = append(f.Proofs, policy.Proof{Method: proven.Method, FactorID: proven.FactorID, At: at})
	case Denied:
		f.Refused, f.Failed = RefusedByPerson, string(Denied)
	case Waiting, Expired:
		f.Failed = string(Expired)
	}
}
