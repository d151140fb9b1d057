package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/plain"
	cpmsv1 "eulogin.example/proto/cpms/v1"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/wire"
)

// The limits of the service.
const (
	nameMax      = 255         // characters of a subject, network or action
	questionsMax = 100         // of one EvaluateMany
	feedBatch    = 500         // events that are read at once
	feedEvery    = time.Second // how often a watch looks for more
)

var (
	errQuestion = fault.New(fault.Invalid, "evaluate.invalid")
	errWatch    = fault.New(fault.Invalid, "watch.invalid")
)

// AllowGrants lets these callers, by the names in their certificates, ask about anybody.
func AllowGrants(callers []string) wire.Allow {
	return wire.Allow{
		cpmsv1.Grants_Evaluate_FullMethodName: callers, cpmsv1.Grants_EvaluateMany_FullMethodName: callers, cpmsv1.Grants_Watch_FullMethodName: callers,
	}
}

// Grants implements cpms.v1.Grants.
type Grants struct {
	cpmsv1.UnimplementedGrantsServer
	Evaluator *access.Evaluator
	Feed      access.Feed
	Issuer    string // of subjects whose issuer is not named
}

// Evaluate answers one question.
func (s *Grants) Evaluate(ctx context.Context, r *cpmsv1.EvaluateRequest) (*cpmsv1.EvaluateResponse, error) {
	for _, v := range []string{r.GetSubject(), r.GetNetwork(), r.GetAction()} {
		if v == "" || !plain.Line(v, nameMax) {
			return nil, errQuestion
		}
	}
	if !plain.Line(r.GetIssuer(), nameMax) {
		return nil, errQuestion
	}
	q := access.Question{Issuer: r.GetIssuer(), Subject: r.GetSubject(), Network: r.GetNetwork(), Action: access.Action(r.GetAction())}
	if q.Issuer == "" {
		q.Issuer = s.Issuer
	}
	a, err := s.Evaluator.Answer(ctx, q)
	if err != nil {
		return nil, err
	}
	out := &cpmsv1.EvaluateResponse{Decision: a.Allowed, Reason: string(a.Reason)}
	if !a.Until.IsZero() {
		out.Until = timestamppb.New(a.Until)
	}
	return out, nil
}

// EvaluateMany answers several questions in their order.
func (s *Grants) EvaluateMany(ctx context.Context, r *cpmsv1.EvaluateManyRequest) (*cpmsv1.EvaluateManyResponse, error) {
	if len(r.GetQuestions()) == 0 || len(r.GetQuestions()) > questionsMax {
		return nil, errQuestion
	}
	out := &cpmsv1.EvaluateManyResponse{}
	for _, q := range r.GetQuestions() {
		a, err := s.Evaluate(ctx, q)
		if err != nil {
			return nil, err
		}
		out.Answers = append(out.Answers, a)
	}
	return out, nil
}

var kinds = map[access.ChangeKind]cpmsv1.Change{
	access.AccessGiven: cpmsv1.Change_CHANGE_GIVEN, access.AccessEnded: cpmsv1.Change_CHANGE_ENDED, access.AccessSuspended: cpmsv1.Change_CHANGE_SUSPENDED,
	access.AccessResumed: cpmsv1.Change_CHANGE_RESUMED, access.AccessErased: cpmsv1.Change_CHANGE_ERASED,
}

// Watch tells changes until the caller goes away.
func (s *Grants) Watch(r *cpmsv1.WatchRequest, out grpc.ServerStreamingServer[cpmsv1.WatchResponse]) error {
	ctx := out.Context()
	at, err := s.Feed.Position(ctx)
	if err != nil {
		return err
	}
	if r.After != nil {
		if r.GetAfter() < 0 || r.GetAfter() > at {
			return errWatch
		}
		at = r.GetAfter()
	}
	if err := out.Send(&cpmsv1.WatchResponse{Sequence: at, Change: cpmsv1.Change_CHANGE_POSITION, At: timestamppb.New(s.Evaluator.Now())}); err != nil {
		return err
	}
	tick := time.NewTicker(feedEvery)
	defer tick.Stop()
	for {
		if at, err = s.tell(ctx, at, out); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// tell sends everything after a number, and gives the number of the last event.
func (s *Grants) tell(ctx context.Context, at int64, out grpc.ServerStreamingServer[cpmsv1.WatchResponse]) (int64, error) {
	for {
		list, last, err := s.Feed.ChangesAfter(ctx, at, feedBatch)
		if err != nil {
			return at, err
		}
		for _, c := range list {
			if err := out.Send(&cpmsv1.WatchResponse{Sequence: c.Seq, Change: kinds[c.Kind], At: timestamppb.New(c.At), Issuer: c.Issuer, Subject: c.Subject, Network: c.Network}); err != nil {
				return at, err
			}
		}
		if last-at < feedBatch {
			return last, nil
		}
		at = last
	}
}
