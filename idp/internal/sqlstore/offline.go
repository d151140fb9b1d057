package sqlstore

import (
	"context"
	"encoding/base64"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/proto/kit/sqldb"
)

// SetOffline implements phone.Store.
func (d *Devices) SetOffline(ctx context.Context, id, pinHash string, o phone.Offline) error {
	res, err := d.store.db.ExecContext(ctx, `
		UPDATE devices SET offline_key = $1, offline_pin = $2 WHERE id = $3 AND pin_hash = $4 AND status = $5 AND removed_at = 0`,
		hidden(o.Key), hidden(o.PIN), id, pinHash, string(phone.Active))
	return oneRow(res, err, phone.ErrDeviceUnknown)
}

// SetPIN implements phone.Store.
func (d *Devices) SetPIN(ctx context.Context, n phone.Device, pinHash string, rec phone.Record) error {
	return d.write(ctx, rec, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE devices SET pin_hash = $1, offline_key = $2, offline_pin = $3 WHERE id = $4 AND pin_hash = $5 AND status = $6 AND removed_at = 0`,
			n.PINHash, hidden(n.Offline.Key), hidden(n.Offline.PIN), n.ID, pinHash, string(phone.Active))
		return oneRow(res, err, phone.ErrPINChanged)
	})
}

// hidden writes bytes, such as a sealed secret, as text, which every engine stores alike.
func hidden(sealed []byte) string { return base64.RawStdEncoding.EncodeToString(sealed) }

func offline(key, pin string) (o phone.Offline, err error) {
	o.Key, o.PIN, err = pair(key, pin)
	return o, err
}

// pair reads two texts that hidden wrote.
func pair(one, two string) (a, b []byte, err error) {
	if a, err = base64.RawStdEncoding.DecodeString(one); err == nil {
		b, err = base64.RawStdEncoding.DecodeString(two)
	}
	return a, b, err
}
