package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/sqldb"
)

// ownSeats are the networks that somebody coordinates at the moment $2, by an operator's word
// or by a grant: (person, network). $1 is the person, or the network.
const (
	byRole = `SELECT p.id, r.network FROM roles r JOIN people p ON p.issuer = r.issuer AND p.subject = r.subject
		WHERE r.role = 'COORDINATOR' AND p.status = 'active'`
	byGrant = `SELECT p.id, g.network FROM grants g JOIN people p ON p.id = g.person_id
		WHERE g.role = 'COORDINATOR' AND p.status = 'active' AND g.starts_at <= $2 AND g.ends_at > $2 AND g.revoked_at = 0 AND g.suspended_at = 0`
	// standing are the deputies whose coordinator may still decide themselves: nobody hands on
	// what they have lost.
	standing = `SELECT d.deputy_id, d.network, d.coordinator_id FROM deputies d JOIN people p ON p.id = d.deputy_id JOIN people c ON c.id = d.coordinator_id
		WHERE d.from_at <= $2 AND d.until_at > $2 AND d.ended_at = 0 AND p.status = 'active' AND c.status = 'active'
			AND (EXISTS (SELECT 1 FROM roles r WHERE r.issuer = c.issuer AND r.subject = c.subject AND r.role = 'COORDINATOR' AND r.network IN (d.network, '*'))
				OR EXISTS (SELECT 1 FROM grants g WHERE g.person_id = c.id AND g.network = d.network AND g.role = 'COORDINATOR'
					AND g.starts_at <= $2 AND g.ends_at > $2 AND g.revoked_at = 0 AND g.suspended_at = 0))`
)

// Seats gives what a person decides for at a moment.
func (s *Store) Seats(ctx context.Context, personID string, at time.Time) ([]access.Seat, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT o.network, '' AS stands FROM (`+byRole+` AND p.id = $1 UNION `+byGrant+` AND p.id = $1) o
		UNION SELECT d.network, d.coordinator_id FROM (`+standing+` AND d.deputy_id = $1) d
		ORDER BY 1, 2`, personID, sqldb.Micros(at))
	return all(rows, err, func(r interface{ Scan(...any) error }) (seat access.Seat, err error) {
		return seat, r.Scan(&seat.Network, &seat.For)
	})
}

// CoordinatorsOf gives the people who decide for a network at a moment and have signed in
// before, deputies among them.
func (s *Store) CoordinatorsOf(ctx context.Context, network string, at time.Time) ([]person.Person, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT `+personColumns+` FROM people WHERE id IN (
			SELECT o.id FROM (`+byRole+` AND r.network IN ($1, '*') UNION `+byGrant+` AND g.network = $1) o
			UNION SELECT d.deputy_id FROM (`+standing+` AND d.network = $1) d)
		ORDER BY id`, network, sqldb.Micros(at))
	return all(rows, err, scanPerson)
}

// ApprovalOf gives the first approval that made this version of a request, or nil.
func (s *Store) ApprovalOf(ctx context.Context, requestID string, version int64) (*access.Approval, error) {
	a := access.Approval{Version: version}
	err := s.db.QueryRowContext(ctx, `SELECT by_id, for_id FROM approvals WHERE request_id = $1 AND version = $2`, requestID, version).Scan(&a.By, &a.For)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &a, err
}

func insertApproval(ctx context.Context, tx *sqldb.Tx, r access.Request, a access.Approval) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO approvals (request_id, version, by_id, at, for_id) VALUES ($1, $2, $3, $4, $5)`, r.ID, a.Version, a.By, sqldb.Micros(r.UpdatedAt), a.For)
	return err
}
