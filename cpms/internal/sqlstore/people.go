package sqlstore

import (
	"context"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/person"
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

// PutPerson inserts or refreshes a person; a first sign-in that races with itself makes one,
// and a sign-in that races with an erasure does not bring a tombstone back.
func (s *Store) PutPerson(ctx context.Context, p person.Person, events ...audit.Event) (person.Person, error) {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO people (`+personColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (issuer, subject) DO UPDATE SET given_name = excluded.given_name, family_name = excluded.family_name, email = excluded.email,
				mail_lang = excluded.mail_lang, assurance = excluded.assurance, status = excluded.status, updated_at = excluded.updated_at
			WHERE people.status <> 'erased'`,
			p.ID, p.Issuer, p.Subject, p.GivenName, p.FamilyName, p.Email, p.MailLang, p.Assurance, string(p.Status), sqldb.Micros(p.CreatedAt), sqldb.Micros(p.UpdatedAt))
		if err != nil {
			return err
		}
		if p, err = personByKey(ctx, tx, p.Issuer, p.Subject); err != nil {
			return err
		}
		if p.Status == person.Erased {
			return person.ErrClosed
		}
		if err := indexName(ctx, tx, p); err != nil {
			return err
		}
		for i := range events {
			events[i].Actor, events[i].Subject = p.ID, p.ID
		}
		return record(ctx, tx, p.UpdatedAt, events, nil)
	})
	return p, err
}

// alive holds a person's row against erasure until the transaction ends; an erased person
// writes nothing any more.
func alive(ctx context.Context, tx *sqldb.Tx, personID string) error {
	res, err := tx.ExecContext(ctx, `UPDATE people SET status = status WHERE id = $1 AND status <> 'erased'`, personID)
	return oneRow(res, err, person.ErrClosed)
}
