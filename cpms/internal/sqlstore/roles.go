package sqlstore

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/proto/kit/sqldb"
)

// GiveRole gives a role to whoever signs in with this key; giving it twice changes nothing.
func (s *Store) GiveRole(ctx context.Context, at time.Time, issuer, subject, role, network string) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			INSERT INTO roles (issuer, subject, role, network, given_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (issuer, subject, role, network) DO NOTHING`,
			issuer, subject, role, network, sqldb.Micros(at))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		// The person may never have been here, so the event names the key.
		e := audit.Event{At: at, Actor: audit.Operator, Action: "role.given", Object: role, Detail: map[string]string{"issuer": issuer, "subject": subject, "network": network}}
		return record(ctx, tx, at, []audit.Event{e}, nil)
	})
}
