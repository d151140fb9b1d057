package sqlstore

import (
	"context"
	"encoding/base64"

	"eulogin.example/idp/internal/factor/phone"
)

// SetOffline implements phone.Store.
func (d *Devices) SetOffline(ctx context.Context, id, pinHash string, o phone.Offline) error {
	res, err := d.store.db.ExecContext(ctx, `
		UPDATE devices SET offline_key = $1, offline_pin = $2 WHERE id = $3 AND pin_hash = $4 AND status = $5 AND removed_at = 0`,
		hidden(o.Key), hidden(o.PIN), id, pinHash, string(phone.Active))
	return oneRow(res, err, phone.ErrDeviceUnknown)
}

// hidden writes a sealed secret as text, which every engine stores alike.
func hidden(sealed []byte) string { return base64.RawStdEncoding.EncodeToString(sealed) }

func offline(key, pin string) (o phone.Offline, err error) {
	if o.Key, err = base64.RawStdEncoding.DecodeString(key); err == nil {
		o.PIN, err = base64.RawStdEncoding.DecodeString(pin)
	}
	return o, err
}
