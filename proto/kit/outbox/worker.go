package outbox

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/sqldb"
)

const (
	lease    = 20 * time.Second // how long a worker may take over one delivery
	poll     = time.Second      // how often the table is looked at without a kick
	batch    = 20               // rows looked at together
	patience = 2 * time.Second  // how long they are gone through before newer ones are looked for
	giveUp   = 72 * time.Hour   // a message that cannot be delivered for so long is dead
	firstTry = 2 * time.Second  // back-off after the first failure, doubled at each further
	longest  = 15 * time.Minute // longest back-off
)

// Deliver sends one message. A fault of kind Invalid means that it can never be delivered;
// any other error is tried again.
type Deliver func(ctx context.Context, r Row) error

// Worker delivers what is due, each kind by itself: a receiver that does not answer holds up its own kind
// alone. Several may run at once, in one process or many.
type Worker struct {
	db      *sqldb.DB
	now     func() time.Time
	log     *slog.Logger
	deliver map[string]Deliver
	kicks   map[string]chan struct{} // by kind
}

// NewWorker makes a worker with a deliverer for each kind; it leaves other kinds alone.
func NewWorker(db *sqldb.DB, now func() time.Time, log *slog.Logger, deliver map[string]Deliver) *Worker {
	w := &Worker{db: db, now: now, log: log, deliver: deliver, kicks: map[string]chan struct{}{}}
	for kind := range deliver {
		w.kicks[kind] = make(chan struct{}, 1)
	}
	return w
}

// Kick wakes the worker: something was just added. It never blocks.
func (w *Worker) Kick() {
	for _, kick := range w.kicks {
		select {
		case kick <- struct{}{}:
		default:
		}
	}
}

// Run delivers until the context ends.
func (w *Worker) Run(ctx context.Context) error {
	var kinds sync.WaitGroup
	for kind := range w.deliver {
		kinds.Go(func() { w.run(ctx, kind) })
	}
	kinds.Wait()
	return nil
}

func (w *Worker) run(ctx context.Context, kind string) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		n, err := w.once(ctx, kind)
		if err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "outbox", "kind", kind, "error", err)
		}
		if n > 0 && err == nil {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
			return
		case <-w.kicks[kind]:
		case <-tick.C:
		}
	}
}

// Once claims and delivers what is due now, kind after kind, and says how many messages it delivered.
func (w *Worker) Once(ctx context.Context) (delivered int, err error) {
	for _, kind := range slices.Sorted(maps.Keys(w.deliver)) {
		n, err := w.once(ctx, kind)
		if delivered += n; err != nil {
			return delivered, err
		}
	}
	return delivered, nil
}

func (w *Worker) once(ctx context.Context, kind string) (delivered int, err error) {
	began := w.now()
	candidates, err := w.due(ctx, kind)
	if err != nil {
		return 0, err
	}
	for _, r := range candidates {
		if ctx.Err() != nil || w.now().Sub(began) > patience {
			return delivered, nil
		}
		claimed, err := w.claim(ctx, &r)
		if err != nil {
			return delivered, err
		}
		if !claimed {
			continue
		}
		ok, err := w.one(ctx, r)
		if err != nil {
			return delivered, err
		}
		if ok {
			delivered++
		}
	}
	return delivered, nil
}

// due lists messages of a kind that may be claimed: of each ordering key only the first that is still
// there, so that a later one cannot overtake. What was not tried yet comes first: a receiver that does not
// answer delays no other for long.
func (w *Worker) due(ctx context.Context, kind string) ([]Row, error) {
	now := sqldb.Micros(w.now())
	rows, err := w.db.QueryContext(ctx, `
		SELECT id, kind, ordering, payload, created_at, attempts FROM outbox o
		WHERE dead = FALSE AND kind = $3 AND due_at <= $1 AND lease_until <= $1
		  AND (ordering = '' OR NOT EXISTS (
		    SELECT 1 FROM outbox e WHERE e.ordering = o.ordering AND e.seq < o.seq AND e.dead = FALSE))
		ORDER BY attempts > 0, due_at, seq LIMIT $2`, now, batch, kind)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var list []Row
	for rows.Next() {
		var r Row
		var created int64
		if err := rows.Scan(&r.ID, &r.Kind, &r.Key, &r.Payload, &created, &r.Attempt); err != nil {
			return nil, err
		}
		r.Created = sqldb.FromMicros(created)
		list = append(list, r)
	}
	return list, rows.Err()
}

// claim takes the lease of a row; of several workers one gets it.
func (w *Worker) claim(ctx context.Context, r *Row) (bool, error) {
	now := w.now()
	err := w.db.QueryRowContext(ctx, `
		UPDATE outbox SET lease_until = $2, attempts = attempts + 1
		WHERE id = $1 AND dead = FALSE AND lease_until <= $3 AND attempts = $4 RETURNING attempts`,
		r.ID, sqldb.Micros(now.Add(lease)), sqldb.Micros(now), r.Attempt).Scan(&r.Attempt)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// one delivers a claimed row and writes down how it went.
func (w *Worker) one(ctx context.Context, r Row) (bool, error) {
	dctx, cancel := context.WithTimeout(ctx, lease-5*time.Second)
	derr := w.deliver[r.Kind](dctx, r)
	cancel()
	// The outcome is written also while the service is stopping.
	ctx = context.WithoutCancel(ctx)
	now := w.now()
	switch {
	case derr == nil:
		_, err := w.db.ExecContext(ctx, `DELETE FROM outbox WHERE id = $1`, r.ID)
		return true, err
	case fault.KindOf(derr) == fault.Invalid, now.Sub(r.Created) > giveUp:
		w.log.ErrorContext(ctx, "outbox: given up", "kind", r.Kind, "id", r.ID, "attempts", r.Attempt, "error", derr)
		_, err := w.db.ExecContext(ctx, `UPDATE outbox SET dead = TRUE WHERE id = $1`, r.ID)
		return false, err
	}
	wait := Backoff(r.Attempt, rand.Float64())
	w.log.WarnContext(ctx, "outbox: will try again", "kind", r.Kind, "id", r.ID, "attempts", r.Attempt, "in", wait, "error", derr)
	_, err := w.db.ExecContext(ctx, `UPDATE outbox SET lease_until = 0, due_at = $2 WHERE id = $1`, r.ID, sqldb.Micros(now.Add(wait)))
	return false, err
}

// Backoff gives the pause after the nth failed attempt: doubled each time up to a quarter of
// an hour, spread by jitter (0..1) over its last fifth.
func Backoff(attempt int64, jitter float64) time.Duration {
	d := longest
	if attempt < 20 {
		d = min(longest, firstTry<<max(0, attempt-1))
	}
	return d - time.Duration(jitter*float64(d)/5)
}
