package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/proto/kit/sqldb"
)

// SetBiometrics implements phone.BiometricsStore.
func (d *Devices) SetBiometrics(ctx context.Context, id string, b phone.Biometrics, rec phone.Record) error {
	return d.write(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE devices SET bio_credential = $1, bio_key = $2, bio_backup = $3, bio_counter = $4, bio_failures = 0
			WHERE id = $5 AND status = $6 AND removed_at = 0`,
			hidden(b.ID), hidden(b.Key), b.Backup, int64(b.Counter), id, string(phone.Active))
		return oneRow(res, err, phone.ErrDeviceUnknown)
	})
}

// ReserveBiometrics implements phone.BiometricsStore.
func (d *Devices) ReserveBiometrics(ctx context.Context, id string, max int) (int, error) {
	var count int
	err := d.store.db.QueryRowContext(ctx, `
		UPDATE devices SET bio_failures = bio_failures + 1
		WHERE id = $1 AND status = $2 AND removed_at = 0 AND bio_credential <> '' AND bio_failures < $3 RETURNING bio_failures`,
		id, string(phone.Active), int64(max)).Scan(&count)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return count, err
}

// SettleBiometrics implements phone.BiometricsStore. A counter that stays zero says nothing
// (WebAuthn §6.1.1).
func (d *Devices) SettleBiometrics(ctx context.Context, id string, counter uint32, at time.Time) (bool, error) {
	res, err := d.store.db.ExecContext(ctx, `
		UPDATE devices SET bio_failures = 0, bio_counter = $1, last_used_at = $2
		WHERE id = $3 AND status = $4 AND removed_at = 0 AND (bio_counter < $1 OR (bio_counter = 0 AND $1 = 0))`,
		int64(counter), sqldb.Micros(at), id, string(phone.Active))
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}
