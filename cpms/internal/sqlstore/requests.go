package sqlstore

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/access"
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
		if c.Ended != nil {
			if err := endGrant(ctx, tx, *c.Ended); err != nil {
				return err
			}
		}
		if err := putReferences(ctx, tx, c); err != nil {
			return err
		}
		if c.Approval != nil {
			if err := insertApproval(ctx, tx, c.Request, *c.Approval); err != nil {
				return err
			}
		}
		if c.Proof != nil {
			if err := insertProof(ctx, tx, c.Request.ID, *c.Proof); err != nil {
				return err
			}
		}
		if err := putSaid(ctx, tx, c); err != nil {
			return err
		}
		if c.Bulk != nil {
			if err := markItem(ctx, tx, c); err != nil {
				return err
			}
			c.Mails = nil
		}
		if err := signOff(ctx, tx, c.Request.UpdatedAt, c.SignOff); err != nil {
			return err
		}
		return record(ctx, tx, c.Request.UpdatedAt, c.Events, c.Mails)
	})
}

func putRequest(ctx context.Context, tx *sqldb.Tx, c access.Change) error {
	r := c.Request
	if c.From == 0 {
		// Erasure moves the version of every open request on; only a new one must ask.
		if err := alive(ctx, tx, r.PersonID); err != nil {
			return err
		}
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

// DropDrafts removes drafts that nobody touched since a time, at most so many, and says how
// many went. What was submitted once is never removed.
func (s *Store) DropDrafts(ctx context.Context, untouched time.Time, most int) (int64, error) {
	res, err := s.db.ExecContext(ctx, `
		DELETE FROM requests WHERE state = 'draft' AND updated_at < $1
			AND id IN (SELECT id FROM requests WHERE state = 'draft' AND updated_at < $1 ORDER BY updated_at, id LIMIT $2)`, sqldb.Micros(untouched), most)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
