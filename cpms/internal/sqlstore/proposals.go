package sqlstore

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/admin"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/sqldb"
)

// Administrators gives the people who administer and have signed in before.
func (s *Store) Administrators(ctx context.Context) ([]person.Person, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT `+personColumns+` FROM people
		WHERE status = 'active' AND (issuer, subject) IN (SELECT issuer, subject FROM roles WHERE role = $1) ORDER BY id`, access.AdministratorRole)
	return all(rows, err, scanPerson)
}

// Propose keeps a proposal; one from before a time gives way. admin.ErrChanged when a younger
// one stands.
func (s *Store) Propose(ctx context.Context, p admin.Proposal, stale time.Time, w admin.Write) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := alive(ctx, tx, p.PersonID); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `
			INSERT INTO role_proposals (person_id, network, by_id, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (person_id, network) DO UPDATE SET by_id = excluded.by_id, at = excluded.at WHERE role_proposals.at <= $5`,
			p.PersonID, p.Network, p.ByID, sqldb.Micros(p.At), sqldb.Micros(stale))
		if err := oneRow(res, err, admin.ErrChanged); err != nil {
			return err
		}
		return record(ctx, tx, w.At, w.Events, w.Mails)
	})
}

// Proposals gives those that were made after a time.
func (s *Store) Proposals(ctx context.Context, after time.Time) ([]admin.Proposal, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT person_id, network, by_id, at FROM role_proposals WHERE at > $1 ORDER BY at, person_id, network`, sqldb.Micros(after))
	return all(rows, err, func(r interface{ Scan(...any) error }) (p admin.Proposal, err error) {
		var at int64
		err = r.Scan(&p.PersonID, &p.Network, &p.ByID, &at)
		p.At = sqldb.FromMicros(at)
		return p, err
	})
}

// Confirm uses a proposal up and gives the role. admin.ErrSecond when the same administrator
// made it, admin.ErrChanged when there is none.
func (s *Store) Confirm(ctx context.Context, p person.Person, slug, by string, after time.Time, w admin.Write) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := alive(ctx, tx, p.ID); err != nil {
			return err
		}
		var mine int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM role_proposals WHERE person_id = $1 AND network = $2 AND by_id = $3`, p.ID, slug, by).Scan(&mine); err != nil {
			return err
		}
		if mine > 0 {
			return admin.ErrSecond
		}
		res, err := tx.ExecContext(ctx, `DELETE FROM role_proposals WHERE person_id = $1 AND network = $2 AND by_id <> $3 AND at > $4`, p.ID, slug, by, sqldb.Micros(after))
		if err := oneRow(res, err, admin.ErrChanged); err != nil {
			return err
		}
		return s.roleChange(ctx, tx, w)(giveRole(ctx, tx, w.At, p.Issuer, p.Subject, access.CoordinatorRole, slug))
	})
}

// Drop removes a proposal.
func (s *Store) Drop(ctx context.Context, p person.Person, slug string, w admin.Write) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM role_proposals WHERE person_id = $1 AND network = $2`, p.ID, slug)
		return s.roleChange(ctx, tx, w)(changed(res, err))
	})
}
