package profile

import "context"

// Step is a version together with what it changed of the one before.
type Step struct {
	Version
	Changes []Change
}

// History gives a person's versions before a number (0: all), the newest first, at most
// VersionsShown, and whether there are older ones.
func (s *Service) History(ctx context.Context, personID string, before int64) ([]Step, bool, error) {
	list, err := s.Store.ProfileVersions(ctx, personID, before, VersionsShown+1)
	if err != nil {
		return nil, false, err
	}
	steps := stepsOf(list)
	if len(steps) > VersionsShown {
		return steps[:VersionsShown], true, nil
	}
	return steps, false, nil
}

// VersionOf gives one version of a person's profile. ErrNoVersion.
func (s *Service) VersionOf(ctx context.Context, personID string, number int64) (Step, error) {
	if number < 1 {
		return Step{}, ErrNoVersion
	}
	list, err := s.Store.ProfileVersions(ctx, personID, number+1, 2)
	if err != nil || len(list) == 0 || list[0].Profile.Version != number {
		if err == nil {
			err = ErrNoVersion
		}
		return Step{}, err
	}
	return stepsOf(list)[0], nil
}

// stepsOf says what each version changed of the one that follows it in the list, the last one of
// an empty profile.
func stepsOf(list []Version) []Step {
	out := make([]Step, len(list))
	for i, v := range list {
		var before Profile
		if i+1 < len(list) {
			before = list[i+1].Profile
		}
		out[i] = Step{v, Changes(before.Fields(), v.Fields())}
	}
	return out
}
