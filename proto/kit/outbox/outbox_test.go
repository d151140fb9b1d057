package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/sqldb"
)

type world struct {
	t   *testing.T
	db  *sqldb.DB
	at  atomic.Int64
	mu  sync.Mutex
	got []string
	err func(outbox.Row) error
}

func (w *world) now() time.Time       { return time.UnixMicro(w.at.Load()).UTC() }
func (w *world) pass(d time.Duration) { w.at.Add(d.Microseconds()) }

func newWorld(t *testing.T, db *sqldb.DB) *world {
	w := &world{t: t, db: db, err: func(outbox.Row) error { return nil }}
	w.at.Store(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixMicro())
	return w
}

func (w *world) worker() *outbox.Worker {
	return outbox.NewWorker(w.db, w.now, slog.New(slog.NewTextHandler(io.Discard, nil)), map[string]outbox.Deliver{"mail": func(_ context.Context, r outbox.Row) error {
		if err := w.err(r); err != nil {
			return err
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.got = append(w.got, r.ID)
		return nil
	}})
}

func (w *world) add(rows ...outbox.Row) {
	w.t.Helper()
	if err := w.db.InTx(w.t.Context(), func(tx *sqldb.Tx) error { return outbox.Add(w.t.Context(), tx, w.now(), rows...) }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) once(worker *outbox.Worker) int {
	w.t.Helper()
	n, err := worker.Once(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func both(t *testing.T, f func(t *testing.T, w *world)) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) { f(t, newWorld(t, db)) })
}

func row(id, key string) outbox.Row {
	return outbox.Row{ID: id, Kind: "mail", Key: key, Payload: []byte(id)}
}

func TestDeliveredOnceAndGone(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.add(row("a", ""), row("b", ""), outbox.Row{ID: "later", Kind: "mail", Due: w.now().Add(time.Hour)}, outbox.Row{ID: "other", Kind: "sms"})
		worker := w.worker()
		if n := w.once(worker); n != 2 || w.once(worker) != 0 {
			t.Fatalf("%d delivered: %v", n, w.got)
		}
		w.pass(time.Hour)
		w.once(worker)
		if !slices.Equal(w.got, []string{"a", "b", "later"}) {
			t.Fatal(w.got)
		}
		if s, err := outbox.Read(t.Context(), w.db, w.now()); err != nil || s.Waiting != 1 || s.Dead != 0 || s.Oldest.IsZero() {
			t.Fatalf("%+v %v", s, err)
		}
	})
}

// A message exists if and only if its cause does.
func TestRolledBackWithItsCause(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_ = w.db.InTx(t.Context(), func(tx *sqldb.Tx) error {
			_ = outbox.Add(t.Context(), tx, w.now(), row("a", ""))
			return errors.New("no")
		})
		if w.once(w.worker()) != 0 {
			t.Fatal("a message without a cause")
		}
	})
}

func TestOrderOfOneKeySurvivesFailures(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for i := range 6 {
			w.add(row(fmt.Sprintf("k%d", i), "anna"), row(fmt.Sprintf("o%d", i), "bob"))
		}
		failures := map[string]int{"k0": 2, "k3": 1}
		w.err = func(r outbox.Row) error {
			if failures[r.ID] > 0 {
				failures[r.ID]--
				return errors.New("not now")
			}
			return nil
		}
		worker := w.worker()
		for range 60 {
			w.once(worker)
			w.pass(time.Second)
		}
		var anna []string
		for _, id := range w.got {
			if strings.HasPrefix(id, "k") {
				anna = append(anna, id)
			}
		}
		if !slices.Equal(anna, []string{"k0", "k1", "k2", "k3", "k4", "k5"}) || len(w.got) != 12 {
			t.Fatal(w.got)
		}
	})
}

func TestTwoWorkersDeliverEachOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		for i := range 40 {
			w.add(row(fmt.Sprintf("m%02d", i), ""))
		}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				worker := w.worker()
				for range 40 {
					_, _ = worker.Once(context.Background())
				}
			})
		}
		wg.Wait()
		slices.Sort(w.got)
		if len(w.got) != 40 || len(slices.Compact(slices.Clone(w.got))) != 40 {
			t.Fatalf("%d deliveries", len(w.got))
		}
	})
}

// A worker that dies in the middle leaves a lease; afterwards another one delivers.
func TestACrashRepeatsAndLosesNothing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.add(row("a", "anna"), row("b", "anna"))
		crash := true
		w.err = func(outbox.Row) error {
			if crash {
				crash = false
				panic("kill -9")
			}
			return nil
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = w.worker().Once(t.Context())
		}()
		if n := w.once(w.worker()); n != 0 {
			t.Fatal("the lease did not hold")
		}
		w.pass(time.Minute)
		for range 3 {
			w.once(w.worker())
		}
		if !slices.Equal(w.got, []string{"a", "b"}) {
			t.Fatal(w.got)
		}
	})
}

func TestDeadLetters(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.add(row("bad", "anna"), row("good", "anna"), row("slow", ""))
		w.err = func(r outbox.Row) error {
			switch r.ID {
			case "bad":
				return fault.New(fault.Invalid, "x.malformed")
			case "slow":
				return errors.New("down")
			}
			return nil
		}
		worker := w.worker()
		for range 400 {
			w.once(worker)
			w.pass(15 * time.Minute)
		}
		s, err := outbox.Read(t.Context(), w.db, w.now())
		if err != nil || s.Dead != 2 || s.Waiting != 0 || !slices.Equal(w.got, []string{"good"}) {
			t.Fatalf("%+v %v %v", s, err, w.got)
		}
	})
}

func TestKickWakes(t *testing.T) {
	w := newWorld(t, backendtest.SQLite(t))
	worker := w.worker()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx) }()
	w.add(row("a", ""))
	worker.Kick()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		w.mu.Lock()
		n := len(w.got)
		w.mu.Unlock()
		if n == 1 {
			stop()
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("nothing was delivered")
}

func TestBackoffGrowsAndIsBounded(t *testing.T) {
	last := time.Duration(0)
	for attempt := int64(1); attempt < 100; attempt++ {
		d := outbox.Backoff(attempt, 0)
		if d < last || d > 15*time.Minute || outbox.Backoff(attempt, 1) < d*4/5 {
			t.Fatalf("attempt %d: %v after %v", attempt, d, last)
		}
		last = d
	}
	if last != 15*time.Minute {
		t.Fatal(last)
	}
}
