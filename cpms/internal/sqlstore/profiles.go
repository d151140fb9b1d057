package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"eulogin.example/cpms/internal/profile"
	"eulogin.example/proto/kit/sqldb"
)

// ProfileOf gives a person's profile, the zero one when none was saved.
func (s *Store) ProfileOf(ctx context.Context, personID string) (p profile.Profile, err error) {
	var one, two string
	var updated int64
	err = s.db.QueryRowContext(ctx, `SELECT page1, page2, updated_at, version FROM profiles WHERE person_id = $1`, personID).Scan(&one, &two, &updated, &p.Version)
	if errors.Is(err, sql.ErrNoRows) {
		return profile.Profile{PersonID: personID}, nil
	}
	if err != nil {
		return p, err
	}
	p.PersonID, p.UpdatedAt = personID, sqldb.FromMicros(updated)
	return p, errors.Join(json.Unmarshal([]byte(one), &p.Page1), json.Unmarshal([]byte(two), &p.Page2))
}

// SaveProfile stores a profile if the stored version is still p.Version.
func (s *Store) SaveProfile(ctx context.Context, at time.Time, p profile.Profile) error {
	one, err1 := json.Marshal(p.Page1)
	two, err2 := json.Marshal(p.Page2)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if p.Version == 0 {
			if err := alive(ctx, tx, p.PersonID); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO profiles (person_id, page1, page2, updated_at, version) VALUES ($1, $2, $3, $4, 1)`,
				p.PersonID, string(one), string(two), sqldb.Micros(at))
			if sqldb.IsUnique(err) {
				return profile.ErrChanged
			}
			return err
		}
		res, err := tx.ExecContext(ctx, `UPDATE profiles SET page1 = $2, page2 = $3, updated_at = $4, version = version + 1 WHERE person_id = $1 AND version = $5`,
			p.PersonID, string(one), string(two), sqldb.Micros(at), p.Version)
		return oneRow(res, err, profile.ErrChanged)
	})
}
