package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/proto/kit/sqldb"
)

// GiveRole gives a role to whoever signs in with this key; giving it twice changes nothing.
func (s *Store) GiveRole(ctx context.Context, at time.Time, issuer, subject, role, network string) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		given, err := giveRole(ctx, tx, at, issuer, subject, role, network)
		if err != nil || !given {
			return err
		}
		return record(ctx, tx, at, []audit.Event{roleEvent(at, "role.given", issuer, subject, role, network)}, nil)
	})
}

// TakeRole removes a role; removing it twice changes nothing.
func (s *Store) TakeRole(ctx context.Context, at time.Time, issuer, subject, role, network string) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		taken, err := takeRole(ctx, tx, issuer, subject, role, network)
		if err != nil || !taken {
			return err
		}
		return record(ctx, tx, at, []audit.Event{roleEvent(at, "role.taken", issuer, subject, role, network)}, nil)
	})
}

// roleEvent is an operator's act. The person may never have been here, so it names the key.
func roleEvent(at time.Time, action, issuer, subject, role, network string) audit.Event {
	return audit.Event{At: at, Actor: audit.Operator, Action: action, Object: role, Detail: map[string]string{"issuer": issuer, "subject": subject, "network": network}}
}

func giveRole(ctx context.Context, tx *sqldb.Tx, at time.Time, issuer, subject, role, network string) (bool, error) {
	res, err := tx.ExecContext(ctx, `
		INSERT INTO roles (issuer, subject, role, network, given_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (issuer, subject, role, network) DO NOTHING`,
		issuer, subject, role, network, sqldb.Micros(at))
	return changed(res, err)
}

func takeRole(ctx context.Context, tx *sqldb.Tx, issuer, subject, role, network string) (bool, error) {
	res, err := tx.ExecContext(ctx, `DELETE FROM roles WHERE issuer = $1 AND subject = $2 AND role = $3 AND network = $4`, issuer, subject, role, network)
	return changed(res, err)
}

// changed reports whether a statement met a row.
func changed(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}
