package sqlstore

import (
	"context"
	"crypto/rand"
	"time"

	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/sqldb"
)

// SetTarget implements phone.WakeStore.
func (d *Devices) SetTarget(ctx context.Context, id string, target, before []byte) error {
	res, err := d.store.db.ExecContext(ctx, `
		UPDATE devices SET push_target = $1 WHERE id = $2 AND status = $3 AND removed_at = 0 AND ($4 = '' OR push_target = $4)`,
		hidden(target), id, string(phone.Active), hidden(before))
	return oneRow(res, err, phone.ErrDeviceUnknown)
}

// QueueWakes implements phone.WakeStore.
func (d *Devices) QueueWakes(ctx context.Context, at time.Time, wakes []phone.Wake) error {
	rows := make([]outbox.Row, 0, len(wakes))
	for _, w := range wakes {
		rows = append(rows, outbox.Row{ID: ident.NewID(rand.Reader), Kind: phone.WakeKind, Payload: w.Encode(), Due: at})
	}
	return d.store.db.InTx(ctx, func(tx *sqldb.Tx) error { return outbox.Add(ctx, tx, at, rows...) })
}
