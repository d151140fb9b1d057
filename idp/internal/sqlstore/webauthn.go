package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/sqldb"
)

// Keys implements webauthn.Store.
type Keys struct {
	store  *Store
	events Events
}

var _ webauthn.Store = (*Keys)(nil)

// NewKeys makes the store of WebAuthn credentials beside the others on the same database.
func NewKeys(s *Store, events Events) *Keys { return &Keys{store: s, events: events} }

const keyColumns = `id, account_id, name, credential_id, public_key, aaguid, transports, attachment,
	verifies, backup_eligible, backed_up, attested, counter, status, added_at, last_used_at, issued_at`

// Handle implements webauthn.Store.
func (k *Keys) Handle(ctx context.Context, account ident.AccountID, fresh []byte) ([]byte, error) {
	const read = `SELECT handle FROM webauthn_handles WHERE account_id = $1`
	var handle []byte
	err := k.store.db.QueryRowContext(ctx, read, string(account)).Scan(&handle)
	if !errors.Is(err, sql.ErrNoRows) {
		return handle, err
	}
	_, err = k.store.db.ExecContext(ctx, `
		INSERT INTO webauthn_handles (account_id, handle) VALUES ($1, $2) ON CONFLICT (account_id) DO NOTHING`,
		string(account), fresh)
	if err != nil {
		return nil, err
	}
	return handle, k.store.db.QueryRowContext(ctx, read, string(account)).Scan(&handle)
}

// Owner implements webauthn.Store.
func (k *Keys) Owner(ctx context.Context, handle []byte) (ident.AccountID, error) {
	var account string
	err := k.store.db.QueryRowContext(ctx, `
		SELECT account_id FROM webauthn_handles WHERE handle = $1`, handle).Scan(&account)
	return ident.AccountID(account), sqldb.NotFound(err, factor.ErrUnknown)
}

