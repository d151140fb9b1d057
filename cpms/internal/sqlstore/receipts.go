package sqlstore

import (
	"context"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/receipt"
	"eulogin.example/proto/kit/sqldb"
)

// ReceiptKeys gives the keys that ever signed receipts, oldest first.
func (s *Store) ReceiptKeys(ctx context.Context) ([]receipt.Key, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT generation, kid, sealed, public_key, active_from FROM receipt_keys ORDER BY generation`)
	return all(rows, err, func(r interface{ Scan(...any) error }) (k receipt.Key, err error) {
		var from int64
		err = r.Scan(&k.Generation, &k.KID, &k.Sealed, &k.Public, &from)
		k.ActiveFrom = sqldb.FromMicros(from)
		return k, err
	})
}

// AddReceiptKey adds a key and forgets the private halves of those before it.
func (s *Store) AddReceiptKey(ctx context.Context, k receipt.Key) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO receipt_keys (generation, kid, sealed, public_key, active_from) VALUES ($1, $2, $3, $4, $5)`,
			k.Generation, k.KID, k.Sealed, k.Public, sqldb.Micros(k.ActiveFrom))
		if sqldb.IsUnique(err) {
			return receipt.ErrGeneration
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE receipt_keys SET sealed = $2 WHERE generation < $1`, k.Generation, []byte{})
		return err
	})
}

func insertProof(ctx context.Context, tx *sqldb.Tx, requestID string, p access.Proof) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO receipts (request_id, version, at, jws) VALUES ($1, $2, $3, $4)`, requestID, p.Version, sqldb.Micros(p.At), p.JWS)
	return err
}

// Proofs gives the receipts of the decisions about a request, oldest first.
func (s *Store) Proofs(ctx context.Context, requestID string) ([]access.Proof, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT version, at, jws FROM receipts WHERE request_id = $1 ORDER BY version`, requestID)
	return all(rows, err, func(r interface{ Scan(...any) error }) (p access.Proof, err error) {
		var at int64
		err = r.Scan(&p.Version, &at, &p.JWS)
		p.At = sqldb.FromMicros(at)
		return p, err
	})
}
