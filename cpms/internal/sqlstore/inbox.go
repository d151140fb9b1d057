package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/sqldb"
)

// ApplyEvent applies an event of idp once, in its order, with all that follows from it.
func (s *Store) ApplyEvent(ctx context.Context, e inbox.Event) (last int64, err error) {
	err = s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		if last, err = advance(ctx, tx, e); err != nil || last != e.Sequence-1 {
			return err
		}
		last = e.Sequence
		p, err := personByKey(ctx, tx, e.Issuer, e.Subject)
		if fault.KindOf(err) == fault.NotFound {
			return nil // somebody who never came here
		}
		if err != nil {
			return err
		}
		return effect(ctx, tx, e, p)
	})
	return last, err
}

// advance moves the subject's number on by one, and gives what it was. An old event leaves
// it; one after a gap is refused.
func advance(ctx context.Context, tx *sqldb.Tx, e inbox.Event) (last int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT sequence FROM inbox WHERE issuer = $1 AND subject = $2`, e.Issuer, e.Subject).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	switch {
	case e.Sequence <= last:
		return last, nil
	case e.Sequence > last+1:
		return last, inbox.ErrGap.WithArgs(last)
	}
	res, err := tx.ExecContext(ctx, `
		INSERT INTO inbox (issuer, subject, sequence) VALUES ($1, $2, $3)
		ON CONFLICT (issuer, subject) DO UPDATE SET sequence = excluded.sequence WHERE inbox.sequence = $4`, e.Issuer, e.Subject, e.Sequence, last)
	return last, oneRow(res, err, access.ErrChanged)
}

// effect is what an event means here.
func effect(ctx context.Context, tx *sqldb.Tx, e inbox.Event, p person.Person) error {
	at := sqldb.Micros(e.At)
	note := []audit.Event{{At: e.At, Actor: "idp", Subject: p.ID, Action: "account." + string(e.Kind)}}
	var mails []notify.Mail
	run := func(query string, args ...any) error {
		_, err := tx.ExecContext(ctx, query, append([]any{p.ID, at}, args...)...)
		return err
	}
	var err error
	switch e.Kind {
	case inbox.EmailChanged:
		err = run(`UPDATE people SET updated_at = $2, email = $3 WHERE id = $1`, e.Email)
	case inbox.NameChanged:
		err = run(`UPDATE people SET updated_at = $2, given_name = $3, family_name = $4 WHERE id = $1`, e.GivenName, e.FamilyName)
	case inbox.FactorsReset:
		var n int64
		if n, err = suspend(ctx, tx, p.ID, at); err == nil && n > 0 {
			mails = []notify.Mail{notify.Suspended(p, "", "")}
		}
	case inbox.Disabled:
		if err = run(`UPDATE people SET updated_at = $2, status = 'suspended' WHERE id = $1`); err == nil {
			_, err = suspend(ctx, tx, p.ID, at)
		}
	case inbox.Erased:
		err = erase(ctx, tx, p.ID, at)
	}
	if err != nil {
		return err
	}
	return record(ctx, tx, e.At, note, mails)
}

func suspend(ctx context.Context, tx *sqldb.Tx, personID string, at int64) (int64, error) {
	res, err := tx.ExecContext(ctx, `UPDATE grants SET suspended_at = $2 WHERE person_id = $1 AND suspended_at = 0 AND revoked_at = 0 AND ends_at > $2`, personID, at)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// erase leaves a tombstone: the key stays, so that nobody else can ever be this person, and
// so does the audit trail, which names ids only. Open requests and grants end.
func erase(ctx context.Context, tx *sqldb.Tx, personID string, at int64) error {
	for _, q := range []string{
		`UPDATE people SET updated_at = $2, status = 'erased', given_name = '', family_name = '', email = '', assurance = 0 WHERE id = $1`,
		`UPDATE requests SET updated_at = $2, version = version + 1, state = 'withdrawn', justification = '', sponsor_name = '', sponsor_email = '', question = '', answer = ''
		 WHERE person_id = $1 AND state IN ('draft', 'submitted', 'more_info')`,
		`UPDATE requests SET justification = '', sponsor_name = '', sponsor_email = '', question = '', answer = '', updated_at = $2 WHERE person_id = $1`,
		`UPDATE grants SET revoked_at = $2 WHERE person_id = $1 AND revoked_at = 0`,
	} {
		if _, err := tx.ExecContext(ctx, q, personID, at); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM profiles WHERE person_id = $1`, personID)
	return err
}
