package api

import (
	"context"

	"eulogin.example/cpms/internal/access"
	cpmsv1 "eulogin.example/proto/cpms/v1"
)

// requests implements cpms.v1.AccessRequests: one's own here, the desk's in desk.go.
type requests struct {
	cpmsv1.UnimplementedAccessRequestsServer
	*API
}

// ListMine gives the person's access and requests.
func (s *requests) ListMine(ctx context.Context, r *cpmsv1.ListMineRequest) (*cpmsv1.ListMineResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	after, err := s.place(ctx, r.GetPageToken())
	if err != nil {
		return nil, err
	}
	grants, err := s.Access.Store.GrantsOf(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	list, err := s.Access.Store.RequestsOf(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	page, last, err := cut(list, after, r.GetPageSize(), func(q access.Request) string { return q.ID })
	if err != nil {
		return nil, err
	}
	out := &cpmsv1.ListMineResponse{NextPageToken: s.pageToken(ctx, last)}
	for _, g := range grants {
		out.Access = append(out.Access, s.granted(g))
	}
	for _, q := range page {
		out.Requests = append(out.Requests, listed(q))
	}
	return out, nil
}

// ReadMine gives one request of the person.
func (s *requests) ReadMine(ctx context.Context, r *cpmsv1.ReadMineRequest) (*cpmsv1.ReadMineResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	q, err := s.Access.Own(ctx, p, r.GetId())
	if err != nil {
		return nil, err
	}
	return &cpmsv1.ReadMineResponse{Request: told(q)}, nil
}

// SaveDraft keeps a request that is not submitted yet.
func (s *requests) SaveDraft(ctx context.Context, r *cpmsv1.SaveDraftRequest) (*cpmsv1.SaveDraftResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	form := typed(r.GetDraft())
	form.ID, form.Version = r.GetId(), r.GetVersion()
	q, err := s.Access.SaveDraft(ctx, p, form)
	if err != nil {
		return nil, err
	}
	return &cpmsv1.SaveDraftResponse{Request: told(q)}, nil
}

// SubmitDraft submits a draft as it is stored, with the strength that the token tells.
func (s *requests) SubmitDraft(ctx context.Context, r *cpmsv1.SubmitDraftRequest) (*cpmsv1.SubmitDraftResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	q, err := s.Access.Own(ctx, p, r.GetId())
	if err != nil {
		return nil, err
	}
	prof, err := s.Profiles.Of(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	q.Version = r.GetVersion()
	st, acr := strength(ctx)
	done, err := s.Access.Submit(ctx, p, q, prof.Complete(), st, acr)
	if err != nil {
		return nil, err
	}
	return &cpmsv1.SubmitDraftResponse{Request: told(done)}, nil
}

// Answer answers the coordinator's question.
func (s *requests) Answer(ctx context.Context, r *cpmsv1.AnswerRequest) (*cpmsv1.AnswerResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	q, err := s.Access.Answer(ctx, p, r.GetId(), r.GetVersion(), r.GetText())
	if err != nil {
		return nil, err
	}
	return &cpmsv1.AnswerResponse{Request: told(q)}, nil
}

// Withdraw takes a request back.
func (s *requests) Withdraw(ctx context.Context, r *cpmsv1.WithdrawRequest) (*cpmsv1.WithdrawResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	q, err := s.Access.Withdraw(ctx, p, r.GetId(), r.GetVersion())
	if err != nil {
		return nil, err
	}
	return &cpmsv1.WithdrawResponse{Request: told(q)}, nil
}

// GiveBack ends one's own access.
func (s *requests) GiveBack(ctx context.Context, r *cpmsv1.GiveBackRequest) (*cpmsv1.GiveBackResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	_, acr := strength(ctx)
	return &cpmsv1.GiveBackResponse{}, s.Access.GiveBack(ctx, p, r.GetId(), acr)
}

// Extend gives the draft that asks for more of access that ends soon.
func (s *requests) Extend(ctx context.Context, r *cpmsv1.ExtendRequest) (*cpmsv1.ExtendResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	q, err := s.Access.Extension(ctx, p, r.GetId())
	if err != nil {
		return nil, err
	}
	return &cpmsv1.ExtendResponse{Request: told(q)}, nil
}
