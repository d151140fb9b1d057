package sqlstore

import (
	"context"
	"database/sql"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/sqldb"
)

const standingOf = `
	SELECT p.id, p.status, g.id, g.role, g.starts_at, g.ends_at, g.suspended_at, g.revoked_at
	FROM people p LEFT JOIN grants g ON g.person_id = p.id AND g.network = $3
	WHERE p.issuer = $1 AND p.subject = $2`

// Standing gives a person's status and all their grants for a network, with what decides
// whether they open, in one statement.
func (s *Store) Standing(ctx context.Context, issuer, subject, network string) (id string, status person.Status, grants []access.Grant, err error) {
	rows, err := s.db.QueryContext(ctx, standingOf, issuer, subject, network)
	grants, err = all(rows, err, func(r interface{ Scan(...any) error }) (g access.Grant, err error) {
		var grant, role sql.NullString
		var starts, ends, suspended, revoked sql.NullInt64
		err = r.Scan(&id, &status, &grant, &role, &starts, &ends, &suspended, &revoked)
		g = access.Grant{ID: grant.String, PersonID: id, Network: network, Role: role.String, StartsAt: sqldb.FromMicros(starts.Int64), EndsAt: sqldb.FromMicros(ends.Int64)}
		g.SuspendedAt, g.RevokedAt = sqldb.FromMicros(suspended.Int64), sqldb.FromMicros(revoked.Int64)
		return g, err
	})
	if len(grants) == 1 && grants[0].ID == "" {
		grants = nil // a person without a grant for it
	}
	return id, status, grants, err
}

// Position gives the number of the last event of the audit trail.
func (s *Store) Position(ctx context.Context) (seq int64, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT seq FROM audit_head WHERE id = 1`).Scan(&seq)
	return seq, err
}

// ChangesAfter gives the changes of access after a number, from at most so many events.
func (s *Store) ChangesAfter(ctx context.Context, seq int64, most int) (list []access.Changed, last int64, err error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT e.seq, e.at, e.actor, e.subject, e.action, e.object, e.detail, COALESCE(p.issuer, ''), COALESCE(p.subject, '')
		FROM audit_events e LEFT JOIN people p ON p.id = e.subject
		WHERE e.seq > $1 AND e.seq > 0 ORDER BY e.seq LIMIT $2`, seq, most)
	last = seq
	_, err = all(rows, err, func(r interface{ Scan(...any) error }) (e audit.Event, err error) {
		var c access.Changed
		e, err = scanEvent(scanner(func(into ...any) error {
			return r.Scan(append(append([]any{&c.Seq}, into...), &c.Issuer, &c.Subject)...)
		}))
		if err != nil {
			return e, err
		}
		last = c.Seq
		if kind, ok := access.Changes[e.Action]; ok {
			c.Kind, c.At, c.Network = kind, e.At, networkOf(e)
			if e.Subject == "" { // an operator's word about somebody who may never have been here
				c.Issuer, c.Subject = e.Detail["issuer"], e.Detail["subject"]
			}
			list = append(list, c)
		}
		return e, nil
	})
	return list, last, err
}

// networkOf gives the network that an event is about, "" for all.
func networkOf(e audit.Event) string {
	slug := e.Detail["network"] + e.Detail["at"] // administrators' events say "at"
	if slug == access.AllNetworks {
		return ""
	}
	return slug
}

// scanner lets a function stand for a row.
type scanner func(into ...any) error

func (s scanner) Scan(into ...any) error { return s(into...) }
