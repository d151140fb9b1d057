package sqlstore

import (
	"context"
	"time"

	"eulogin.example/idp/internal/pairwise"
	"eulogin.example/proto/kit/sqldb"
)

// Secret gives a sealed secret, or pairwise.ErrNoSecret.
func (s *Store) Secret(ctx context.Context, name string) (sealed []byte, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT sealed FROM secrets WHERE name = $1`, name).Scan(&sealed)
	return sealed, sqldb.NotFound(err, pairwise.ErrNoSecret)
}

// AddSecret keeps a sealed secret unless there is one of that name.
func (s *Store) AddSecret(ctx context.Context, at time.Time, name string, sealed []byte) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO secrets (name, sealed, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING`, name, sealed, sqldb.Micros(at))
	return err
}
