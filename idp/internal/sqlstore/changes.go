package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/sqldb"
)

const changeColumns = `id, account_id, at, action, method, factor_id, name, digest, undone_at`

// Change implements journal.Changes.
func (s *Store) Change(ctx context.Context, digest string) (factor.Change, error) {
	var c factor.Change
	var at, undone int64
	err := s.db.QueryRowContext(ctx, `SELECT `+changeColumns+` FROM factor_changes WHERE digest = $1`, digest).
		Scan(&c.ID, &c.Account, &at, &c.Action, &c.Method, &c.Factor, &c.Name, &c.Digest, &undone)
	if err != nil {
		return factor.Change{}, sqldb.NotFound(err, factor.ErrUnknown)
	}
	c.At = sqldb.FromMicros(at)
	if undone > 0 {
		c.UndoneAt = sqldb.FromMicros(undone)
	}
	return c, nil
}

// ForgetChanges deletes changes that can no longer be undone.
func (s *Store) ForgetChanges(ctx context.Context, before time.Time) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM factor_changes WHERE at < $1`, sqldb.Micros(before))
	return err
}

// AddressesOf implements journal.Addresses: the account's address, and those that it had
// since a moment.
func (s *Store) AddressesOf(ctx context.Context, id ident.AccountID, since time.Time) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT email FROM accounts WHERE id = $1
		UNION SELECT old_email FROM email_changes WHERE account_id = $2 AND at > $3`, string(id), string(id), sqldb.Micros(since))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var address string
		if err := rows.Scan(&address); err != nil {
			return nil, err
		}
		out = append(out, address)
	}
	return out, rows.Err()
}
