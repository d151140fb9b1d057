package storetest

import (
	"context"
	"errors"
	"testing"

	"eulogin.example/cpms/internal/access"
)

func (m *mortal) UndoItem(ctx context.Context, c access.Change, id, result string) error {
	return m.write(func() error { return m.Store.UndoItem(ctx, c, id, result) })
}

// A crash at every step of several decisions, and of their undoing: whoever comes back goes on
// from what is there, and each request is decided once and undone once.
func TestKilledAtEachStepOfSeveralDecisions(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.coordinator("elena", "ern-eye")
		survived, undone := false, 0
		for dies := 1; !survived; dies++ {
			var list []access.Request
			for i := range 3 {
				list = append(list, w.submit(w.person(name("p", dies*10+i)), form()))
			}
			b := w.choose(c, access.Approve, list...)
			_, err := w.service(&mortal{Store: w.store, dies: dies}).Carry(t.Context(), c, b.ID, "", w.strong(), "medium")
			if survived = err == nil; !survived && !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			for id, result := range w.carry(c, b, "") {
				if result != access.BulkDone || w.stored(id).State != access.Approved {
					t.Fatalf("killed at step %d: %q", dies, result)
				}
			}
			if n := w.events("request.approved"); n != dies*3 {
				t.Fatalf("killed at step %d: %d decisions, want %d", dies, n, dies*3)
			}
			_, _ = w.service(&mortal{Store: w.store, dies: dies}).Undo(t.Context(), c, b.ID, "", w.strong(), "medium") // dies on the way
			_, err = w.access.Undo(t.Context(), c, b.ID, "", w.strong(), "medium")
			w.must(err)
			if undone += 3; w.events("request.undone") != undone || w.count(`SELECT COUNT(*) FROM grants`) != 0 {
				t.Fatalf("killed at step %d of the undoing: %d, want %d", dies, w.events("request.undone"), undone)
			}
			for _, r := range list {
				if now := w.stored(r.ID); now.State != access.Submitted || now.Version != r.Version+2 {
					t.Fatalf("killed at step %d: %+v", dies, now)
				}
			}
			if survived && dies < 10 {
				t.Fatalf("only %d steps were seen", dies-1)
			}
		}
	})
}
