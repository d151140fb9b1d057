package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/sqldb"
)

// recordFactor writes what goes with a change of factors inside the change's transaction.
func recordFactor(ctx context.Context, tx sqldb.Querier, rec factor.Record) error {
	if rec.Undoes != "" {
		res, err := tx.ExecContext(ctx, `UPDATE factor_changes SET undone_at = $1 WHERE id = $2 AND undone_at = 0`, sqldb.Micros(rec.At), rec.Undoes)
		if err := oneRow(res, err, factor.ErrUndone); err != nil {
			return err
		}
	}
	if rec.Confirms.Case != "" {
		if err := confirmed(ctx, tx, rec.Confirms, rec.At); err != nil {
			return err
		}
	}
	for _, c := range rec.Changes {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO factor_changes (`+changeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)`,
			c.ID, string(c.Account), sqldb.Micros(c.At), string(c.Action), string(c.Method), c.Factor, c.Name, c.Digest)
		if err != nil {
			return err
		}
		if c.Action == factor.Added && c.Method != policy.SMS && !policy.Recovers(c.Method) {
			if err := guard(ctx, tx, c.Account, rec.At); err != nil {
				return err
			}
		}
	}
	return record(ctx, tx, rec.At, rec.Events, rec.Notices)
}

// changeFactor runs a change of factors and its record in one transaction.
func (s *Store) changeFactor(ctx context.Context, rec factor.Record, change func(tx *sqldb.Tx) error) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		return recordFactor(ctx, tx, rec)
	})
}

// living counts an account's second factors that can be used, kind by kind.
var living = []string{
	`SELECT COUNT(*) FROM devices WHERE account_id = $1 AND removed_at = 0 AND status = '` + string(phone.Active) + `'`,
	`SELECT COUNT(*) FROM webauthn_credentials WHERE account_id = $1 AND removed_at = 0 AND status = '` + string(webauthn.Active) + `'`,
	`SELECT COUNT(*) FROM authenticators WHERE account_id = $1 AND removed_at = 0`,
}

// guard notes that an account has had a second factor.
func guard(ctx context.Context, tx sqldb.Querier, account ident.AccountID, at time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE accounts SET guarded_at = $1 WHERE id = $2 AND guarded_at = 0`, sqldb.Micros(at), string(account))
	return err
}

// unguard takes it back: the account is as if it had never had one.
func unguard(ctx context.Context, tx sqldb.Querier, account ident.AccountID) error {
	_, err := tx.ExecContext(ctx, `UPDATE accounts SET guarded_at = 0 WHERE id = $1`, string(account))
	return err
}

// bare takes the guard back with the last factor: at its owner's wish, or when the enrolment is
// undone that guarded the account, because then everything is as before.
func bare(ctx context.Context, tx sqldb.Querier, rec factor.Record, account ident.AccountID) error {
	if rec.Bares {
		return unguard(ctx, tx, account)
	}
	_, err := tx.ExecContext(ctx, `
		UPDATE accounts SET guarded_at = 0 WHERE id = $1 AND guarded_at = (SELECT at FROM factor_changes WHERE id = $2 AND action = $3)`,
		string(account), rec.Undoes, string(factor.Added))
	return err
}

// lastFactor tells of an account that has no second factor left. Every change that takes one
// ends with it.
func (s *Store) lastFactor(ctx context.Context, tx *sqldb.Tx, events Events, rec factor.Record, account ident.AccountID) error {
	if err := queueUp(ctx, tx, account); err != nil {
		return err
	}
	for _, count := range living {
		var n int
		err := tx.QueryRowContext(ctx, count, string(account)).Scan(&n)
		if err != nil || n > 0 {
			return err
		}
	}
	if n, err := s.numbersLeft(ctx, tx, account); err != nil || n > 0 {
		return err
	}
	if err := bare(ctx, tx, rec, account); err != nil {
		return err
	}
	return events.FactorsReset(ctx, tx, rec.At, account)
}

// queueUp lets transactions of one account wait for each other by a write that changes
// nothing, so that of two that take a factor each the second sees the first.
func queueUp(ctx context.Context, tx *sqldb.Tx, account ident.AccountID) error {
	_, err := tx.ExecContext(ctx, `UPDATE accounts SET version = version WHERE id = $1`, string(account))
	return err
}

// ForgetRemovedCodes deletes authenticator apps, recovery codes and numbers that were removed
// before a moment and can no longer be brought back.
func (s *Store) ForgetRemovedCodes(ctx context.Context, before time.Time) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		for _, text := range []string{
			`DELETE FROM authenticators WHERE removed_at > 0 AND removed_at < $1`,
			`DELETE FROM recovery_codes WHERE set_id IN (SELECT id FROM recovery_sets WHERE removed_at > 0 AND removed_at < $1)`,
			`DELETE FROM recovery_sets WHERE removed_at > 0 AND removed_at < $1`,
			`DELETE FROM numbers WHERE removed_at > 0 AND removed_at < $1`,
		} {
			if _, err := tx.ExecContext(ctx, text, sqldb.Micros(before)); err != nil {
				return err
			}
		}
		return nil
	})
}
