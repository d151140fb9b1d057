package rpc

import (
	"context"
	"errors"

	"google.golang.org/grpc/status"

	"eulogin.example/cpms/internal/inbox"
	cpmsv1 "eulogin.example/proto/cpms/v1"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/wire"
)

// Allow says who may call what; everything else is denied.
var Allow = wire.Allow{cpmsv1.AccountEvents_Deliver_FullMethodName: {"idp"}, cpmsv1.Subjects_Export_FullMethodName: {"idp"}}

// Server implements cpms.v1.
type Server struct {
	cpmsv1.UnimplementedAccountEventsServer
	Inbox *inbox.Service
}

// Deliver takes one event. After a gap it answers FAILED_PRECONDITION with a DeliverResponse
// as a detail: the last sequence that is applied.
func (s *Server) Deliver(ctx context.Context, r *cpmsv1.DeliverRequest) (*cpmsv1.DeliverResponse, error) {
	e := inbox.Event{
		ID: r.GetEventId(), Issuer: r.GetIssuer(), Subject: r.GetSubject(), Sequence: int64(r.GetSequence()), At: r.GetOccurredAt().AsTime(),
	}
	switch v := r.GetEvent().(type) {
	case *cpmsv1.DeliverRequest_EmailChanged:
		e.Kind, e.Email = inbox.EmailChanged, v.EmailChanged.GetEmail()
	case *cpmsv1.DeliverRequest_NameChanged:
		e.Kind, e.GivenName, e.FamilyName = inbox.NameChanged, v.NameChanged.GetGivenName(), v.NameChanged.GetFamilyName()
	case *cpmsv1.DeliverRequest_FactorsReset:
		e.Kind = inbox.FactorsReset
	case *cpmsv1.DeliverRequest_Locked:
		e.Kind = inbox.Locked
	case *cpmsv1.DeliverRequest_Disabled:
		e.Kind = inbox.Disabled
	case *cpmsv1.DeliverRequest_Erased:
		e.Kind = inbox.Erased
	case *cpmsv1.DeliverRequest_SessionEnded:
		e.Kind, e.SID = inbox.SessionEnded, v.SessionEnded.GetSid()
	default:
		e.Kind = "unknown" // a newer idp's: it counts, and means nothing here
	}
	last, err := s.Inbox.Apply(ctx, e)
	if errors.Is(err, inbox.ErrGap) {
		return nil, gap(last)
	}
	if err != nil {
		return nil, err
	}
	return &cpmsv1.DeliverResponse{LastSequence: uint64(last)}, nil
}

// gap is inbox.ErrGap as a status that also says where the sender has to go on.
func gap(last int64) error {
	st := status.Convert(fault.ToGRPC(inbox.ErrGap))
	with, err := st.WithDetails(&cpmsv1.DeliverResponse{LastSequence: uint64(last)})
	if err != nil {
		return st.Err()
	}
	return with.Err()
}
