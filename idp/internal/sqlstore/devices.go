package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/sqldb"
)

// Events hears, inside the transaction, of changes that services are told about.
type Events interface {
	// FactorsReset says that an account has lost its last second factor.
	FactorsReset(ctx context.Context, tx sqldb.Querier, at time.Time, account ident.AccountID) error
}

// Devices implements phone.Store and phone.People.
type Devices struct {
	store  *Store
	events Events
}

// NewDevices makes the store of mobile devices beside the others on the same database.
func NewDevices(s *Store, events Events) *Devices { return &Devices{store: s, events: events} }

const deviceColumns = `id, account_id, name, number, system, public_key, key_thumbprint,
	pin_hash, pin_failures, status, added_at, last_used_at, offline_key, offline_pin,
	bio_credential, bio_key, bio_backup, bio_counter, bio_failures, push_target`

// Person implements phone.People.
func (d *Devices) Person(ctx context.Context, id ident.AccountID) (notify.Person, error) {
	a, err := d.store.ByID(ctx, id)
	if err != nil {
		return notify.Person{}, err
	}
	return a.Person(), nil
}

// Device implements phone.Store.
func (d *Devices) Device(ctx context.Context, id string) (phone.Device, error) {
	return scanDevice(d.store.db.QueryRowContext(ctx,
		`SELECT `+deviceColumns+` FROM devices WHERE id = $1 AND removed_at = 0`, id))
}

