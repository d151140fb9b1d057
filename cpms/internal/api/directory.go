package api

import (
	"context"
	"slices"
	"strings"

	"eulogin.example/cpms/internal/network"
	cpmsv1 "eulogin.example/proto/cpms/v1"
)

// directory implements cpms.v1.Directory.
type directory struct {
	cpmsv1.UnimplementedDirectoryServer
	*API
}

// ListNetworks gives the networks.
func (s *directory) ListNetworks(context.Context, *cpmsv1.ListNetworksRequest) (*cpmsv1.ListNetworksResponse, error) {
	out := &cpmsv1.ListNetworksResponse{}
	for _, n := range network.All() {
		out.Networks = append(out.Networks, &cpmsv1.Network{Slug: n.Slug, Code: n.Code, Name: n.Name(), Helpdesk: n.Helpdesk, Closed: n.Closed})
	}
	return out, nil
}

// ListHospitals gives the hospitals that can be chosen.
func (s *directory) ListHospitals(ctx context.Context, r *cpmsv1.ListHospitalsRequest) (*cpmsv1.ListHospitalsResponse, error) {
	after, err := s.place(ctx, r.GetPageToken(), r.GetCountry(), r.GetNetwork())
	if err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(network.Hospitals(), func(h network.Hospital) bool {
		return r.GetCountry() != "" && h.Country != r.GetCountry() || r.GetNetwork() != "" && !slices.Contains(h.Networks, r.GetNetwork())
	})
	slices.SortFunc(list, func(a, b network.Hospital) int { return strings.Compare(a.ID, b.ID) })
	page, last, err := cut(list, after, r.GetPageSize(), func(h network.Hospital) string { return h.ID })
	if err != nil {
		return nil, err
	}
	out := &cpmsv1.ListHospitalsResponse{NextPageToken: s.pageToken(ctx, last, r.GetCountry(), r.GetNetwork())}
	for _, h := range page {
		out.Hospitals = append(out.Hospitals, &cpmsv1.Hospital{Id: h.ID, Country: h.Country, Name: h.Name, Networks: h.Networks})
	}
	return out, nil
}
