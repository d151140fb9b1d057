package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/rights"
	"eulogin.example/proto/kit/sqldb"
)

var _ rights.Store = (*Store)(nil)

const erasureColumns = `id, account_id, asked_at, due_at, digest, state, ended_at`

func scanErasure(r interface{ Scan(...any) error }) (e rights.Erasure, err error) {
	var asked, due, ended int64
	err = r.Scan(&e.ID, &e.Account, &asked, &due, &e.Digest, &e.State, &ended)
	e.AskedAt, e.DueAt, e.EndedAt = sqldb.FromMicros(asked), sqldb.FromMicros(due), sqldb.FromMicros(ended)
	return e, sqldb.NotFound(err, rights.ErrNone)
}

// AskErasure implements rights.Store.
func (s *Store) AskErasure(ctx context.Context, e rights.Erasure, events []audit.Event, messages []notify.Message) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO erasures (`+erasureColumns+`) VALUES ($1, $2, $3, $4, $5, $6, 0)`,
			e.ID, string(e.Account), sqldb.Micros(e.AskedAt), sqldb.Micros(e.DueAt), e.Digest, string(e.State))
		if err != nil {
			return err
		}
		return record(ctx, tx, e.AskedAt, events, messages)
	})
	if sqldb.IsUnique(err) {
		return rights.ErrWaiting.Because(err)
	}
	return err
}

// WaitingErasure implements rights.Store.
func (s *Store) WaitingErasure(ctx context.Context, id account.ID) (rights.Erasure, error) {
	return scanErasure(s.db.QueryRowContext(ctx, `SELECT `+erasureColumns+` FROM erasures WHERE account_id = $1 AND state = 'waiting'`, string(id)))
}

// ErasureByDigest implements rights.Store.
func (s *Store) ErasureByDigest(ctx context.Context, digest string) (rights.Erasure, error) {
	return scanErasure(s.db.QueryRowContext(ctx, `SELECT `+erasureColumns+` FROM erasures WHERE digest = $1`, digest))
}

// ErasureByID implements rights.Store.
func (s *Store) ErasureByID(ctx context.Context, id string) (rights.Erasure, error) {
	return scanErasure(s.db.QueryRowContext(ctx, `SELECT `+erasureColumns+` FROM erasures WHERE id = $1`, id))
}

// StopErasure implements rights.Store.
func (s *Store) StopErasure(ctx context.Context, at time.Time, id string, events []audit.Event, messages []notify.Message) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE erasures SET state = 'stopped', ended_at = $1 WHERE id = $2 AND state = 'waiting'`, sqldb.Micros(at), id)
		if err := oneRow(res, err, rights.ErrOver); err != nil {
			return err
		}
		return record(ctx, tx, at, events, messages)
	})
}

// DueErasures implements rights.Store.
func (s *Store) DueErasures(ctx context.Context, at time.Time, most int) (out []rights.Erasure, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+erasureColumns+` FROM erasures WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at, id LIMIT $2`, sqldb.Micros(at), most)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		e, err := scanErasure(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// EraseDue implements rights.Store.
func (s *Store) EraseDue(ctx context.Context, at time.Time, e rights.Erasure, event audit.Event, messages []notify.Message) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE erasures SET state = 'done', ended_at = $1 WHERE id = $2 AND account_id = $3 AND state = 'waiting' AND due_at <= $1`,
			sqldb.Micros(at), e.ID, string(e.Account))
		if err := oneRow(res, err, rights.ErrOver); err != nil {
			return err
		}
		return erase(ctx, tx, at, e.Account, event, messages)
	})
}
