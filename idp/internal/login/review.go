package login

import "context"

// Reviewed notes that the person saw what is about to happen and agreed. Cancel is the other
// answer.
func (s *Service) Reviewed(ctx context.Context, id, browser string) (View, error) {
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
		return nil
	})
	if err != nil {
		return View{}, err
	}
	return s.view(ctx, f)
}
