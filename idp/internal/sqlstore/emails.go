package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/address"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/sqldb"
)

const emailChangeColumns = `id, account_id, at, old_email, old_key, new_email, digest, undone_at`

// ChangeEmail implements address.Store.
func (s *Store) ChangeEmail(ctx context.Context, at time.Time, a account.Account, email, key string, c address.Change, undoes string, events []audit.Event, messages []notify.Message) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE accounts SET email = $1, email_key = $2, updated_at = $3, version = version + 1 WHERE id = $4 AND version = $5`,
			email, key, sqldb.Micros(at), string(a.ID), a.Version)
		if err := oneRow(res, err, account.ErrChanged); err != nil {
			return err
		}
		if undoes != "" {
			res, err := tx.ExecContext(ctx, `UPDATE email_changes SET undone_at = $1 WHERE id = $2 AND undone_at = 0`, sqldb.Micros(at), undoes)
			if err := oneRow(res, err, address.ErrUndone); err != nil {
				return err
			}
		}
		if c.ID != "" {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO email_changes (`+emailChangeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
				c.ID, string(c.Account), sqldb.Micros(c.At), c.OldEmail, c.OldKey, c.NewEmail, c.Digest)
			if err != nil {
				return err
			}
		}
		return record(ctx, tx, at, events, messages)
	})
	if sqldb.IsUnique(err) {
		return account.ErrEmailTaken.Because(err)
	}
	return err
}

// EmailChange implements address.Store.
func (s *Store) EmailChange(ctx context.Context, digest string) (address.Change, error) {
	var c address.Change
	var at, undone int64
	err := s.db.QueryRowContext(ctx, `SELECT `+emailChangeColumns+` FROM email_changes WHERE digest = $1`, digest).
		Scan(&c.ID, &c.Account, &at, &c.OldEmail, &c.OldKey, &c.NewEmail, &c.Digest, &undone)
	if err != nil {
		return address.Change{}, sqldb.NotFound(err, account.ErrUnknown)
	}
	c.At = sqldb.FromMicros(at)
	if undone > 0 {
		c.UndoneAt = sqldb.FromMicros(undone)
	}
	return c, nil
}

// ForgetEmails deletes former addresses that need not be told of anything any more.
func (s *Store) ForgetEmails(ctx context.Context, before time.Time) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM email_changes WHERE at < $1`, sqldb.Micros(before))
	return err
}
