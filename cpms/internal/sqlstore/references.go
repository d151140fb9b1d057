package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/proto/kit/sqldb"
)

const referenceColumns = `request_id, name, email, digest, asked_at, ends_at, answered_at, answer, words`

func scanReference(r interface{ Scan(...any) error }) (f access.Reference, err error) {
	var asked, ends, answered int64
	err = r.Scan(&f.RequestID, &f.Name, &f.Email, &f.Digest, &asked, &ends, &answered, &f.Answer, &f.Words)
	f.AskedAt, f.EndsAt, f.AnsweredAt = sqldb.FromMicros(asked), sqldb.FromMicros(ends), sqldb.FromMicros(answered)
	return f, err
}

// ReferenceBy gives the reference with a digest.
func (s *Store) ReferenceBy(ctx context.Context, digest string) (access.Reference, error) {
	f, err := scanReference(s.db.QueryRowContext(ctx, `SELECT `+referenceColumns+` FROM request_references WHERE digest = $1`, digest))
	return f, sqldb.NotFound(err, access.ErrNoReference)
}

// ReferenceOf gives the reference of a request, or nil.
func (s *Store) ReferenceOf(ctx context.Context, requestID string) (*access.Reference, error) {
	f, err := scanReference(s.db.QueryRowContext(ctx, `SELECT `+referenceColumns+` FROM request_references WHERE request_id = $1`, requestID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &f, err
}

// putReferences writes the question that a change asks, and the answer that it brings, once.
func putReferences(ctx context.Context, tx *sqldb.Tx, c access.Change) error {
	if f := c.Asks; f != nil {
		_, err := tx.ExecContext(ctx, `INSERT INTO request_references (`+referenceColumns+`) VALUES ($1, $2, $3, $4, $5, $6, 0, '', '')`,
			f.RequestID, f.Name, f.Email, f.Digest, sqldb.Micros(f.AskedAt), sqldb.Micros(f.EndsAt))
		if err != nil {
			return err
		}
	}
	if f := c.Answered; f != nil {
		res, err := tx.ExecContext(ctx, `UPDATE request_references SET answered_at = $2, answer = $3, words = $4 WHERE request_id = $1 AND answered_at = 0`,
			f.RequestID, sqldb.Micros(f.AnsweredAt), string(f.Answer), f.Words)
		return oneRow(res, err, access.ErrChanged)
	}
	return nil
}
