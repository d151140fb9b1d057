package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/signing"
	"eulogin.example/proto/kit/sqldb"
)

// Keys gives the sealed signing keys, oldest first.
func (s *Store) Keys(ctx context.Context) ([]signing.Sealed, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT generation, algorithm, kid, private, active_from FROM signing_keys ORDER BY generation`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []signing.Sealed
	for rows.Next() {
		var k signing.Sealed
		var from int64
		if err := rows.Scan(&k.Generation, &k.Algorithm, &k.KID, &k.Private, &from); err != nil {
			return nil, err
		}
		k.ActiveFrom = sqldb.FromMicros(from)
		out = append(out, k)
	}
	return out, rows.Err()
}

// AddKey stores the key of a new generation; of two replicas one succeeds.
func (s *Store) AddKey(ctx context.Context, at time.Time, k signing.Sealed) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO signing_keys (generation, algorithm, kid, private, active_from, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		k.Generation, string(k.Algorithm), k.KID, k.Private, sqldb.Micros(k.ActiveFrom), sqldb.Micros(at))
	if sqldb.IsUnique(err) {
		return signing.ErrGeneration
	}
	return err
}

// DropKeys forgets signing keys that became active before a moment.
func (s *Store) DropKeys(ctx context.Context, before time.Time) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM signing_keys WHERE active_from < $1`, sqldb.Micros(before))
	return err
}
