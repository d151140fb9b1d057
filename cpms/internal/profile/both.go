package profile

import "context"

// SaveBoth saves both pages as one version, over the one that was read, and gives the profile as
// it is then. Errors: ErrInvalid with fields, ErrChanged.
func (s *Service) SaveBoth(ctx context.Context, personID string, version int64, one Page1, two Page2) (Profile, error) {
	one.Tidy()
	two.Tidy()
	if err := one.Fits(); err != nil {
		return Profile{}, err
	}
	if err := two.Fits(); err != nil {
		return Profile{}, err
	}
	var saved Profile
	err := s.save(ctx, personID, version, func(p *Profile) {
		p.Page1, p.Page2 = one, two
		saved = *p
	})
	saved.Version = version + 1
	return saved, err
}
