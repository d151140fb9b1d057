package sqlstore

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/proto/kit/sqldb"
)

const requestColumns = `id, person_id, network, country, hospital, role, justification, sponsor_name, sponsor_email, duration_days, declaration, terms,
	state, question, answer, reason, terms_version, assurance, acr, created_at, updated_at, submitted_at, decided_at, decided_by, version`

func scanRequest(r interface{ Scan(...any) error }) (q access.Request, err error) {
	var created, updated, submitted, decided int64
	err = r.Scan(&q.ID, &q.PersonID, &q.Network, &q.Country, &q.Hospital, &q.Role, &q.Justification, &q.SponsorName, &q.SponsorEmail, &q.DurationDays, &q.Declaration, &q.Terms,
		&q.State, &q.Question, &q.Answer, &q.Reason, &q.TermsVersion, &q.Assurance, &q.ACR, &created, &updated, &submitted, &decided, &q.DecidedBy, &q.Version)
	q.CreatedAt, q.UpdatedAt = sqldb.FromMicros(created), sqldb.FromMicros(updated)
	q.SubmittedAt, q.DecidedAt = sqldb.FromMicros(submitted), sqldb.FromMicros(decided)
	return q, err
}

// ApplyChange writes a request with its grant, events and mails, all or nothing.
func (s *Store) ApplyChange(ctx context.Context, c access.Change) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := putRequest(ctx, tx, c); err != nil {
			return err
		}
		if c.Grant != nil {
			if err := insertGrant(ctx, tx, *c.Grant); err != nil {
				return err
			}
		}
		return record(ctx, tx, c.Request.UpdatedAt, c.Events, c.Mails)
	})
}

