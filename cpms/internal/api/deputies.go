package api

import (
	"context"

	"eulogin.example/cpms/internal/access"
	cpmsv1 "eulogin.example/proto/cpms/v1"
)

// deputiesMost is how many deputies one answer names.
const deputiesMost = 100

// ListDeputies gives one's own deputies and whose deputy one is.
func (s *requests) ListDeputies(ctx context.Context, _ *cpmsv1.ListDeputiesRequest) (*cpmsv1.ListDeputiesResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.Access.Store.DeputiesOf(ctx, p.ID, s.Now(), deputiesMost)
	if err != nil {
		return nil, err
	}
	out := &cpmsv1.ListDeputiesResponse{}
	for _, d := range list {
		absent, err := s.Access.Store.PersonByID(ctx, d.CoordinatorID)
		if err != nil {
			return nil, err
		}
		stands, err := s.Access.Store.PersonByID(ctx, d.DeputyID)
		if err != nil {
			return nil, err
		}
		out.Deputies = append(out.Deputies, &cpmsv1.Deputy{
			Id: d.ID, Network: d.Network, Coordinator: absent.Name(), Deputy: stands.Name(), StartsAt: stamp(d.From), EndsAt: stamp(d.Until),
		})
	}
	return out, nil
}

// NameDeputy gives somebody one's desk for some days.
func (s *requests) NameDeputy(ctx context.Context, r *cpmsv1.NameDeputyRequest) (*cpmsv1.NameDeputyResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	st, acr := strength(ctx)
	d, err := s.Access.NameDeputy(ctx, p, access.Absence{Network: r.GetNetwork(), Email: r.GetEmail(), From: r.GetStartsAt().AsTime(), Until: r.GetEndsAt().AsTime()}, st, acr)
	if err != nil {
		return nil, err
	}
	return &cpmsv1.NameDeputyResponse{Id: d.ID}, nil
}

// EndDeputy takes it back; the absent coordinator and the deputy may.
func (s *requests) EndDeputy(ctx context.Context, r *cpmsv1.EndDeputyRequest) (*cpmsv1.EndDeputyResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	_, acr := strength(ctx)
	return &cpmsv1.EndDeputyResponse{}, s.Access.EndDeputy(ctx, p, r.GetId(), false, acr)
}
