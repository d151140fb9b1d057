package access

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/person"
)

// Undo takes back the decisions of a choice, of one request or, with "", of all that can be.
// It gives the choice as it is then; a request that cannot be undone any more keeps its
// result. The request is as it was before, with a new version; a grant that had not opened
// yet is gone with the mail that would have told of it. Errors: ErrNoBulk, ErrLevel, and
// ErrNoUndo, ErrChanged or ErrDuplicate when one request was named.
func (s *Service) Undo(ctx context.Context, by person.Person, id, requestID string, st Strength, acr string) (Bulk, error) {
	b, err := s.BulkOf(ctx, by, id)
	if err != nil {
		return b, err
	}
	if !st.Enough(s.Now()) {
		return b, ErrLevel
	}
	var last error
	met := false
	for _, i := range b.Items {
		if requestID != "" && i.RequestID != requestID {
			continue
		}
		met = true
		if err := s.undoOne(ctx, by, b, i, st, acr); err != nil {
			last = err
		}
	}
	if requestID != "" && (!met || last != nil) {
		if last == nil {
			last = ErrNoBulk
		}
		return b, last
	}
	return s.BulkOf(ctx, by, id)
}

func (s *Service) undoOne(ctx context.Context, by person.Person, b Bulk, i BulkItem, st Strength, acr string) error {
	now := s.Now()
	if !i.Undoable(now) {
		return ErrNoUndo
	}
	r, err := s.byID(ctx, i.RequestID)
	if err != nil {
		return err
	}
	if r.Version != i.Version+1 {
		return ErrChanged
	}
	c := Change{From: r.Version}
	if c.Proof, err = s.proof(r, "undo", by.ID, "", st, acr); err != nil {
		return err
	}
	r.State, r.UpdatedAt, r.Version = i.From, now, r.Version+1
	r.DecidedAt, r.DecidedBy, r.Reason = time.Time{}, "", ""
	c.Request = r
	c.Events = []audit.Event{s.event(by.ID, r, "request.undone", acr)}
	return s.Store.UndoItem(ctx, c, b.ID, i.Result)
}
