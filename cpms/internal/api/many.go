package api

import (
	"context"

	"eulogin.example/cpms/internal/access"
	cpmsv1 "eulogin.example/proto/cpms/v1"
)

// DecideMany approves or rejects several requests.
func (s *requests) DecideMany(ctx context.Context, r *cpmsv1.DecideManyRequest) (*cpmsv1.DecideManyResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	versions := map[string]int64{}
	for _, c := range r.GetChosen() {
		versions[c.GetId()] = c.GetVersion()
	}
	b, err := s.Access.Choose(ctx, p, verdicts[r.GetVerdict()], versions)
	if err != nil {
		return nil, err
	}
	st, acr := strength(ctx)
	if b, err = s.Access.Carry(ctx, p, b.ID, r.GetText(), st, acr); err != nil {
		return nil, err
	}
	return &cpmsv1.DecideManyResponse{Choice: b.ID, Outcomes: s.outcomes(b)}, nil
}

// UndoMany takes back what can be.
func (s *requests) UndoMany(ctx context.Context, r *cpmsv1.UndoManyRequest) (*cpmsv1.UndoManyResponse, error) {
	p, err := s.person(ctx)
	if err != nil {
		return nil, err
	}
	st, acr := strength(ctx)
	b, err := s.Access.Undo(ctx, p, r.GetChoice(), r.GetId(), st, acr)
	if err != nil {
		return nil, err
	}
	return &cpmsv1.UndoManyResponse{Outcomes: s.outcomes(b)}, nil
}

func (s *requests) outcomes(b access.Bulk) (out []*cpmsv1.Outcome) {
	for _, i := range b.Items {
		o := &cpmsv1.Outcome{Id: i.RequestID, Result: i.Result}
		if i.Undoable(s.Now()) {
			o.UndoUntil = stamp(i.At.Add(access.UndoFor))
		}
		out = append(out, o)
	}
	return out
}
