package login

import (
	"context"

	"eulogin.example/idp/internal/ident"
)

// bars reports whether the sign-in is for members of groups that the person is in none of. It is told
// only to who has shown everything else, and looked up each time.
func (s *Service) bars(ctx context.Context, f Flow, facts Facts) (bool, error) {
	if len(f.Request.Groups) == 0 || f.finished() || f.Account == "" || !facts.reached() {
		return false, nil
	}
	acc, err := s.Accounts.ByID(ctx, f.Account)
	return !ident.InAny(acc.Groups, f.Request.Groups), err
}

// asks reports whether the person has to agree before the service is told anything. It is looked up
// each time, and only when everything else is there: what was withdrawn meanwhile counts.
func (s *Service) asks(ctx context.Context, f Flow, facts Facts) (bool, error) {
	r := f.Request.Release
	if r == nil || f.Agreed != nil || f.finished() || f.Account == "" || !facts.reached() {
		return false, nil
	}
	return s.Consents.Asks(ctx, f.Account, f.Request.ClientID, *r)
}

// Reviewed notes that the person saw what is about to happen and agreed; ticked is what the service
// may be told of what it can do without. Cancel is the other answer.
func (s *Service) Reviewed(ctx context.Context, id, browser string, ticked []string) (View, error) {
	v, err := s.open(ctx, id, browser)
	if err != nil {
		return View{}, err
	}
	if v.Step != Review {
		return View{}, ErrPast
	}
	f, err := s.change(ctx, id, func(f *Flow) error {
		if f.Version != v.Flow.Version {
			return ErrPast // another person may be named by now
		}
		f.Reviewed = true
		if v.Asks {
			f.Agreed = f.Request.Release.Agree(s.Now(), ticked)
		}
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.view(ctx, f)
}
