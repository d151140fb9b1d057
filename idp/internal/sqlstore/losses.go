package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/lostfactor"
	"eulogin.example/proto/kit/sqldb"
)

var _ lostfactor.Store = (*Store)(nil)

const lossColumns = `id, account_id, asked_at, due_at, digest, state, helpdesk`

// AskLoss implements lostfactor.Store.
func (s *Store) AskLoss(ctx context.Context, l lostfactor.Loss, rec factor.Record) error {
	err := s.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE factor_losses SET state = 'stopped', ended_at = $1 WHERE id = $2 AND state = 'waiting'`, sqldb.Micros(rec.At), l.Replaces)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO factor_losses (`+lossColumns+`, told_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)`,
			l.ID, string(l.Account), sqldb.Micros(l.AskedAt), sqldb.Micros(l.DueAt), l.Digest, string(l.State), l.Helpdesk)
		return err
	})
	if sqldb.IsUnique(err) {
		return lostfactor.ErrWaiting.Because(err)
	}
	return err
}

// WaitingLoss implements lostfactor.Store.
func (s *Store) WaitingLoss(ctx context.Context, id ident.AccountID) (lostfactor.Loss, error) {
	return scanLoss(s.db.QueryRowContext(ctx, `SELECT `+lossColumns+` FROM factor_losses WHERE account_id = $1 AND state = 'waiting'`, string(id)))
}

// LossByDigest implements lostfactor.Store.
func (s *Store) LossByDigest(ctx context.Context, digest string) (lostfactor.Loss, error) {
	return scanLoss(s.db.QueryRowContext(ctx, `SELECT `+lossColumns+` FROM factor_losses WHERE digest = $1`, digest))
}

// EndLoss implements lostfactor.Store.
func (s *Store) EndLoss(ctx context.Context, id string, to lostfactor.State, rec factor.Record) error {
	return s.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE factor_losses SET state = $1, ended_at = $2 WHERE id = $3 AND state = 'waiting'`,
			string(to), sqldb.Micros(rec.At), id)
		return oneRow(res, err, lostfactor.ErrOver)
	})
}

// removable are the tables of everything that a person can lose.
var removable = []string{"devices", "authenticators", "webauthn_credentials", "recovery_sets", "numbers"}

// ResetFactors implements lostfactor.Store.
func (s *Store) ResetFactors(ctx context.Context, l lostfactor.Loss, rec factor.Record) error {
	return s.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		at := sqldb.Micros(rec.At)
		res, err := tx.ExecContext(ctx, `
			UPDATE factor_losses SET state = 'done', ended_at = $1 WHERE id = $2 AND account_id = $3 AND state = 'waiting' AND due_at <= $1`,
			at, l.ID, string(l.Account))
		if err := oneRow(res, err, lostfactor.ErrOver); err != nil {
			return err
		}
		for _, table := range removable {
			if _, err := tx.ExecContext(ctx, `UPDATE `+table+` SET removed_at = $1 WHERE account_id = $2 AND removed_at = 0`, at, string(l.Account)); err != nil {
				return err
			}
		}
		if err := unguard(ctx, tx, l.Account); err != nil {
			return err
		}
		if err := revokeFamilies(ctx, tx, rec.At, l.Account, "", "factors given up"); err != nil {
			return err
		}
		return s.FactorsReset(ctx, tx, rec.At, l.Account)
	})
}

// DueLosses implements lostfactor.Store.
func (s *Store) DueLosses(ctx context.Context, at time.Time, most int) ([]lostfactor.Loss, error) {
	return s.losses(ctx, `SELECT `+lossColumns+` FROM factor_losses
		WHERE state = 'waiting' AND due_at <= $1 AND told_at = 0 AND NOT helpdesk ORDER BY due_at LIMIT $2`, sqldb.Micros(at), int64(most))
}

// LateLosses implements lostfactor.Store.
func (s *Store) LateLosses(ctx context.Context, before time.Time, most int) ([]lostfactor.Loss, error) {
	return s.losses(ctx, `SELECT `+lossColumns+` FROM factor_losses
		WHERE state = 'waiting' AND due_at <= $1 ORDER BY due_at LIMIT $2`, sqldb.Micros(before), int64(most))
}

func (s *Store) losses(ctx context.Context, query string, args ...any) ([]lostfactor.Loss, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []lostfactor.Loss
	for rows.Next() {
		l, err := scanLoss(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// TellDue implements lostfactor.Store.
func (s *Store) TellDue(ctx context.Context, id string, rec factor.Record) error {
	return s.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE factor_losses SET told_at = $1 WHERE id = $2 AND state = 'waiting' AND told_at = 0`, sqldb.Micros(rec.At), id)
		return oneRow(res, err, lostfactor.ErrOver)
	})
}

// ForgetLosses deletes requests that ended before a moment.
func (s *Store) ForgetLosses(ctx context.Context, before time.Time) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM factor_losses WHERE state <> 'waiting' AND ended_at < $1`, sqldb.Micros(before))
	return err
}

func scanLoss(row scanner) (lostfactor.Loss, error) {
	var l lostfactor.Loss
	var asked, due int64
	err := row.Scan(&l.ID, &l.Account, &asked, &due, &l.Digest, &l.State, &l.Helpdesk)
	if err != nil {
		return lostfactor.Loss{}, sqldb.NotFound(err, lostfactor.ErrNone)
	}
	l.AskedAt, l.DueAt = sqldb.FromMicros(asked), sqldb.FromMicros(due)
	return l, nil
}
