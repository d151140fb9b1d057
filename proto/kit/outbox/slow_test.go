package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/outbox"
)

// Security case 44: a receiver that does not answer holds up what goes elsewhere in no kind but its own.
func TestAKindWaitsForNoOther(t *testing.T) {
	w := newWorld(t, backendtest.SQLite(t))
	ctx, stop := context.WithCancel(t.Context())
	mailed := make(chan string, 1)
	worker := outbox.NewWorker(w.db, w.now, slog.New(slog.NewTextHandler(io.Discard, nil)), map[string]outbox.Deliver{
		"logout": func(ctx context.Context, _ outbox.Row) error { <-ctx.Done(); return ctx.Err() },
		"mail":   func(_ context.Context, r outbox.Row) error { mailed <- r.ID; return nil },
	})
	for i := range 30 {
		w.add(outbox.Row{ID: fmt.Sprintf("l%02d", i), Kind: "logout"})
	}
	w.add(row("code", ""))
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx) }()
	select {
	case <-mailed:
	case <-time.After(5 * time.Second):
		t.Error("a mail waits for a service that does not answer")
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Of one kind, too, what is new waits for one receiver that does not answer, and not for all that waits for it.
func TestWhatIsNewGoesFirst(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		down := true
		w.err = func(r outbox.Row) error {
			if down && r.ID[0] == 's' {
				w.pass(5 * time.Second)
				return errors.New("no answer")
			}
			return nil
		}
		for i := range 60 {
			w.add(row(fmt.Sprintf("s%02d", i), ""))
		}
		worker := w.worker()
		for range 60 {
			w.once(worker)
		}
		w.pass(time.Hour)
		began := w.now()
		w.once(worker)
		w.add(row("new", ""))
		w.once(worker)
		if waited := w.now().Sub(began); !slices.Equal(w.got, []string{"new"}) || waited > 15*time.Second {
			t.Errorf("%v after %s", w.got, waited)
		}
		down = false
		w.pass(time.Hour)
		w.once(worker)
		if w.once(worker); len(w.got) < 41 {
			t.Errorf("what could not be delivered before is: %d", len(w.got))
		}
	})
}
