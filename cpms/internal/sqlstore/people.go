package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/proto/kit/sqldb"
)

const personColumns = `id, issuer, subject, given_name, family_name, email, mail_lang, assurance, status, created_at, updated_at`

func scanPerson(r interface{ Scan(...any) error }) (p person.Person, err error) {
	var created, updated int64
	err = r.Scan(&p.ID, &p.Issuer, &p.Subject, &p.GivenName, &p.FamilyName, &p.Email, &p.MailLang, &p.Assurance, &p.Status, &created, &updated)
	p.CreatedAt, p.UpdatedAt = sqldb.FromMicros(created), sqldb.FromMicros(updated)
	return p, err
}

// PersonByKey finds a person by issuer and subject.
func (s *Store) PersonByKey(ctx context.Context, issuer, subject string) (person.Person, error) {
	return personByKey(ctx, s.db, issuer, subject)
}

func personByKey(ctx context.Context, q sqldb.Querier, issuer, subject string) (person.Person, error) {
	p, err := scanPerson(q.QueryRowContext(ctx, `SELECT `+personColumns+` FROM people WHERE issuer = $1 AND subject = $2`, issuer, subject))
	return p, sqldb.NotFound(err, person.ErrUnknown)
}

// PersonByID finds a person by id.
func (s *Store) PersonByID(ctx context.Context, id string) (person.Person, error) {
	p, err := scanPerson(s.db.QueryRowContext(ctx, `SELECT `+personColumns+` FROM people WHERE id = $1`, id))
	return p, sqldb.NotFound(err, person.ErrUnknown)
}

// PutPerson inserts or refreshes a person; a first sign-in that races with itself makes one.
func (s *Store) PutPerson(ctx context.Context, p person.Person, events ...audit.Event) (person.Person, error) {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO people (`+personColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (issuer, subject) DO UPDATE SET given_name = excluded.given_name, family_name = excluded.family_name, email = excluded.email,
				mail_lang = excluded.mail_lang, assurance = excluded.assurance, status = excluded.status, updated_at = excluded.updated_at`,
			p.ID, p.Issuer, p.Subject, p.GivenName, p.FamilyName, p.Email, p.MailLang, p.Assurance, string(p.Status), sqldb.Micros(p.CreatedAt), sqldb.Micros(p.UpdatedAt))
		if err != nil {
			return err
		}
		if p, err = personByKey(ctx, tx, p.Issuer, p.Subject); err != nil {
			return err
		}
		for i := range events {
			events[i].Actor, events[i].Subject = p.ID, p.ID
		}
		return record(ctx, tx, p.UpdatedAt, events, nil)
	})
	return p, err
}

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

// GiveRole gives a role to whoever signs in with this key; giving it twice changes nothing.
func (s *Store) GiveRole(ctx context.Context, at time.Time, issuer, subject, role, network string) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO roles (issuer, subject, role, network, given_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (issuer, subject, role, network) DO NOTHING`,
		issuer, subject, role, network, sqldb.Micros(at))
	return err
}

// NetworksOf gives the networks that a person coordinates.
func (s *Store) NetworksOf(ctx context.Context, personID string) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT r.network FROM roles r JOIN people p ON p.issuer = r.issuer AND p.subject = r.subject
		WHERE p.id = $1 AND p.status = 'active' AND r.role = 'COORDINATOR' ORDER BY r.network`, personID)
	return all(rows, err, func(r interface{ Scan(...any) error }) (n string, err error) { return n, r.Scan(&n) })
}

// CoordinatorsOf gives the people who decide for a network and have signed in before.
func (s *Store) CoordinatorsOf(ctx context.Context, network string) ([]person.Person, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT DISTINCT p.id, p.issuer, p.subject, p.given_name, p.family_name, p.email, p.mail_lang, p.assurance, p.status, p.created_at, p.updated_at
		FROM people p JOIN roles r ON p.issuer = r.issuer AND p.subject = r.subject
		WHERE r.role = 'COORDINATOR' AND r.network IN ($1, '*') AND p.status = 'active'`, network)
	return all(rows, err, scanPerson)
}
