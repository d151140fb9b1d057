package outbox

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"eulogin.example/proto/kit/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations makes the table `outbox`.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return sub
}

// Row is one message on its way out.
type Row struct {
	ID      string // unique; the receiver's key against doubles
	Kind    string // chooses the deliverer
	Key     string // rows with the same non-empty key are delivered in order
	Payload []byte
	Due     time.Time // not before; zero: at once
	Created time.Time // set by Add
	Attempt int64     // set by the worker: 1 at the first try
}

// Add writes messages in the caller's transaction; they exist if and only if it commits.
func Add(ctx context.Context, tx sqldb.Querier, now time.Time, rows ...Row) error {
	for _, r := range rows {
		if r.Due.IsZero() {
			r.Due = now
		}
		if r.Payload == nil {
			r.Payload = []byte{}
		}
		// One counter gives the order, and its row lock makes it the order of commits.
		var seq int64
		err := tx.QueryRowContext(ctx, `UPDATE outbox_sequence SET last = last + 1 WHERE id = 1 RETURNING last`).Scan(&seq)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO outbox (id, seq, kind, ordering, payload, created_at, due_at, attempts, lease_until, dead)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, FALSE)`,
			r.ID, seq, r.Kind, r.Key, r.Payload, sqldb.Micros(now), sqldb.Micros(r.Due)); err != nil {
			return err
		}
	}
	return nil
}

// State counts what is in the outbox, for metrics.
type State struct {
	Waiting int64     // to be delivered
	Dead    int64     // given up
	Oldest  time.Time // creation of the oldest waiting message that is due; zero: none
}

// Read gives the state at the moment now.
func Read(ctx context.Context, db *sqldb.DB, now time.Time) (State, error) {
	var s State
	var oldest int64
	err := db.QueryRowContext(ctx, `
		SELECT COALESCE(SUM(CASE WHEN dead THEN 0 ELSE 1 END), 0), COALESCE(SUM(CASE WHEN dead THEN 1 ELSE 0 END), 0),
		       COALESCE(MIN(CASE WHEN dead OR due_at > $1 THEN NULL ELSE created_at END), 0)
		FROM outbox`, sqldb.Micros(now)).Scan(&s.Waiting, &s.Dead, &oldest)
	s.Oldest = sqldb.FromMicros(oldest)
	return s, err
}
