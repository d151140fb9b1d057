package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"
)

// Tx is a transaction; it is a Querier.
type Tx struct {
	tx *sql.Tx
	db *DB
}

// ExecContext runs a statement in the transaction.
func (t *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	res, err := t.tx.ExecContext(ctx, t.db.bind(query), args...)
	return res, translate(err)
}

// QueryContext runs a reading statement in the transaction.
func (t *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := t.tx.QueryContext(ctx, t.db.bind(query), args...)
	return rows, translate(err)
}

// QueryRowContext runs a statement that gives at most one row.
func (t *Tx) QueryRowContext(ctx context.Context, query string, args ...any) *Row {
	return &Row{t.tx.QueryRowContext(ctx, t.db.bind(query), args...)}
}

// retries is how often a transaction that lost a race is tried again.
const retries = 6

// InTx runs one whole business write: commit when do returns nil, rollback otherwise, also
// on a panic. A transaction that loses against another one is run again from its start, so
// do must have no effect outside the transaction.
func (db *DB) InTx(ctx context.Context, do func(tx *Tx) error) error {
	var err error
	for try := range retries {
		if err = db.once(ctx, do); err == nil || !mayRetry(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(1+rand.IntN(10<<try)) * time.Millisecond):
		}
	}
	return ErrUnavailable.Because(err)
}

func (db *DB) once(ctx context.Context, do func(tx *Tx) error) (err error) {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	done := false
	defer func() {
		if !done { // an error or a panic
			if rerr := tx.Rollback(); rerr != nil && !errors.Is(rerr, sql.ErrTxDone) && err != nil {
				err = errors.Join(err, rerr)
			}
		}
	}()
	if err := do(&Tx{tx: tx, db: db}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return translate(err)
	}
	done = true
	return nil
}
