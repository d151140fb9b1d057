package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/sqldb"
)

// Numbers implements sms.Store.
func (s *Store) Numbers(ctx context.Context, id account.ID) ([]sms.Registered, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT id, number, added_at FROM numbers WHERE account_id = $1 ORDER BY added_at, id`, string(id))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []sms.Registered
	for rows.Next() {
		var r sms.Registered
		var added int64
		err = rows.Scan(&r.ID, &r.Number, &added)
		if err != nil {
			return nil, err
		}
		r.AddedAt = sqldb.FromMicros(added)
		out = append(out, r)
	}
	return out, rows.Err()
}

// AddNumber implements sms.Store.
func (s *Store) AddNumber(ctx context.Context, id account.ID, r sms.Registered, events []audit.Event, messages []notify.Message) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		// Touching the account's row makes others who add a number wait, so that the count holds.
		res, err := tx.ExecContext(ctx, `UPDATE accounts SET updated_at = $1 WHERE id = $2`,
			sqldb.Micros(r.AddedAt), string(id))
		err = oneRow(res, err, account.ErrUnknown)
		if err != nil {
			return err
		}
		var n int
		err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM numbers WHERE account_id = $1`, string(id)).Scan(&n)
		if err != nil {
			return err
		}
		if n >= sms.MaxNumbers {
			return sms.ErrFull
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO numbers (id, account_id, number, added_at) VALUES ($1, $2, $3, $4)`,
			r.ID, string(id), string(r.Number), sqldb.Micros(r.AddedAt))
		if err != nil {
			return err
		}
		return record(ctx, tx, r.AddedAt, events, messages)
	})
	if sqldb.IsUnique(err) {
		return sms.ErrDuplicate.Because(err)
	}
	return err
}

// RemoveNumber implements sms.Store.
func (s *Store) RemoveNumber(ctx context.Context, at time.Time, id account.ID, numberID string, events []audit.Event, messages []notify.Message) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM numbers WHERE id = $1 AND account_id = $2`, numberID, string(id))
		err = oneRow(res, err, sms.ErrUnknown)
		if err != nil {
			return err
		}
		return record(ctx, tx, at, events, messages)
	})
}
