package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math"

	"eulogin.example/cpms/internal/audit"
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

// SaveProfile stores the next version of a profile if the stored one is the one before it.
func (s *Store) SaveProfile(ctx context.Context, v profile.Version, e audit.Event) error {
	one, err1 := json.Marshal(v.Page1)
	two, err2 := json.Marshal(v.Page2)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	number, at := v.Profile.Version, sqldb.Micros(v.UpdatedAt)
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if err := alive(ctx, tx, v.PersonID); err != nil {
			return err
		}
		if err := putProfile(ctx, tx, v.PersonID, number, at, string(one), string(two)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO profile_versions (person_id, version, by_id, at, page1, page2) VALUES ($1, $2, $3, $4, $5, $6)`,
			v.PersonID, number, v.ByID, at, string(one), string(two)); err != nil {
			return err
		}
		return record(ctx, tx, v.UpdatedAt, []audit.Event{e}, nil)
	})
}

func putProfile(ctx context.Context, tx *sqldb.Tx, personID string, number, at int64, one, two string) error {
	if number == 1 {
		_, err := tx.ExecContext(ctx, `INSERT INTO profiles (person_id, page1, page2, updated_at, version) VALUES ($1, $2, $3, $4, 1)`, personID, one, two, at)
		if sqldb.IsUnique(err) {
			return profile.ErrChanged
		}
		return err
	}
	res, err := tx.ExecContext(ctx, `UPDATE profiles SET page1 = $2, page2 = $3, updated_at = $4, version = $5 WHERE person_id = $1 AND version = $5 - 1`, personID, one, two, at, number)
	return oneRow(res, err, profile.ErrChanged)
}

// ProfileVersions gives the versions of a profile before a number (0: all), newest first.
func (s *Store) ProfileVersions(ctx context.Context, personID string, before int64, most int) ([]profile.Version, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	rows, err := s.db.QueryContext(ctx, `SELECT person_id, version, by_id, at, page1, page2 FROM profile_versions WHERE person_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3`, personID, before, most)
	return all(rows, err, func(r interface{ Scan(...any) error }) (v profile.Version, err error) {
		var one, two string
		var at int64
		if err := r.Scan(&v.PersonID, &v.Profile.Version, &v.ByID, &at, &one, &two); err != nil {
			return v, err
		}
		v.UpdatedAt = sqldb.FromMicros(at)
		return v, errors.Join(json.Unmarshal([]byte(one), &v.Page1), json.Unmarshal([]byte(two), &v.Page2))
	})
}
