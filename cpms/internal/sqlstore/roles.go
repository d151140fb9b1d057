package sqlstore

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/person"
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

// NetworksOf gives the networks that a person coordinates.
func (s *Store) NetworksOf(ctx context.Context, personID string) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT r.network FROM roles r JOIN people p ON p.issuer = r.issuer AND p.subject = r.subject
		WHERE p.id = $1 AND p.status = 'active' AND r.role = 'COORDINATOR' ORDER BY r.network`, personID)
	return all(rows, err, func(r interface{ Scan(...any) error }) (n string, err error) { return n, r.Scan(&n) })
}

// CoordinatorsOf gives the people who decide for a network and have signed in before.
func (s *Store) CoordinatorsOf(ctx context.Context, network string) ([]person.Person, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT DISTINCT p.id, p.issuer, p.subject, p.given_name, p.family_name, p.email, p.mail_lang, p.assurance, p.status, p.created_at, p.updated_at
		FROM people p JOIN roles r ON p.issuer = r.issuer AND p.subject = r.subject
		WHERE r.role = 'COORDINATOR' AND r.network IN ($1, '*') AND p.status = 'active'`, network)
	return all(rows, err, scanPerson)
}
