package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/sqldb"
)

const historyColumns = `id, at, account_id, service, browser, address, methods, level, outcome`

// RecordAttempt implements login.History.
func (s *Store) RecordAttempt(ctx context.Context, a login.Attempt, events []audit.Event, messages []notify.Message) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			INSERT INTO signin_history (`+historyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (id) DO NOTHING`,
			a.ID, sqldb.Micros(a.At), string(a.Account), a.Service, a.Browser, a.Address, a.Methods, a.Level, a.Outcome)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return record(ctx, tx, a.At, events, messages)
	})
}

// Attempts gives an account's latest sign-ins and attempts, newest first.
func (s *Store) Attempts(ctx context.Context, id account.ID, most int) ([]login.Attempt, error) {
	return s.attempts(ctx, `
		SELECT `+historyColumns+` FROM signin_history WHERE account_id = $1 ORDER BY at DESC, id DESC LIMIT $2`, string(id), most)
}

func (s *Store) attempts(ctx context.Context, query string, args ...any) ([]login.Attempt, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []login.Attempt
	for rows.Next() {
		var a login.Attempt
		var at int64
		if err := rows.Scan(&a.ID, &at, &a.Account, &a.Service, &a.Browser, &a.Address, &a.Methods, &a.Level, &a.Outcome); err != nil {
			return nil, err
		}
		a.At = sqldb.FromMicros(at)
		out = append(out, a)
	}
	return out, rows.Err()
}

// AttemptsBefore implements activity.History.
func (s *Store) AttemptsBefore(ctx context.Context, id account.ID, at time.Time, line string, most int) ([]login.Attempt, error) {
	return s.attempts(ctx, `
		SELECT `+historyColumns+` FROM signin_history
		WHERE account_id = $1 AND (at, id) < ($2, $3) ORDER BY at DESC, id DESC LIMIT $4`, string(id), sqldb.Micros(at), line, most)
}

// Attempt implements activity.History.
func (s *Store) Attempt(ctx context.Context, id account.ID, line string) (login.Attempt, error) {
	all, err := s.attempts(ctx, `SELECT `+historyColumns+` FROM signin_history WHERE account_id = $1 AND id = $2`, string(id), line)
	if err == nil && len(all) == 0 {
		err = account.ErrUnknown
	}
	if err != nil {
		return login.Attempt{}, err
	}
	return all[0], nil
}

// ForgetAttempts removes lines that are older than the history is kept (90 days).
func (s *Store) ForgetAttempts(ctx context.Context, before time.Time) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM signin_history WHERE at < $1`, sqldb.Micros(before))
	return err
}
