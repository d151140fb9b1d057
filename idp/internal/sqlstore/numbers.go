package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/sqldb"
)

// Numbers implements sms.Store.
type Numbers struct {
	store  *Store
	events Events
}

var _ sms.Store = (*Numbers)(nil)

// NewNumbers makes the store of mobile phone numbers beside the others on the same database.
func NewNumbers(s *Store, events Events) *Numbers { return &Numbers{store: s, events: events} }

// Numbers implements sms.Store.
func (n *Numbers) Numbers(ctx context.Context, id account.ID) ([]sms.Registered, error) {
	rows, err := n.store.db.QueryContext(ctx, `
		SELECT id, number, added_at, last_used_at FROM numbers
		WHERE account_id = $1 AND removed_at = 0 ORDER BY added_at, id`, string(id))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []sms.Registered
	for rows.Next() {
		var r sms.Registered
		var added, used int64
		if err := rows.Scan(&r.ID, &r.Number, &added, &used); err != nil {
			return nil, err
		}
		r.AddedAt, r.LastUsedAt = sqldb.FromMicros(added), moment(used)
		out = append(out, r)
	}
	return out, rows.Err()
}

// AddNumber implements sms.Store.
func (n *Numbers) AddNumber(ctx context.Context, id account.ID, r sms.Registered, rec factor.Record) error {
	err := n.store.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		// Touching the account's row makes others who add a number wait, so that the count holds.
		res, err := tx.ExecContext(ctx, `UPDATE accounts SET updated_at = $1 WHERE id = $2`, sqldb.Micros(r.AddedAt), string(id))
		if err := oneRow(res, err, account.ErrUnknown); err != nil {
			return err
		}
		var have int
		err = tx.QueryRowContext(ctx, `
			SELECT COUNT(*) FROM numbers WHERE account_id = $1 AND removed_at = 0`, string(id)).Scan(&have)
		if err != nil {
			return err
		}
		if have >= sms.MaxNumbers {
			return sms.ErrFull
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO numbers (id, account_id, number, added_at, last_used_at, removed_at) VALUES ($1, $2, $3, $4, 0, 0)`,
			r.ID, string(id), string(r.Number), sqldb.Micros(r.AddedAt))
		if err != nil {
			return err
		}
		return n.guard(ctx, tx, id, rec.At)
	})
	if sqldb.IsUnique(err) {
		return sms.ErrDuplicate.Because(err)
	}
	return err
}

// guard notes that an account has had a second factor, where numbers count as one.
func (n *Numbers) guard(ctx context.Context, tx *sqldb.Tx, id ident.AccountID, at time.Time) error {
	if !n.store.NumbersSignIn {
		return nil
	}
	return guard(ctx, tx, id, at)
}

// UseNumber implements sms.Store.
func (n *Numbers) UseNumber(ctx context.Context, id account.ID, numberID string, at time.Time) error {
	res, err := n.store.db.ExecContext(ctx, `
		UPDATE numbers SET last_used_at = $1 WHERE id = $2 AND account_id = $3 AND removed_at = 0`,
		sqldb.Micros(at), numberID, string(id))
	return oneRow(res, err, factor.ErrUnknown)
}

// Factors implements factor.Keeper; numbers can be used where they count as a factor.
func (n *Numbers) Factors(ctx context.Context, id ident.AccountID) ([]factor.Factor, error) {
	have, err := n.Numbers(ctx, id)
	var out []factor.Factor
	for _, r := range have {
		f := r.Factor()
		f.Usable = n.store.NumbersSignIn
		out = append(out, f)
	}
	return out, err
}

// Remove implements factor.Keeper.
func (n *Numbers) Remove(ctx context.Context, id ident.AccountID, numberID string, rec factor.Record) error {
	return n.store.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE numbers SET removed_at = $1 WHERE id = $2 AND account_id = $3 AND removed_at = 0`,
			sqldb.Micros(rec.At), numberID, string(id))
		if err := oneRow(res, err, factor.ErrUnknown); err != nil || !n.store.NumbersSignIn {
			return err
		}
		return n.store.lastFactor(ctx, tx, n.events, rec, id)
	})
}

// Restore implements factor.Keeper. A number that was added again meanwhile is there already.
func (n *Numbers) Restore(ctx context.Context, id ident.AccountID, numberID string, rec factor.Record) error {
	err := n.store.changeFactor(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE numbers SET removed_at = 0 WHERE id = $1 AND account_id = $2 AND removed_at > $3`,
			numberID, string(id), sqldb.Micros(rec.At.Add(-factor.KeptFor)))
		if err := oneRow(res, err, factor.ErrUnknown); err != nil {
			return err
		}
		return n.guard(ctx, tx, id, rec.At)
	})
	if sqldb.IsUnique(err) {
		return n.store.changeFactor(ctx, rec, func(*sqldb.Tx) error { return nil })
	}
	return err
}

// numbersLeft counts the numbers of an account that a sign-in could use.
func (s *Store) numbersLeft(ctx context.Context, tx sqldb.Querier, id ident.AccountID) (n int, err error) {
	if !s.NumbersSignIn {
		return 0, nil
	}
	err = tx.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM numbers WHERE account_id = $1 AND removed_at = 0`, string(id)).Scan(&n)
	return n, err
}
