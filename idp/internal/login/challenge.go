package login

import (
	"context"
	"errors"
	"slices"
	"time"

	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
)

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
	if !slices.Contains(v.Flow.Offered(), m) {
		return View{}, ErrMethod.WithField("method", "signin.method.unknown")
	}
	f, err := s.change(ctx, id, func(f *Flow) error {
		if f.Version != v.Flow.Version {
			return ErrPast // another tab was there: what was seen is not what is answered
		}
		if m == policy.Password || v.Step != Challenge { // "send again" leaves the open one until there is a new one
			f.undo(Challenge)
		}
		f.Method = m
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
	pending, err := s.Methods[f.Method].Start(ctx, Ask{FlowID: f.ID, Account: f.Account, ClientName: f.Request.ClientName, Browser: meta.Browser, Address: meta.Address})
	if err != nil {
		return v, err
	}
	version := f.Version
	f, err = s.change(ctx, f.ID, func(f *Flow) error {
		if f.Version != version {
			return ErrPast // the challenge went to the phone of a person who may not be named any more
		}
		f.Pending, f.Failed = &pending, ""
		return nil
	})
	if err != nil {
		return v, err
	}
	return s.view(ctx, f)
}

// collect takes over how an open challenge ended. The compare-and-swap makes one proof of
// one approval, however many tabs look at once.
func (s *Service) collect(ctx context.Context, f Flow) (Flow, error) {
	state, factor, err := s.Methods[f.Pending.Method].Poll(ctx, f.Pending.ID)
	if err != nil || state == Waiting {
		return f, err
	}
	asked, counted := f.Pending.ID, false
	fresh, err := s.change(ctx, f.ID, func(f *Flow) error {
		if counted = f.Pending != nil && f.Pending.ID == asked; counted {
			f.settle(state, factor, s.Now())
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

// settle ends the open challenge. An approval is dated no later than the challenge could be
// approved, however late the browser asks.
func (f *Flow) settle(state State, factor string, now time.Time) {
	p := f.Pending
	f.Pending, f.Failed = nil, ""
	switch state {
	case Proved:
		at := now
		if p.ExpiresAt.Before(now) {
			at = p.ExpiresAt
		}
		f.Proofs = append(f.Proofs, policy.Proof{Method: p.Method, FactorID: factor, At: at})
	case Denied:
		f.Refused, f.Failed = RefusedByPerson, string(Denied)
	case Waiting, Expired:
		f.Failed = string(Expired)
	}
}
