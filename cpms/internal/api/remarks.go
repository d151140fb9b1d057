package api

import (
	"context"
	"errors"

	"eulogin.example/cpms/internal/access"
	cpmsv1 "eulogin.example/proto/cpms/v1"
)

// ListRemarks gives the conversation about a request, as its requester or the desk sees it.
func (s *requests) ListRemarks(ctx context.Context, r *cpmsv1.ListRemarksRequest) (*cpmsv1.ListRemarksResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	q, err := s.Access.Own(ctx, p, r.GetId())
	var list []access.Remark
	switch {
	case err == nil:
		list, err = s.Access.Conversation(ctx, p, q)
	case errors.Is(err, access.ErrUnknown):
		if q, _, err = s.Access.ForDesk(ctx, p, r.GetId()); err == nil {
			list, _, err = s.Access.DeskConversation(ctx, p, q)
		}
	}
	if err != nil {
		return nil, err
	}
	out := &cpmsv1.ListRemarksResponse{}
	for _, m := range list {
		out.Remarks = append(out.Remarks, &cpmsv1.Remark{Id: m.ID, Side: string(m.Side), Kind: string(m.Kind), Private: m.Private, Text: m.Text, At: stamp(m.At)})
	}
	return out, nil
}

// WriteRemark adds a part: as the requester of one's own request, at the desk of others'.
func (s *requests) WriteRemark(ctx context.Context, r *cpmsv1.WriteRemarkRequest) (*cpmsv1.WriteRemarkResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	if !r.GetPrivate() {
		_, err = s.Access.Remark(ctx, p, r.GetId(), s.Access.NewRemarkID(), r.GetText())
		if !errors.Is(err, access.ErrUnknown) {
			return &cpmsv1.WriteRemarkResponse{}, err
		}
	}
	_, asks, _, err := s.file(ctx, r.GetId())
	if err != nil {
		return nil, err
	}
	st, acr := strength(ctx)
	_, err = s.Access.RemarkAtDesk(ctx, p, asks, r.GetId(), s.Access.NewRemarkID(), r.GetText(), r.GetPrivate(), st, acr)
	return &cpmsv1.WriteRemarkResponse{}, err
}

// ListReceipts gives the signed receipts of the decisions about a request.
func (s *requests) ListReceipts(ctx context.Context, r *cpmsv1.ListReceiptsRequest) (*cpmsv1.ListReceiptsResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.Access.Proofs(ctx, p, r.GetId())
	if err != nil {
		return nil, err
	}
	out := &cpmsv1.ListReceiptsResponse{}
	for _, f := range list {
		out.Receipts = append(out.Receipts, &cpmsv1.Receipt{Version: f.Version, At: stamp(f.At), Jws: f.JWS})
	}
	return out, nil
}
