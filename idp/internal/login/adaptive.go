package login

import (
	"context"
	"slices"

	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/session"
)

// Adapts reports whether the person may leave the password out here: it is the account's wish
// (domain.md row 20), known says that the account signed in with this browser before, and the
// app's approval alone is what the service accepts.
func (s *Service) Adapts(v View, known bool) bool {
	f := v.Flow
	if _, on := s.Methods[policy.AppAlone]; !on || !known || !f.Adaptive || v.Step != Password || f.Silent() {
		return false
	}
	mine := f.Account != "" && (f.Request.Account == "" || f.Request.Account == f.Account)
	return mine && slices.Contains(v.Usable, policy.AppPIN) && f.accepted().Accepts(policy.AppAlone)
}

// WithoutPassword asks the person's app in the place of the password; see Adapts.
func (s *Service) WithoutPassword(ctx context.Context, id, browser string, known bool, meta session.Meta) (View, error) {
	v, err := s.open(ctx, id, browser)
	if err != nil {
		return View{}, err
	}
	if !s.Adapts(v, known) {
		return View{}, ErrPast
	}
	pending, err := s.Methods[policy.AppAlone].Start(ctx, s.ask(v.Flow, v.Flow.Account, meta))
	if err != nil {
		return v, err
	}
	pending.Direct = true
	return s.pend(ctx, v, pending)
}

// pend opens a challenge in a flow that is as it was looked at.
func (s *Service) pend(ctx context.Context, v View, pending Pending) (View, error) {
	f, err := s.change(ctx, v.Flow.ID, func(f *Flow) error {
		if f.Version != v.Flow.Version {
			return ErrPast
		}
		f.Pending, f.Failed = &pending, ""
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.view(ctx, f)
}
