package sqlstore

import (
	"context"

	"eulogin.example/cpms/internal/terms"
	"eulogin.example/proto/kit/sqldb"
)

// AcceptancesOf gives what a person accepted of terms and privacy statement, oldest first.
func (s *Store) AcceptancesOf(ctx context.Context, personID string) ([]terms.Acceptance, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT edition, at FROM terms_accepted WHERE person_id = $1 ORDER BY at, edition`, personID)
	return all(rows, err, func(r interface{ Scan(...any) error }) (a terms.Acceptance, err error) {
		var at int64
		err = r.Scan(&a.Edition, &at)
		a.At = sqldb.FromMicros(at)
		return a, err
	})
}

// accept keeps that somebody accepted an edition, the first time.
func accept(ctx context.Context, tx *sqldb.Tx, personID string, a terms.Acceptance) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO terms_accepted (person_id, edition, at) VALUES ($1, $2, $3) ON CONFLICT (person_id, edition) DO NOTHING`, personID, a.Edition, sqldb.Micros(a.At))
	return err
}