// Devices implements phone.Store.
func (d *Devices) Devices(ctx context.Context, account ident.AccountID) ([]phone.Device, error) {
	rows, err := d.store.db.QueryContext(ctx, `
		SELECT `+deviceColumns+` FROM devices WHERE account_id = $1 AND removed_at = 0 ORDER BY added_at, id`, string(account))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []phone.Device
	for rows.Next() {
		one, err := scanDevice(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// Activate implements phone.Store.
func (d *Devices) Activate(ctx context.Context, n phone.Device, rec phone.Record) error {
	err := d.write(ctx, rec, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO devices (`+deviceColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
			n.ID, string(n.Account), n.Name, n.Number, n.System, n.Key.JWK(), n.Key.Thumbprint(),
			n.PINHash, int64(n.PINFailures), string(n.Status), sqldb.Micros(n.AddedAt), lastUsed(n.LastUsedAt), hidden(n.Offline.Key), hidden(n.Offline.PIN),
			hidden(n.Bio.ID), hidden(n.Bio.Key), n.Bio.Backup, int64(n.Bio.Counter), int64(n.Bio.Failures), hidden(n.Target))
		return err
	})
	if sqldb.IsUnique(err) {
		return phone.ErrDeviceExists.Because(err)
	}
	return err
}

// Remove implements phone.Store.
func (d *Devices) Remove(ctx context.Context, account ident.AccountID, id string, rec phone.Record) error {
	return d.write(ctx, rec, func(tx *sqldb.Tx) error {
		var status string
		err := tx.QueryRowContext(ctx, `
			UPDATE devices SET removed_at = $1 WHERE id = $2 AND account_id = $3 AND removed_at = 0 RETURNING status`,
			sqldb.Micros(rec.At), id, string(account)).Scan(&status)
		if err != nil {
			return sqldb.NotFound(err, phone.ErrDeviceUnknown)
		}
		if status != string(phone.Active) {
			return nil // it was no factor any more
		}
		return d.store.lastFactor(ctx, tx, d.events, rec, account)
	})
}

// Restore implements phone.Store.
func (d *Devices) Restore(ctx context.Context, account ident.AccountID, id string, rec phone.Record) error {
	return d.write(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE devices SET removed_at = 0 WHERE id = $1 AND account_id = $2 AND removed_at > $3`,
			id, string(account), sqldb.Micros(rec.At.Add(-factor.KeptFor)))
		if err := oneRow(res, err, phone.ErrDeviceUnknown); err != nil {
			return err
		}
		return guard(ctx, tx, account, rec.At)
	})
}

// ForgetRemoved deletes devices that were removed before a moment.
func (d *Devices) ForgetRemoved(ctx context.Context, before time.Time) error {
	_, err := d.store.db.ExecContext(ctx, `DELETE FROM devices WHERE removed_at > 0 AND removed_at < $1`, sqldb.Micros(before))
	return err
}

// Disable implements phone.Store.
func (d *Devices) Disable(ctx context.Context, id string, rec phone.Record) (bool, error) {
	err := d.write(ctx, rec, func(tx *sqldb.Tx) error {
		var account string
		err := tx.QueryRowContext(ctx, `
			UPDATE devices SET status = $1 WHERE id = $2 AND status = $3 AND removed_at = 0 RETURNING account_id`,
			string(phone.Disabled), id, string(phone.Active)).Scan(&account)
		if err != nil {
			return err
		}
		return d.store.lastFactor(ctx, tx, d.events, rec, ident.AccountID(account))
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// ReservePIN implements phone.Store.
func (d *Devices) ReservePIN(ctx context.Context, id string, max int) (int, error) {
	var count int
	err := d.store.db.QueryRowContext(ctx, `
		UPDATE devices SET pin_failures = pin_failures + 1
		WHERE id = $1 AND status = $2 AND removed_at = 0 AND pin_failures < $3 RETURNING pin_failures`,
		id, string(phone.Active), int64(max)).Scan(&count)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return count, err
}

// SettlePIN implements phone.Store.
func (d *Devices) SettlePIN(ctx context.Context, id string, right bool, at time.Time) error {
	if right {
		_, err := d.store.db.ExecContext(ctx, `
			UPDATE devices SET pin_failures = 0, last_used_at = $1 WHERE id = $2 AND status = $3 AND removed_at = 0`,
			sqldb.Micros(at), id, string(phone.Active))
		return err
	}
	_, err := d.store.db.ExecContext(ctx, `
		UPDATE devices SET pin_failures = pin_failures - 1 WHERE id = $1 AND pin_failures > 0`, id)
	return err
}

// Note implements phone.Store.
func (d *Devices) Note(ctx context.Context, rec phone.Record) error {
	return d.store.Record(ctx, rec.At, rec.Events, rec.Notices)
}

// Answered implements phone.Store.
func (d *Devices) Answered(ctx context.Context, rec phone.Record, w *phone.Word) error {
	return d.store.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := record(ctx, tx, rec.At, rec.Events, rec.Notices); err != nil || w == nil {
			return err
		}
		return outbox.Add(ctx, tx, rec.At, outbox.Row{ID: ident.NewID(rand.Reader), Kind: phone.WordKind, Payload: w.Encode(), Due: rec.At})
	})
}

// write runs a change and its record in one transaction.
func (d *Devices) write(ctx context.Context, rec phone.Record, change func(tx *sqldb.Tx) error) error {
	return d.store.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		return recordFactor(ctx, tx, rec)
	})
}

func lastUsed(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return sqldb.Micros(t)
}

func scanDevice(row scanner) (phone.Device, error) {
	var d phone.Device
	var jwk, thumbprint, key, pin, bio, bioKey, target string
	var added, used int64
	err := row.Scan(&d.ID, &d.Account, &d.Name, &d.Number, &d.System, &jwk, &thumbprint,
		&d.PINHash, &d.PINFailures, &d.Status, &added, &used, &key, &pin, &bio, &bioKey, &d.Bio.Backup, &d.Bio.Counter, &d.Bio.Failures, &target)
	if err != nil {
		return phone.Device{}, sqldb.NotFound(err, phone.ErrDeviceUnknown)
	}
	if d.Offline, err = offline(key, pin); err != nil {
		return phone.Device{}, err
	}
	if d.Bio.ID, d.Bio.Key, err = pair(bio, bioKey); err != nil {
		return phone.Device{}, err
	}
	if d.Target, err = base64.RawStdEncoding.DecodeString(target); err != nil {
		return phone.Device{}, err
	}
	d.Key, err = phone.ParseKey([]byte(jwk))
	if err != nil {
		return phone.Device{}, err
	}
	d.AddedAt = sqldb.FromMicros(added)
	if used > 0 {
		d.LastUsedAt = sqldb.FromMicros(used)
	}
	return d, nil
}
