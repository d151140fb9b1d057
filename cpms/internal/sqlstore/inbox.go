package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
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
			return stranger(ctx, tx, e)
		}
		if err != nil {
			return err
		}
		return effect(ctx, tx, e, p)
	})
	return last, err
}

// LastEvent gives the last applied sequence of a subject.
func (s *Store) LastEvent(ctx context.Context, issuer, subject string) (int64, error) {
	return lastEvent(ctx, s.db, issuer, subject)
}

func lastEvent(ctx context.Context, q sqldb.Querier, issuer, subject string) (last int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT sequence FROM inbox WHERE issuer = $1 AND subject = $2`, issuer, subject).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return last, err
}

// advance moves the subject's number on by one, and gives what it was. An old event leaves
// it; one after a gap is refused.
func advance(ctx context.Context, tx *sqldb.Tx, e inbox.Event) (int64, error) {
	last, err := lastEvent(ctx, tx, e.Issuer, e.Subject)
	switch {
	case err != nil || e.Sequence <= last:
		return last, err
	case e.Sequence > last+1:
		return last, inbox.ErrGap.WithArgs(last)
	}
	res, err := tx.ExecContext(ctx, `
		INSERT INTO inbox (issuer, subject, sequence) VALUES ($1, $2, $3)
		ON CONFLICT (issuer, subject) DO UPDATE SET sequence = excluded.sequence WHERE inbox.sequence = $4`, e.Issuer, e.Subject, e.Sequence, last)
	return last, oneRow(res, err, inbox.ErrBusy)
}

// stranger is an event about somebody who never came here. Only an erasure leaves a trace:
// the tombstone keeps a token that was made before it from opening a record after it.
func stranger(ctx context.Context, tx *sqldb.Tx, e inbox.Event) error {
	if e.Kind != inbox.Erased {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO people (`+personColumns+`) VALUES ($1, $2, $3, '', '', '', '', 0, 'erased', $4, $4)`,
		ident.NewID(rand.Reader), e.Issuer, e.Subject, sqldb.Micros(e.At))
	return err
}

// effect is what an event means here.
func effect(ctx context.Context, tx *sqldb.Tx, e inbox.Event, p person.Person) error {
	at := sqldb.Micros(e.At)
	note := []audit.Event{{At: e.At, Actor: audit.IDP, Subject: p.ID, Action: "account." + string(e.Kind)}}
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
		if err == nil {
			err = indexName(ctx, tx, person.Person{ID: p.ID, GivenName: e.GivenName, FamilyName: e.FamilyName})
		}
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

// suspend suspends a person's grants and gives how many. Open requests move on by a version:
// an approval that asked idp before this event must ask again.
func suspend(ctx context.Context, tx *sqldb.Tx, personID string, at int64) (int64, error) {
	if _, err := tx.ExecContext(ctx, `UPDATE requests SET version = version + 1 WHERE person_id = $1 AND state IN ('submitted', 'more_info')`, personID); err != nil {
		return 0, err
	}
	res, err := tx.ExecContext(ctx, `UPDATE grants SET suspended_at = $2 WHERE person_id = $1 AND suspended_at = 0 AND revoked_at = 0 AND ends_at > $2`, personID, at)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// erase leaves a tombstone: the key stays, so that nobody else can ever be this person, and
// so does the audit trail, which names ids only. Open requests and grants end, free text goes,
// roles of power go.
func erase(ctx context.Context, tx *sqldb.Tx, personID string, at int64) error {
	if err := eraseMails(ctx, tx, personID); err != nil {
		return err
	}
	for _, q := range []string{
		`UPDATE people SET updated_at = $2, status = 'erased', given_name = '', family_name = '', email = '', assurance = 0 WHERE id = $1`,
		`UPDATE requests SET updated_at = $2, version = version + 1, state = 'withdrawn' WHERE person_id = $1 AND state IN ('draft', 'submitted', 'more_info')`,
		`UPDATE requests SET updated_at = $2, justification = '', sponsor_name = '', sponsor_email = '', question = '', answer = '', reason = '' WHERE person_id = $1`,
		`UPDATE grants SET revoked_at = $2 WHERE person_id = $1 AND revoked_at = 0`,
		`UPDATE grants SET revoked_reason = '' WHERE person_id = $1 AND revoked_at <= $2`,
		`UPDATE deputies SET ended_at = $2 WHERE (coordinator_id = $1 OR deputy_id = $1) AND ended_at = 0`,
	} {
		if _, err := tx.ExecContext(ctx, q, personID, at); err != nil {
			return err
		}
	}
	for _, q := range []string{
		`UPDATE bulks SET text = '' WHERE by_id = $1 OR id IN (SELECT i.bulk_id FROM bulk_items i JOIN requests r ON r.id = i.request_id WHERE r.person_id = $1)`,
		`UPDATE remarks SET text = '' WHERE by_id = $1 OR request_id IN (SELECT id FROM requests WHERE person_id = $1)`,
		`DELETE FROM remark_mails WHERE person_id = $1 OR request_id IN (SELECT id FROM requests WHERE person_id = $1)`,
		`DELETE FROM request_references WHERE request_id IN (SELECT id FROM requests WHERE person_id = $1)`,
		`DELETE FROM role_proposals WHERE person_id = $1 OR by_id = $1`,
		`DELETE FROM profiles WHERE person_id = $1`,
		`DELETE FROM terms_accepted WHERE person_id = $1`,
		`DELETE FROM profile_versions WHERE person_id = $1`,
		`DELETE FROM person_words WHERE person_id = $1`,
		`DELETE FROM roles WHERE (issuer, subject) IN (SELECT issuer, subject FROM people WHERE id = $1)`,
	} {
		if _, err := tx.ExecContext(ctx, q, personID); err != nil {
			return err
		}
	}
	return nil
}
