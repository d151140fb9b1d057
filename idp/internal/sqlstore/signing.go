package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/signing"
	"eulogin.example/proto/kit/sqldb"
)

// Keys gives the signing keys, oldest first.
func (s *Store) Keys(ctx context.Context) ([]signing.Key, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT generation, algorithm, kid, keeper, private, active_from, withdrawn_at FROM signing_keys ORDER BY generation`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []signing.Key
	for rows.Next() {
		var k signing.Key
		var from, withdrawn int64
		if err := rows.Scan(&k.Generation, &k.Algorithm, &k.KID, &k.Keeper, &k.Kept, &from, &withdrawn); err != nil {
			return nil, err
		}
		k.ActiveFrom, k.WithdrawnAt = sqldb.FromMicros(from), sqldb.FromMicros(withdrawn)
		out = append(out, k)
	}
	return out, rows.Err()
}

// AddKey stores the key of a new generation; of two replicas one succeeds.
func (s *Store) AddKey(ctx context.Context, at time.Time, k signing.Key, e audit.Event) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO signing_keys (generation, algorithm, kid, keeper, private, active_from, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			k.Generation, string(k.Algorithm), k.KID, k.Keeper, k.Kept, sqldb.Micros(k.ActiveFrom), sqldb.Micros(at))
		if err != nil {
			return err
		}
		return record(ctx, tx, at, []audit.Event{e}, nil)
	})
	if sqldb.IsUnique(err) {
		return signing.ErrGeneration
	}
	return err
}

// WithdrawKeys withdraws keys and forgets their private halves; those that were withdrawn before stay so.
func (s *Store) WithdrawKeys(ctx context.Context, at time.Time, kids []string, events []audit.Event) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		for _, kid := range kids {
			_, err := tx.ExecContext(ctx, `UPDATE signing_keys SET withdrawn_at = $2, private = $3 WHERE kid = $1 AND withdrawn_at = 0`, kid, sqldb.Micros(at), []byte{})
			if err != nil {
				return err
			}
		}
		return record(ctx, tx, at, events, nil)
	})
}

// DropKeys forgets signing keys that became active before a moment.
func (s *Store) DropKeys(ctx context.Context, before time.Time) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM signing_keys WHERE active_from < $1`, sqldb.Micros(before))
	return err
}
