package sqlstore

import (
	"context"
	"encoding/json"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/proto/kit/sqldb"
)

var _ registration.Tokens = (*Store)(nil)

const initialColumns = `id, digest, policy, uses_left, created_at, created_by, ends_at, revoked_at`

// AddInitialToken implements registration.Tokens.
func (s *Store) AddInitialToken(ctx context.Context, t registration.InitialToken, event audit.Event) error {
	policy, err := json.Marshal(t.Policy)
	if err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO initial_tokens (`+initialColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			t.ID, t.Digest, string(policy), t.Left, sqldb.Micros(t.CreatedAt), t.CreatedBy, sqldb.Micros(t.EndsAt), sqldb.Micros(t.RevokedAt))
		if err != nil {
			return err
		}
		return record(ctx, tx, t.CreatedAt, []audit.Event{event}, nil)
	})
}

// useInitialToken takes one use of a token that is good; of many at once no more succeed than it has.
func useInitialToken(ctx context.Context, tx *sqldb.Tx, id string, at time.Time) error {
	res, err := tx.ExecContext(ctx, `
		UPDATE initial_tokens SET uses_left = uses_left - 1 WHERE id = $1 AND uses_left > 0 AND revoked_at = 0 AND ends_at > $2`, id, sqldb.Micros(at))
	return oneRow(res, err, registration.ErrToken)
}

// InitialTokens implements registration.Tokens, the newest first.
func (s *Store) InitialTokens(ctx context.Context) ([]registration.InitialToken, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+initialColumns+` FROM initial_tokens ORDER BY created_at DESC, id`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []registration.InitialToken
	for rows.Next() {
		t, err := scanInitialToken(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// InitialTokenByDigest implements registration.Tokens.
func (s *Store) InitialTokenByDigest(ctx context.Context, digest string) (registration.InitialToken, error) {
	return scanInitialToken(s.db.QueryRowContext(ctx, `SELECT `+initialColumns+` FROM initial_tokens WHERE digest = $1`, digest))
}

// InitialTokenByID implements registration.Tokens.
func (s *Store) InitialTokenByID(ctx context.Context, id string) (registration.InitialToken, error) {
	return scanInitialToken(s.db.QueryRowContext(ctx, `SELECT `+initialColumns+` FROM initial_tokens WHERE id = $1`, id))
}

// RevokeInitialToken implements registration.Tokens.
func (s *Store) RevokeInitialToken(ctx context.Context, at time.Time, id string, event audit.Event) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE initial_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0`, id, sqldb.Micros(at))
		if err := oneRow(res, err, registration.ErrToken); err != nil {
			return err
		}
		return record(ctx, tx, at, []audit.Event{event}, nil)
	})
}

func scanInitialToken(row scanner) (t registration.InitialToken, err error) {
	var policy string
	var created, ends, revoked int64
	if err = row.Scan(&t.ID, &t.Digest, &policy, &t.Left, &created, &t.CreatedBy, &ends, &revoked); err != nil {
		return t, sqldb.NotFound(err, registration.ErrToken)
	}
	t.CreatedAt, t.EndsAt, t.RevokedAt = sqldb.FromMicros(created), sqldb.FromMicros(ends), sqldb.FromMicros(revoked)
	return t, json.Unmarshal([]byte(policy), &t.Policy)
}
