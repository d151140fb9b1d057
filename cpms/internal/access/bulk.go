package access

import (
	"context"
	"strings"
	"time"

	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
)

// The limits of decisions about several requests at once.
const (
	UndoFor  = 10 * time.Minute // in which they can be undone; nothing opens and no mail goes out before
	BulkMost = QueuePage        // requests at once
	bulkKept = 24 * time.Hour   // for which a choice that was not carried out is kept
	mailSlip = time.Minute      // by which mails leave later still: clocks differ
)

// What became of one of several requests: one of these, or the code of what refused it.
const (
	BulkOpen   = ""       // not decided yet
	BulkDone   = "done"   // decided; can be undone for UndoFor
	BulkFirst  = "first"  // a first approval; likewise
	BulkUndone = "undone" // decided, and undone
)

var (
	// ErrBulk says that the choice is none: nothing or too much was chosen.
	ErrBulk = fault.New(fault.Invalid, "bulk.choice")
	// ErrNoBulk says that there is no such choice, or that it is somebody else's.
	ErrNoBulk = fault.New(fault.NotFound, "bulk.unknown")
	// ErrNoUndo says that it is too late, or that the request went on meanwhile.
	ErrNoUndo = fault.New(fault.Conflict, "bulk.too_late")
)

// Bulk is a choice of requests and one decision about them.
type Bulk struct {
	ID, ByID string
	Do       Command // Approve or Reject
	Text     string
	MadeAt   time.Time
	Items    []BulkItem
}

// BulkItem is one request of it.
type BulkItem struct {
	RequestID string
	Version   int64 // that was looked at
	Result    string
	At        time.Time // when it was decided
	From      State     // in which it was then
}

// Undoable reports whether the item's decision can be undone at a moment.
func (i BulkItem) Undoable(at time.Time) bool {
	return (i.Result == BulkDone || i.Result == BulkFirst) && at.Before(i.At.Add(UndoFor))
}

// BulkMark makes a change one of several: it is held back until it cannot be undone, and its
// result stands with it.
type BulkMark struct {
	ID, Result string
	From       State
	MailsAt    time.Time
}

// BulkStore keeps choices.
type BulkStore interface {
	// AddBulk keeps a choice, and forgets the person's choices from before a time of which
	// nothing was carried out.
	AddBulk(ctx context.Context, b Bulk, forget time.Time) error
	BulkByID(ctx context.Context, id string) (Bulk, error)
	BulkText(ctx context.Context, id, text string) error
	// RefuseItem notes why a request was not decided, unless it was.
	RefuseItem(ctx context.Context, id, requestID, code string) error
	// UndoItem writes the request as it was before, takes back its grant and its mails that wait,
	// all or nothing: ErrNoUndo when its result is no longer the one given or the grant has begun
	// to open, ErrChanged, ErrDuplicate.
	UndoItem(ctx context.Context, c Change, bulkID, result string) error
}

// Choose keeps a choice of requests for a decision, so that its effects can be looked at and
// nothing is lost on the way to a fresh sign-in. versions are those that were looked at.
func (s *Service) Choose(ctx context.Context, by person.Person, do Command, versions map[string]int64) (Bulk, error) {
	if len(versions) == 0 || len(versions) > BulkMost || do != Approve && do != Reject {
		return Bulk{}, ErrBulk.WithArgs(BulkMost)
	}
	b := Bulk{ID: ident.NewID(s.Random), ByID: by.ID, Do: do, MadeAt: s.Now()}
	for id, version := range versions {
		if _, _, err := s.ForDesk(ctx, by, id); err != nil {
			return Bulk{}, err
		}
		b.Items = append(b.Items, BulkItem{RequestID: id, Version: version})
	}
	return b, s.Store.AddBulk(ctx, b, s.Now().Add(-bulkKept))
}

// BulkOf gives one's own choice.
func (s *Service) BulkOf(ctx context.Context, by person.Person, id string) (Bulk, error) {
	if !ident.IsID(id) {
		return Bulk{}, ErrNoBulk
	}
	b, err := s.Store.BulkByID(ctx, id)
	if err == nil && b.ByID != by.ID {
		return Bulk{}, ErrNoBulk
	}
	return b, err
}

// Foresee says what the decision about one request would come to, by the same rules: the
// ruling, or what refuses it. A missing text and a sign-in that is not fresh do not count yet.
func (s *Service) Foresee(ctx context.Context, by person.Person, b Bulk, i BulkItem) (Ruling, error) {
	r, seats, err := s.atDesk(ctx, by, i.RequestID)
	if err != nil {
		return Ruling{}, err
	}
	first, err := s.First(ctx, r)
	if err != nil {
		return Ruling{}, err
	}
	if r.Version != i.Version {
		return Ruling{}, ErrChanged
	}
	return Decide(r, Decision{b.Do, "–"}, by.ID, seats, first, Strength{Medium: true, AuthTime: s.Now()}, s.Now())
}

// Carry decides about all requests of a choice, each in a transaction of its own with its own
// receipt; one that is refused does not hold up the others. What was decided before, in
// another window or before a crash, is not decided again. Nothing that is decided here opens
// and no mail leaves before UndoFor is over. Errors: ErrNoBulk, ErrInvalid (text), ErrLevel,
// and Unavailable, after which it can be called again.
func (s *Service) Carry(ctx context.Context, by person.Person, id, text string, st Strength, acr string) (Bulk, error) {
	b, err := s.BulkOf(ctx, by, id)
	if err != nil {
		return b, err
	}
	d := Decision{b.Do, strings.TrimSpace(text)}
	if err := d.check(); err != nil {
		return b, err
	}
	if err := s.Store.BulkText(ctx, id, d.Text); err != nil {
		return b, err
	}
	if !st.Enough(s.Now()) {
		return b, ErrLevel
	}
	for _, i := range b.Items {
		if i.Result != BulkOpen {
			continue
		}
		err := s.carryOne(ctx, by, b, i, d, st, acr)
		if k := fault.KindOf(err); err != nil && (k == fault.Internal || k == fault.Unavailable) {
			return b, err
		}
		if err != nil {
			if err := s.Store.RefuseItem(ctx, id, i.RequestID, fault.CodeOf(err)); err != nil {
				return b, err
			}
		}
	}
	return s.BulkOf(ctx, by, id)
}

func (s *Service) carryOne(ctx context.Context, by person.Person, b Bulk, i BulkItem, d Decision, st Strength, acr string) error {
	r, err := s.byID(ctx, i.RequestID)
	if err != nil {
		return err
	}
	requester, err := s.Store.PersonByID(ctx, r.PersonID)
	if err != nil {
		return err
	}
	c, was, err := s.ruled(ctx, by, requester, r.ID, i.Version, d, st, acr)
	if err != nil {
		return err
	}
	final := c.Request.UpdatedAt.Add(UndoFor)
	c.Bulk = &BulkMark{ID: b.ID, Result: BulkDone, From: was.State, MailsAt: final.Add(mailSlip)}
	if c.Approval != nil {
		c.Bulk.Result = BulkFirst
	}
	if c.Grant != nil {
		if c.Grant.StartsAt = final; !c.Grant.SuspendedAt.IsZero() {
			c.Grant.SuspendedAt = final
		}
	}
	return s.Store.ApplyChange(ctx, c)
}
