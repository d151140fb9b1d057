package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/sqldb"
)

// PasswordHash implements password.Store.
func (s *Store) PasswordHash(ctx context.Context, id account.ID) (string, error) {
	var hash string
	err := s.db.QueryRowContext(ctx, `SELECT hash FROM passwords WHERE account_id = $1`, string(id)).Scan(&hash)
	return hash, sqldb.NotFound(err, password.ErrNone)
}

// SetPassword implements password.Store.
func (s *Store) SetPassword(ctx context.Context, at time.Time, id account.ID, hash string, events []audit.Event, messages []notify.Message) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE passwords SET hash = $1, changed_at = $2 WHERE account_id = $3`,
			hash, sqldb.Micros(at), string(id))
		err = oneRow(res, err, password.ErrNone)
		if err != nil {
			return err
		}
		return record(ctx, tx, at, events, messages)
	})
}

// Rehash implements password.Store.
func (s *Store) Rehash(ctx context.Context, id account.ID, old, renewed string) error {
	_, err := s.db.ExecContext(ctx, `
		UPDATE passwords SET hash = $1 WHERE account_id = $2 AND hash = $3`, renewed, string(id), old)
	return err
}

func insertPassword(ctx context.Context, tx sqldb.Querier, at time.Time, id account.ID, hash string) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO passwords (account_id, hash, changed_at) VALUES ($1, $2, $3)`,
		string(id), hash, sqldb.Micros(at))
	return err
}
