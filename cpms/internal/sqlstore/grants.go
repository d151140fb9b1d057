package sqlstore

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/signoff"
	"eulogin.example/proto/kit/sqldb"
)

const grantColumns = `id, person_id, request_id, network, role, hospital, starts_at, ends_at, suspended_at, revoked_at, warned_14, warned_3, closed, extends, revoked_by, revoked_reason`

func insertGrant(ctx context.Context, tx *sqldb.Tx, g access.Grant) error {
	if g.Extends != "" {
		// What was taken back while somebody approved more of it is not extended.
		res, err := tx.ExecContext(ctx, `UPDATE grants SET closed = TRUE WHERE id = $1 AND revoked_at = 0`, g.Extends)
		if err := oneRow(res, err, access.ErrChanged); err != nil {
			return err
		}
	}
	// "Your access has ended" would be wrong when a newer grant goes on.
	if _, err := tx.ExecContext(ctx, `UPDATE grants SET closed = TRUE WHERE person_id = $1 AND network = $2 AND role = $3 AND closed = FALSE AND ends_at <= $4`,
		g.PersonID, g.Network, g.Role, sqldb.Micros(g.EndsAt)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO grants (`+grantColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, FALSE, FALSE, FALSE, $10, '', '')`,
		g.ID, g.PersonID, g.RequestID, g.Network, g.Role, g.Hospital, sqldb.Micros(g.StartsAt), sqldb.Micros(g.EndsAt), sqldb.Micros(g.SuspendedAt), g.Extends)
	return err
}

// endGrant takes back a grant and all others of its person for the same network and role. The
// first statement waits for an approval that is extending it, so that the second sees what
// that made.
func endGrant(ctx context.Context, tx *sqldb.Tx, g access.Grant) error {
	at := sqldb.Micros(g.RevokedAt)
	res, err := tx.ExecContext(ctx, `UPDATE grants SET closed = TRUE WHERE id = $1 AND revoked_at = 0 AND ends_at > $2`, g.ID, at)
	if err := oneRow(res, err, access.ErrChanged); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE grants SET revoked_at = $4, revoked_by = $5, revoked_reason = $6
		WHERE person_id = $1 AND network = $2 AND role = $3 AND revoked_at = 0 AND ends_at > $4`, g.PersonID, g.Network, g.Role, at, g.RevokedBy, g.RevokedReason)
	return err
}

func scanGrant(r interface{ Scan(...any) error }) (g access.Grant, err error) {
	var starts, ends, suspended, revoked int64
	err = r.Scan(&g.ID, &g.PersonID, &g.RequestID, &g.Network, &g.Role, &g.Hospital, &starts, &ends, &suspended, &revoked, &g.Warned14, &g.Warned3, &g.Closed, &g.Extends, &g.RevokedBy, &g.RevokedReason)
	g.StartsAt, g.EndsAt = sqldb.FromMicros(starts), sqldb.FromMicros(ends)
	g.SuspendedAt, g.RevokedAt = sqldb.FromMicros(suspended), sqldb.FromMicros(revoked)
	return g, err
}

// GrantsOf gives a person's grants, newest first.
func (s *Store) GrantsOf(ctx context.Context, personID string) ([]access.Grant, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+grantColumns+` FROM grants WHERE person_id = $1 ORDER BY starts_at DESC, id`, personID)
	return all(rows, err, scanGrant)
}

const sameHospital = `
	SELECT COUNT(DISTINCT person_id) FROM grants
	WHERE network = $1 AND hospital = $2 AND ends_at > $3 AND starts_at <= $3 AND revoked_at = 0 AND suspended_at = 0`

// SameHospital counts the grants that open a network now for people of a hospital.
func (s *Store) SameHospital(ctx context.Context, network, hospital string, at time.Time) (n int, err error) {
	err = s.db.QueryRowContext(ctx, sameHospital, network, hospital, sqldb.Micros(at)).Scan(&n)
	return n, err
}

// DueGrants gives the grants that call for a notice now (access.Grant.Due says which), those
// that end first before the others, at most so many.
func (s *Store) DueGrants(ctx context.Context, now time.Time, most int) ([]access.Grant, error) {
	at := func(d time.Duration) int64 { return sqldb.Micros(now.Add(d)) }
	rows, err := s.db.QueryContext(ctx, `
		SELECT `+grantColumns+` FROM grants
		WHERE closed = FALSE AND revoked_at = 0 AND (ends_at <= $1
			OR (ends_at <= $2 AND warned_3 = FALSE AND ends_at - starts_at > $4)
			OR (ends_at > $2 AND ends_at <= $3 AND warned_14 = FALSE AND ends_at - starts_at > $5))
		ORDER BY ends_at, id LIMIT $6`,
		at(0), at(access.LastDays), at(access.Soon), access.LastDays.Microseconds(), access.Soon.Microseconds(), most)
	return all(rows, err, scanGrant)
}

// NoticeGrant marks a notice as given and sends its mail, exactly once: of several workers
// one meets the mark unset, the others get ErrChanged. So does one that comes after the grant
// was revoked.
func (s *Store) NoticeGrant(ctx context.Context, at time.Time, id string, n access.Notice, events []audit.Event, mails []notify.Mail, out ...signoff.Message) error {
	column := map[access.Notice]string{access.Notice14: "warned_14", access.Notice3: "warned_3", access.NoticeEnd: "closed"}[n]
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE grants SET `+column+` = TRUE WHERE id = $1 AND `+column+` = FALSE AND closed = FALSE AND revoked_at = 0`, id)
		if err := oneRow(res, err, access.ErrChanged); err != nil {
			return err
		}
		if err := signOff(ctx, tx, at, out); err != nil {
			return err
		}
		return record(ctx, tx, at, events, mails)
	})
}

// LiftSuspensions ends the suspension of a person's grants, at a MEDIUM sign-in.
func (s *Store) LiftSuspensions(ctx context.Context, at time.Time, personID string) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE grants SET suspended_at = 0 WHERE person_id = $1 AND suspended_at > 0`, personID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return record(ctx, tx, at, []audit.Event{{At: at, Actor: personID, Subject: personID, Action: "grants.suspension_lifted"}}, nil)
	})
}
