package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/recovery"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/sqldb"
)

// RecoveryCodes implements recovery.Store.
type RecoveryCodes struct{ store *Store }

var _ recovery.Store = (*RecoveryCodes)(nil)

// NewRecoveryCodes makes the store of recovery codes beside the others on the same database.
func NewRecoveryCodes(s *Store) *RecoveryCodes { return &RecoveryCodes{store: s} }

// RecoverySet implements recovery.Store.
func (c *RecoveryCodes) RecoverySet(ctx context.Context, account ident.AccountID) (recovery.Set, error) {
	set := recovery.Set{Account: account}
	var issued, used int64
	err := c.store.db.QueryRowContext(ctx, `
		SELECT id, issued_at, last_used_at FROM recovery_sets WHERE account_id = $1 AND removed_at = 0`, string(account)).
		Scan(&set.ID, &issued, &used)
	if err != nil {
		return recovery.Set{}, sqldb.NotFound(err, factor.ErrUnknown)
	}
	set.IssuedAt, set.LastUsedAt = sqldb.FromMicros(issued), moment(used)
	rows, err := c.store.db.QueryContext(ctx, `
		SELECT place, digest FROM recovery_codes WHERE set_id = $1 AND used_at = 0 ORDER BY place`, set.ID)
	if err != nil {
		return recovery.Set{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var place int
		var digest string
		if err := rows.Scan(&place, &digest); err != nil {
			return recovery.Set{}, err
		}
		set.Digests[place] = digest
	}
	return set, rows.Err()
}

// Issue implements recovery.Store.
func (c *RecoveryCodes) Issue(ctx context.Context, s recovery.Set, replaces string, rec factor.Record) error {
	err := c.store.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		if err := queueUp(ctx, tx, s.Account); err != nil {
			return err
		}
		if replaces != "" {
			if err := forgetSet(ctx, tx, s.Account, replaces); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO recovery_sets (id, account_id, issued_at, last_used_at, removed_at) VALUES ($1, $2, $3, 0, 0)`,
			s.ID, string(s.Account), sqldb.Micros(s.IssuedAt))
		if err != nil {
			return err
		}
		for place, digest := range s.Digests {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO recovery_codes (set_id, place, digest, used_at) VALUES ($1, $2, $3, 0)`, s.ID, place, digest)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if sqldb.IsUnique(err) {
		return recovery.ErrIssued.Because(err)
	}
	return err
}

// forgetSet deletes the living set that new codes replace: it cannot be brought back.
func forgetSet(ctx context.Context, tx *sqldb.Tx, account ident.AccountID, id string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM recovery_codes WHERE set_id = $1 AND EXISTS (
		SELECT 1 FROM recovery_sets WHERE id = $1 AND account_id = $2 AND removed_at = 0)`, id, string(account))
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `DELETE FROM recovery_sets WHERE id = $1 AND account_id = $2 AND removed_at = 0`, id, string(account))
	return oneRow(res, err, recovery.ErrIssued)
}

// Spend implements recovery.Store.
func (c *RecoveryCodes) Spend(ctx context.Context, s recovery.Set, place int, rec factor.Record) (bool, error) {
	err := c.store.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE recovery_sets SET last_used_at = $1 WHERE id = $2 AND account_id = $3 AND removed_at = 0`,
			sqldb.Micros(rec.At), s.ID, string(s.Account))
		if err := oneRow(res, err, errSpent); err != nil {
			return err
		}
		res, err = tx.ExecContext(ctx, `
			UPDATE recovery_codes SET used_at = $1 WHERE set_id = $2 AND place = $3 AND digest = $4 AND used_at = 0`,
			sqldb.Micros(rec.At), s.ID, place, s.Digests[place])
		return oneRow(res, err, errSpent)
	})
	if errSpent.Is(err) {
		return false, nil
	}
	return err == nil, err
}

// errSpent undoes the transaction of a code that somebody else used meanwhile.
var errSpent = recovery.ErrNone

// Factors implements factor.Keeper.
func (c *RecoveryCodes) Factors(ctx context.Context, account ident.AccountID) ([]factor.Factor, error) {
	set, err := c.RecoverySet(ctx, account)
	if factor.ErrUnknown.Is(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []factor.Factor{set.Factor()}, nil
}

// Remove implements factor.Keeper. Recovery codes are no second factor, so no service is told.
func (c *RecoveryCodes) Remove(ctx context.Context, account ident.AccountID, id string, rec factor.Record) error {
	return c.store.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE recovery_sets SET removed_at = $1 WHERE id = $2 AND account_id = $3 AND removed_at = 0`,
			sqldb.Micros(rec.At), id, string(account))
		return oneRow(res, err, factor.ErrUnknown)
	})
}

// Restore implements factor.Keeper; codes that were issued since stay the ones that count.
func (c *RecoveryCodes) Restore(ctx context.Context, account ident.AccountID, id string, rec factor.Record) error {
	err := c.store.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE recovery_sets SET removed_at = 0 WHERE id = $1 AND account_id = $2 AND removed_at > $3`,
			id, string(account), sqldb.Micros(rec.At.Add(-factor.KeptFor)))
		return oneRow(res, err, factor.ErrUnknown)
	})
	if sqldb.IsUnique(err) {
		return factor.ErrUnknown.Because(err)
	}
	return err
}

// moment reads a time that may be none.
func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return sqldb.FromMicros(micros)
}
