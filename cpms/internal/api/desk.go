package api

import (
	"context"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	cpmsv1 "eulogin.example/proto/cpms/v1"
)

// ListQueue gives the requests that the person may decide about.
func (s *requests) ListQueue(ctx context.Context, r *cpmsv1.ListQueueRequest) (*cpmsv1.ListQueueResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	filter := []string{r.GetState(), r.GetNetwork(), r.GetRole(), r.GetText()}
	after, err := s.place(ctx, r.GetPageToken(), filter...)
	if err != nil {
		return nil, err
	}
	q, err := s.Access.Queue(ctx, p, access.Filter{State: r.GetState(), Network: r.GetNetwork(), Role: r.GetRole(), Text: r.GetText(), After: access.ParseCursor(after)})
	if err != nil {
		return nil, err
	}
	out := &cpmsv1.ListQueueResponse{NextPageToken: s.pageToken(ctx, q.Next.String(), filter...)}
	for _, row := range q.Rows {
		out.Requests = append(out.Requests, listed(row))
	}
	return out, nil
}

// file reads a request for somebody at its desk, with who asks.
func (s *requests) file(ctx context.Context, id string) (by, asks person.Person, q access.Request, err error) {
	if by, err = s.person(ctx); err != nil {
		return by, asks, q, err
	}
	if q, _, err = s.Access.ForDesk(ctx, by, id); err != nil {
		return by, asks, q, err
	}
	asks, err = s.Access.Store.PersonByID(ctx, q.PersonID)
	return by, asks, q, err
}

// Review gives one request with who asks; that somebody looked is written down first.
func (s *requests) Review(ctx context.Context, r *cpmsv1.ReviewRequest) (*cpmsv1.ReviewResponse, error) {
	by, asks, q, err := s.file(ctx, r.GetId())
	if err != nil {
		return nil, err
	}
	_, acr := strength(ctx)
	if err := s.Access.Looked(ctx, by, q, acr); err != nil {
		return nil, err
	}
	prof, err := s.Profiles.Of(ctx, asks.ID)
	if err != nil {
		return nil, err
	}
	out := &cpmsv1.ReviewResponse{Request: told(q), Name: asks.Name(), Email: asks.Email, Profile: described(prof)}
	g, err := s.Access.GrantFrom(ctx, q)
	if err != nil {
		return nil, err
	}
	if g != nil {
		out.Access = s.granted(*g)
	}
	return out, nil
}

var verdicts = map[cpmsv1.Verdict]access.Command{
	cpmsv1.Verdict_VERDICT_APPROVE: access.Approve, cpmsv1.Verdict_VERDICT_ASK: access.AskMore, cpmsv1.Verdict_VERDICT_REJECT: access.Reject,
}

// Decide decides about a request.
func (s *requests) Decide(ctx context.Context, r *cpmsv1.DecideRequest) (*cpmsv1.DecideResponse, error) {
	by, asks, q, err := s.file(ctx, r.GetId())
	if err != nil {
		return nil, err
	}
	st, acr := strength(ctx)
	done, err := s.Access.Decide(ctx, by, asks, q.ID, r.GetVersion(), access.Decision{Do: verdicts[r.GetVerdict()], Text: r.GetText()}, st, acr)
	if err != nil {
		return nil, err
	}
	return &cpmsv1.DecideResponse{Request: told(done)}, nil
}

// Revoke takes back the access that a request led to.
func (s *requests) Revoke(ctx context.Context, r *cpmsv1.RevokeRequest) (*cpmsv1.RevokeResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	st, acr := strength(ctx)
	return &cpmsv1.RevokeResponse{}, s.Access.Revoke(ctx, p, r.GetId(), r.GetVersion(), r.GetReason(), st, acr)
}
