package sqlstore

import (
	"context"
	"slices"
	"strings"

	"eulogin.example/cpms/internal/notify"
	"eulogin.example/proto/kit/sqldb"
)

// about is what tells that a mail concerns somebody.
type about struct {
	email, name string
	requests    []string // ids
	sponsors    []string // addresses
}

// eraseMails removes the mails that have not left to a person and about their requests: to those
// who decide, and to the sponsors that they named. From other mails the name goes; that of a
// namesake too, who is told apart by nothing else there. It holds the person and their requests,
// so that no mail comes after it, and is called before the address goes.
func eraseMails(ctx context.Context, tx *sqldb.Tx, personID string) error {
	a, err := aboutPerson(ctx, tx, personID)
	if err != nil {
		return err
	}
	list, err := messages(ctx, tx)
	if err != nil {
		return err
	}
	for _, row := range list {
		m, err := notify.Decode(row.payload)
		if row.kind != notify.OutboxKind || err != nil {
			continue
		}
		switch {
		case a.concerned(m):
			_, err = tx.ExecContext(ctx, `DELETE FROM outbox WHERE id = $1`, row.id)
		case a.named(m):
			var raw []byte
			if raw, err = m.Unnamed().Encode(); err == nil {
				_, err = tx.ExecContext(ctx, `UPDATE outbox SET payload = $2 WHERE id = $1`, row.id, raw)
			}
		default:
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func aboutPerson(ctx context.Context, tx *sqldb.Tx, personID string) (a about, err error) {
	for _, q := range []string{`UPDATE people SET status = status WHERE id = $1`, `UPDATE requests SET version = version WHERE person_id = $1`} {
		if _, err := tx.ExecContext(ctx, q, personID); err != nil {
			return a, err
		}
	}
	p, err := scanPerson(tx.QueryRowContext(ctx, `SELECT `+personColumns+` FROM people WHERE id = $1`, personID))
	if err != nil {
		return a, err
	}
	a.email, a.name = p.Email, notify.Name(p)
	if a.requests, err = texts(ctx, tx, `SELECT id FROM requests WHERE person_id = $1`, personID); err != nil {
		return a, err
	}
	a.sponsors, err = texts(ctx, tx, `SELECT f.email FROM request_references f JOIN requests r ON r.id = f.request_id WHERE r.person_id = $1`, personID)
	return a, err
}

func texts(ctx context.Context, tx *sqldb.Tx, query, id string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query, id)
	return all(rows, err, func(r interface{ Scan(...any) error }) (s string, err error) { return s, r.Scan(&s) })
}

// concerned reports whether a mail is to the person, about one of their requests, or asks one of
// their sponsors about them.
func (a about) concerned(m notify.Mail) bool {
	same := func(address string) bool { return address != "" && strings.EqualFold(address, m.To) }
	return same(a.email) || a.named(m) && slices.ContainsFunc(a.sponsors, same) ||
		slices.ContainsFunc(a.requests, func(id string) bool { return strings.HasSuffix(m.Link, "/"+id) })
}

func (a about) named(m notify.Mail) bool { return a.name != "" && m.Data["requester"] == a.name }