// Credentials implements webauthn.Store.
func (k *Keys) Credentials(ctx context.Context, account ident.AccountID) ([]webauthn.Credential, error) {
	rows, err := k.store.db.QueryContext(ctx, `
		SELECT `+keyColumns+` FROM webauthn_credentials
		WHERE account_id = $1 AND removed_at = 0 ORDER BY added_at, id`, string(account))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []webauthn.Credential
	for rows.Next() {
		c, err := scanKey(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// ByID implements webauthn.Store.
func (k *Keys) ByID(ctx context.Context, id string) (webauthn.Credential, error) {
	return scanKey(k.store.db.QueryRowContext(ctx, `
		SELECT `+keyColumns+` FROM webauthn_credentials WHERE id = $1 AND removed_at = 0`, id))
}

// Add implements webauthn.Store.
func (k *Keys) Add(ctx context.Context, c webauthn.Credential, rec factor.Record) error {
	err := k.write(ctx, rec, func(tx *sqldb.Tx) error {
		if err := queueUp(ctx, tx, c.Account); err != nil { // so that the count holds
			return err
		}
		var n int
		err := tx.QueryRowContext(ctx, `
			SELECT COUNT(*) FROM webauthn_credentials WHERE account_id = $1 AND removed_at = 0`, string(c.Account)).Scan(&n)
		if err != nil {
			return err
		}
		if n >= webauthn.MaxCredentials {
			return webauthn.ErrTooMany.WithArgs(webauthn.MaxCredentials)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO webauthn_credentials (`+keyColumns+`, removed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0)`,
			c.ID, string(c.Account), c.Name, c.CredentialID, c.PublicKey, c.AAGUID, strings.Join(c.Transports, " "), c.Attachment,
			c.Verifies, c.BackupEligible, c.BackedUp, c.Attested, int64(c.Counter), string(c.Status),
			sqldb.Micros(c.AddedAt), lastUsed(c.LastUsedAt), lastUsed(c.IssuedAt))
		return err
	})
	if sqldb.IsUnique(err) {
		return webauthn.ErrKnown.Because(err)
	}
	return err
}

// Rename implements webauthn.Store.
func (k *Keys) Rename(ctx context.Context, account ident.AccountID, id, name string, rec factor.Record) error {
	return k.write(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE webauthn_credentials SET name = $1 WHERE id = $2 AND account_id = $3 AND removed_at = 0`, name, id, string(account))
		return oneRow(res, err, factor.ErrUnknown)
	})
}

// Remove implements webauthn.Store.
func (k *Keys) Remove(ctx context.Context, account ident.AccountID, id string, rec factor.Record) error {
	return k.write(ctx, rec, func(tx *sqldb.Tx) error {
		var status string
		err := tx.QueryRowContext(ctx, `
			UPDATE webauthn_credentials SET removed_at = $1
			WHERE id = $2 AND account_id = $3 AND removed_at = 0 RETURNING status`,
			sqldb.Micros(rec.At), id, string(account)).Scan(&status)
		if err != nil {
			return sqldb.NotFound(err, factor.ErrUnknown)
		}
		if status != string(webauthn.Active) {
			return nil // it was no factor any more
		}
		return k.store.lastFactor(ctx, tx, k.events, rec, account)
	})
}

// Restore implements webauthn.Store.
func (k *Keys) Restore(ctx context.Context, account ident.AccountID, id string, rec factor.Record) error {
	return k.write(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE webauthn_credentials SET removed_at = 0
			WHERE id = $1 AND account_id = $2 AND removed_at > $3`, id, string(account), sqldb.Micros(rec.At.Add(-factor.KeptFor)))
		if err := oneRow(res, err, factor.ErrUnknown); err != nil {
			return err
		}
		return guard(ctx, tx, account, rec.At)
	})
}

// Used implements webauthn.Store.
func (k *Keys) Used(ctx context.Context, id string, u webauthn.Use) (bool, error) {
	res, err := k.store.db.ExecContext(ctx, `
		UPDATE webauthn_credentials SET counter = $1, backed_up = $2, last_used_at = $3
		WHERE id = $4 AND status = $5 AND removed_at = 0 AND (counter < $1 OR (counter = 0 AND $1 = 0))`,
		int64(u.Counter), u.BackedUp, sqldb.Micros(u.At), id, string(webauthn.Active))
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// Disable implements webauthn.Store.
func (k *Keys) Disable(ctx context.Context, id string, rec factor.Record) (bool, error) {
	err := k.write(ctx, rec, func(tx *sqldb.Tx) error {
		var account string
		err := tx.QueryRowContext(ctx, `
			UPDATE webauthn_credentials SET status = $1 WHERE id = $2 AND status = $3 AND removed_at = 0 RETURNING account_id`,
			string(webauthn.Disabled), id, string(webauthn.Active)).Scan(&account)
		if err != nil {
			return err
		}
		return k.store.lastFactor(ctx, tx, k.events, rec, ident.AccountID(account))
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Issue implements webauthn.Store.
func (k *Keys) Issue(ctx context.Context, id string, rec factor.Record) error {
	return k.write(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE webauthn_credentials SET issued_at = $1 WHERE id = $2 AND status = $3 AND removed_at = 0`,
			sqldb.Micros(rec.At), id, string(webauthn.Active))
		return oneRow(res, err, factor.ErrUnknown)
	})
}

// ForgetKeys deletes for good the credentials that were removed before a moment.
func (s *Store) ForgetKeys(ctx context.Context, before time.Time) error {
	_, err := s.db.ExecContext(ctx, `
		DELETE FROM webauthn_credentials WHERE removed_at > 0 AND removed_at < $1`, sqldb.Micros(before))
	return err
}

// write runs a change and its record in one transaction.
func (k *Keys) write(ctx context.Context, rec factor.Record, change func(tx *sqldb.Tx) error) error {
	return k.store.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		return recordFactor(ctx, tx, rec)
	})
}

func scanKey(row scanner) (webauthn.Credential, error) {
	var c webauthn.Credential
	var transports string
	var counter, added, used, issued int64
	err := row.Scan(&c.ID, &c.Account, &c.Name, &c.CredentialID, &c.PublicKey, &c.AAGUID, &transports, &c.Attachment,
		&c.Verifies, &c.BackupEligible, &c.BackedUp, &c.Attested, &counter, &c.Status, &added, &used, &issued)
	if err != nil {
		return webauthn.Credential{}, sqldb.NotFound(err, factor.ErrUnknown)
	}
	c.Transports, c.Counter, c.AddedAt = strings.Fields(transports), uint32(counter), sqldb.FromMicros(added)
	if used > 0 {
		c.LastUsedAt = sqldb.FromMicros(used)
	}
	if issued > 0 {
		c.IssuedAt = sqldb.FromMicros(issued)
	}
	return c, nil
}
