package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/totp"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/sqldb"
)

// Authenticators implements totp.Store.
type Authenticators struct {
	store  *Store
	events Events
}

var _ totp.Store = (*Authenticators)(nil)

// NewAuthenticators makes the store of authenticator apps beside the others on the same
// database.
func NewAuthenticators(s *Store, events Events) *Authenticators {
	return &Authenticators{store: s, events: events}
}

const authenticatorColumns = `id, account_id, name, seed, last_step, added_at, last_used_at`

// Authenticators implements totp.Store.
func (t *Authenticators) Authenticators(ctx context.Context, account ident.AccountID) ([]totp.Authenticator, error) {
	rows, err := t.store.db.QueryContext(ctx, `
		SELECT `+authenticatorColumns+` FROM authenticators
		WHERE account_id = $1 AND removed_at = 0 ORDER BY added_at, id`, string(account))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []totp.Authenticator
	for rows.Next() {
		var a totp.Authenticator
		var added, used int64
		if err := rows.Scan(&a.ID, &a.Account, &a.Name, &a.Seed, &a.LastStep, &added, &used); err != nil {
			return nil, err
		}
		a.AddedAt, a.LastUsedAt = sqldb.FromMicros(added), moment(used)
		out = append(out, a)
	}
	return out, rows.Err()
}

// Factors implements factor.Keeper.
func (t *Authenticators) Factors(ctx context.Context, account ident.AccountID) ([]factor.Factor, error) {
	have, err := t.Authenticators(ctx, account)
	var out []factor.Factor
	for _, a := range have {
		out = append(out, a.Factor())
	}
	return out, err
}

// Add implements totp.Store.
func (t *Authenticators) Add(ctx context.Context, a totp.Authenticator, rec factor.Record) error {
	err := t.store.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		if err := queueUp(ctx, tx, a.Account); err != nil { // so that the count holds
			return err
		}
		var n int
		err := tx.QueryRowContext(ctx, `
			SELECT COUNT(*) FROM authenticators WHERE account_id = $1 AND removed_at = 0`, string(a.Account)).Scan(&n)
		if err != nil {
			return err
		}
		if n >= totp.MaxAuthenticators {
			return totp.ErrFull.WithArgs(totp.MaxAuthenticators)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO authenticators (`+authenticatorColumns+`, removed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
			a.ID, string(a.Account), a.Name, a.Seed, a.LastStep, sqldb.Micros(a.AddedAt), lastUsed(a.LastUsedAt))
		return err
	})
	if sqldb.IsUnique(err) {
		return totp.ErrSetup.Because(err)
	}
	return err
}

// Rename implements totp.Store.
func (t *Authenticators) Rename(ctx context.Context, account ident.AccountID, id, name string, rec factor.Record) error {
	return t.store.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE authenticators SET name = $1 WHERE id = $2 AND account_id = $3 AND removed_at = 0`, name, id, string(account))
		return oneRow(res, err, factor.ErrUnknown)
	})
}

// Spend implements totp.Store.
func (t *Authenticators) Spend(ctx context.Context, account ident.AccountID, id string, step int64, at time.Time) (bool, error) {
	res, err := t.store.db.ExecContext(ctx, `
		UPDATE authenticators SET last_step = $1, last_used_at = $2
		WHERE id = $3 AND account_id = $4 AND removed_at = 0 AND last_step < $1`, step, sqldb.Micros(at), id, string(account))
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Remove implements factor.Keeper.
func (t *Authenticators) Remove(ctx context.Context, account ident.AccountID, id string, rec factor.Record) error {
	return t.store.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE authenticators SET removed_at = $1 WHERE id = $2 AND account_id = $3 AND removed_at = 0`,
			sqldb.Micros(rec.At), id, string(account))
		if err := oneRow(res, err, factor.ErrUnknown); err != nil {
			return err
		}
		return t.store.lastFactor(ctx, tx, t.events, rec, account)
	})
}

// Restore implements factor.Keeper.
func (t *Authenticators) Restore(ctx context.Context, account ident.AccountID, id string, rec factor.Record) error {
	return t.store.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE authenticators SET removed_at = 0 WHERE id = $1 AND account_id = $2 AND removed_at > $3`,
			id, string(account), sqldb.Micros(rec.At.Add(-factor.KeptFor)))
		if err := oneRow(res, err, factor.ErrUnknown); err != nil {
			return err
		}
		return guard(ctx, tx, account, rec.At)
	})
}
