package api

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	cpmsv1 "eulogin.example/proto/cpms/v1"
	"eulogin.example/proto/kit/bearer"
	"eulogin.example/proto/kit/wire"
)

// Server offers the same over gRPC (cpms.v1.AccessRequests).
type Server struct {
	cpmsv1.UnimplementedAccessRequestsServer
	API *API
}

// Needs says what each method wants of the token, for bearer.Guard.Unary.
var Needs = map[string]bearer.Need{
	cpmsv1.AccessRequests_ListMine_FullMethodName: look, cpmsv1.AccessRequests_SubmitDraft_FullMethodName: submitting,
}

// Allow lets these callers, by the names in their certificates, call in persons' names.
func Allow(callers []string) wire.Allow {
	out := wire.Allow{}
	for method := range Needs {
		out[method] = callers
	}
	return out
}

// person is who the token speaks for.
func (a *API) person(ctx context.Context) (person.Person, error) {
	t := bearer.From(ctx)
	return a.People.Get(ctx, t.Issuer, t.Subject)
}

// ListMine gives the person's access and requests.
func (s *Server) ListMine(ctx context.Context, _ *cpmsv1.ListMineRequest) (*cpmsv1.ListMineResponse, error) {
	p, err := s.API.person(ctx)
	if err != nil {
		return nil, err
	}
	grants, requests, err := s.API.of(ctx, p)
	if err != nil {
		return nil, err
	}
	out := &cpmsv1.ListMineResponse{}
	for _, g := range grants {
		out.Access = append(out.Access, &cpmsv1.Access{
			Id: g.ID, Network: g.Network, Role: g.Role, Hospital: g.Hospital, Status: string(g.Status(s.API.Now())), EndsAt: timestamppb.New(g.EndsAt),
		})
	}
	for _, q := range requests {
		out.Requests = append(out.Requests, told(q))
	}
	return out, nil
}

// SubmitDraft submits a draft as it is stored.
func (s *Server) SubmitDraft(ctx context.Context, r *cpmsv1.SubmitDraftRequest) (*cpmsv1.SubmitDraftResponse, error) {
	p, err := s.API.person(ctx)
	if err != nil {
		return nil, err
	}
	done, err := s.API.submitDraft(ctx, p, r.GetId(), r.GetVersion())
	if err != nil {
		return nil, err
	}
	return &cpmsv1.SubmitDraftResponse{Request: told(done)}, nil
}

func told(q access.Request) *cpmsv1.Request {
	return &cpmsv1.Request{Id: q.ID, Network: q.Network, Role: q.Role, State: string(q.State), Version: q.Version}
}