func putRequest(ctx context.Context, tx *sqldb.Tx, c access.Change) error {
	r := c.Request
	if c.From == 0 {
		_, err := tx.ExecContext(ctx, `INSERT INTO requests (`+requestColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`, columnsOf(r)...)
		return duplicate(err)
	}
	res, err := tx.ExecContext(ctx, `
		UPDATE requests SET network = $3, country = $4, hospital = $5, role = $6, justification = $7, sponsor_name = $8, sponsor_email = $9, duration_days = $10,
			declaration = $11, terms = $12, state = $13, question = $14, answer = $15, reason = $16, terms_version = $17, assurance = $18, acr = $19,
			updated_at = $21, submitted_at = $22, decided_at = $23, decided_by = $24, version = $25
		WHERE id = $1 AND person_id = $2 AND created_at = $20 AND version = $26`, append(columnsOf(r), c.From)...)
	return oneRow(res, duplicate(err), access.ErrChanged)
}

func duplicate(err error) error {
	if sqldb.IsUnique(err) {
		return access.ErrDuplicate
	}
	return err
}

func columnsOf(r access.Request) []any {
	return []any{
		r.ID, r.PersonID, r.Network, r.Country, r.Hospital, r.Role, r.Justification, r.SponsorName, r.SponsorEmail, r.DurationDays, r.Declaration, r.Terms,
		string(r.State), r.Question, r.Answer, r.Reason, r.TermsVersion, r.Assurance, r.ACR, sqldb.Micros(r.CreatedAt), sqldb.Micros(r.UpdatedAt),
		sqldb.Micros(r.SubmittedAt), sqldb.Micros(r.DecidedAt), r.DecidedBy, r.Version,
	}
}

// RequestByID finds a request.
func (s *Store) RequestByID(ctx context.Context, id string) (access.Request, error) {
	r, err := scanRequest(s.db.QueryRowContext(ctx, `SELECT `+requestColumns+` FROM requests WHERE id = $1`, id))
	return r, sqldb.NotFound(err, access.ErrUnknown)
}

// RequestsOf gives a person's requests, newest first.
func (s *Store) RequestsOf(ctx context.Context, personID string) ([]access.Request, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+requestColumns+` FROM requests WHERE person_id = $1 ORDER BY created_at DESC, id`, personID)
	return all(rows, err, scanRequest)
}

// Queue gives the open requests of networks, oldest first.
func (s *Store) Queue(ctx context.Context, networks []string, most int) ([]access.Request, error) {
	if slices.Contains(networks, access.AllNetworks) {
		rows, err := s.db.QueryContext(ctx, `SELECT `+requestColumns+` FROM requests WHERE state IN ('submitted', 'more_info') ORDER BY submitted_at, id LIMIT $1`, most)
		return all(rows, err, scanRequest)
	}
	var out []access.Request
	for _, n := range networks {
		rows, err := s.db.QueryContext(ctx, `SELECT `+requestColumns+` FROM requests WHERE state IN ('submitted', 'more_info') AND network = $1 ORDER BY submitted_at, id LIMIT $2`, n, most)
		list, err := all(rows, err, scanRequest)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.SortFunc(out, func(a, b access.Request) int { return a.SubmittedAt.Compare(b.SubmittedAt) })
	return out[:min(len(out), most)], nil
}

const grantColumns = `id, person_id, request_id, network, role, hospital, starts_at, ends_at, suspended_at, revoked_at, warned_14, warned_3, closed`

func insertGrant(ctx context.Context, tx *sqldb.Tx, g access.Grant) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO grants (`+grantColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, FALSE, FALSE, FALSE)`,
		g.ID, g.PersonID, g.RequestID, g.Network, g.Role, g.Hospital, sqldb.Micros(g.StartsAt), sqldb.Micros(g.EndsAt))
	return err
}

func scanGrant(r interface{ Scan(...any) error }) (g access.Grant, err error) {
	var starts, ends, suspended, revoked int64
	err = r.Scan(&g.ID, &g.PersonID, &g.RequestID, &g.Network, &g.Role, &g.Hospital, &starts, &ends, &suspended, &revoked, &g.Warned14, &g.Warned3, &g.Closed)
	g.StartsAt, g.EndsAt = sqldb.FromMicros(starts), sqldb.FromMicros(ends)
	g.SuspendedAt, g.RevokedAt = sqldb.FromMicros(suspended), sqldb.FromMicros(revoked)
	return g, err
}

// GrantsOf gives a person's grants, newest first.
func (s *Store) GrantsOf(ctx context.Context, personID string) ([]access.Grant, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+grantColumns+` FROM grants WHERE person_id = $1 ORDER BY starts_at DESC, id`, personID)
	return all(rows, err, scanGrant)
}

// EndingGrants gives grants whose end is before a time and that are not closed yet.
func (s *Store) EndingGrants(ctx context.Context, before time.Time, most int) ([]access.Grant, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+grantColumns+` FROM grants WHERE closed = FALSE AND ends_at <= $1 ORDER BY ends_at, id LIMIT $2`, sqldb.Micros(before), most)
	return all(rows, err, scanGrant)
}

// NoticeGrant marks a notice as given and sends its mail, exactly once: of several workers
// one meets the mark unset. notice is warned_14, warned_3 or closed.
func (s *Store) NoticeGrant(ctx context.Context, at time.Time, id string, n access.Notice, events []audit.Event, mails []notify.Mail) error {
	column := map[access.Notice]string{access.Notice14: "warned_14", access.Notice3: "warned_3", access.NoticeEnd: "closed"}[n]
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE grants SET `+column+` = TRUE WHERE id = $1 AND `+column+` = FALSE`, id)
		if err := oneRow(res, err, access.ErrChanged); err != nil {
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

// Timeline gives what happened to a request, oldest first.
func (s *Store) Timeline(ctx context.Context, requestID string) ([]audit.Event, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT at, actor, subject, action, object, detail FROM audit_events WHERE object = $1 ORDER BY at, id`, requestID)
	return all(rows, err, func(r interface{ Scan(...any) error }) (e audit.Event, err error) {
		var at int64
		var detail string
		if err := r.Scan(&at, &e.Actor, &e.Subject, &e.Action, &e.Object, &detail); err != nil {
			return e, err
		}
		e.At = sqldb.FromMicros(at)
		return e, json.Unmarshal([]byte(detail), &e.Detail)
	})
}
