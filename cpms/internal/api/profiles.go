package api

import (
	"context"

	cpmsv1 "eulogin.example/proto/cpms/v1"
)

// profiles implements cpms.v1.GuestProfiles.
type profiles struct {
	cpmsv1.UnimplementedGuestProfilesServer
	*API
}

// ReadProfile gives the profile of the person.
func (s *profiles) ReadProfile(ctx context.Context, _ *cpmsv1.ReadProfileRequest) (*cpmsv1.ReadProfileResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	prof, err := s.Profiles.Of(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	edition, _, accepted, err := s.Access.Terms(ctx, p)
	if err != nil {
		return nil, err
	}
	return &cpmsv1.ReadProfileResponse{Profile: described(prof), Version: prof.Version, Complete: prof.Complete(), TermsVersion: edition.ID, TermsAccepted: accepted}, nil
}

// SaveProfile saves both pages as one version.
func (s *profiles) SaveProfile(ctx context.Context, r *cpmsv1.SaveProfileRequest) (*cpmsv1.SaveProfileResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	one, two := filled(r.GetProfile())
	prof, err := s.Profiles.SaveBoth(ctx, p.ID, r.GetVersion(), one, two)
	if err != nil {
		return nil, err
	}
	return &cpmsv1.SaveProfileResponse{Version: prof.Version, Complete: prof.Complete()}, nil
}
