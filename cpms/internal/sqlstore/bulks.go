package sqlstore

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/sqldb"
)

// AddBulk keeps a choice, and forgets the person's older ones that were never carried out.
func (s *Store) AddBulk(ctx context.Context, b access.Bulk, forget time.Time) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		const idle = `SELECT id FROM bulks WHERE by_id = $1 AND made_at < $2 AND NOT EXISTS (SELECT 1 FROM bulk_items i WHERE i.bulk_id = bulks.id AND i.result <> '')`
		for _, q := range []string{`DELETE FROM bulk_items WHERE bulk_id IN (` + idle + `)`, `DELETE FROM bulks WHERE id IN (` + idle + `)`} {
			if _, err := tx.ExecContext(ctx, q, b.ByID, sqldb.Micros(forget)); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO bulks (id, by_id, command, text, made_at) VALUES ($1, $2, $3, $4, $5)`, b.ID, b.ByID, string(b.Do), b.Text, sqldb.Micros(b.MadeAt)); err != nil {
			return err
		}
		for _, i := range b.Items {
			if _, err := tx.ExecContext(ctx, `INSERT INTO bulk_items (bulk_id, request_id, version, result, at, from_state, mails) VALUES ($1, $2, $3, '', 0, '', '')`, b.ID, i.RequestID, i.Version); err != nil {
				return err
			}
		}
		return nil
	})
}

// BulkByID finds a choice with what became of it.
func (s *Store) BulkByID(ctx context.Context, id string) (b access.Bulk, err error) {
	var made int64
	err = s.db.QueryRowContext(ctx, `SELECT id, by_id, command, text, made_at FROM bulks WHERE id = $1`, id).Scan(&b.ID, &b.ByID, &b.Do, &b.Text, &made)
	if err != nil {
		return b, sqldb.NotFound(err, access.ErrNoBulk)
	}
	b.MadeAt = sqldb.FromMicros(made)
	rows, err := s.db.QueryContext(ctx, `SELECT request_id, version, result, at, from_state FROM bulk_items WHERE bulk_id = $1 ORDER BY request_id`, id)
	b.Items, err = all(rows, err, func(r interface{ Scan(...any) error }) (i access.BulkItem, err error) {
		var at int64
		err = r.Scan(&i.RequestID, &i.Version, &i.Result, &at, &i.From)
		i.At = sqldb.FromMicros(at)
		return i, err
	})
	return b, err
}

// BulkText keeps the reason that was typed.
func (s *Store) BulkText(ctx context.Context, id, text string) error {
	res, err := s.db.ExecContext(ctx, `UPDATE bulks SET text = $2 WHERE id = $1`, id, text)
	return oneRow(res, err, access.ErrNoBulk)
}

// RefuseItem notes why a request was not decided, unless it was.
func (s *Store) RefuseItem(ctx context.Context, id, requestID, code string) error {
	_, err := s.db.ExecContext(ctx, `UPDATE bulk_items SET result = $3 WHERE bulk_id = $1 AND request_id = $2 AND result = ''`, id, requestID, code)
	return err
}

// markItem writes an item's result, once, and puts its mails where they wait.
func markItem(ctx context.Context, tx *sqldb.Tx, c access.Change) error {
	ids, err := hold(ctx, tx, c.Request.UpdatedAt, c.Bulk.MailsAt, c.Mails)
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `UPDATE bulk_items SET result = $3, at = $4, from_state = $5, mails = $6 WHERE bulk_id = $1 AND request_id = $2 AND result = ''`,
		c.Bulk.ID, c.Request.ID, c.Bulk.Result, sqldb.Micros(c.Request.UpdatedAt), string(c.Bulk.From), strings.Join(ids, " "))
	return oneRow(res, err, access.ErrChanged)
}

// hold puts mails into the outbox that leave later, and gives their ids.
func hold(ctx context.Context, tx *sqldb.Tx, now, due time.Time, mails []notify.Mail) (ids []string, err error) {
	for _, m := range mails {
		raw, err := m.Encode()
		if err != nil {
			return nil, err
		}
		row := outbox.Row{ID: ident.NewID(rand.Reader), Kind: notify.OutboxKind, Payload: raw, Due: due}
		if err := outbox.Add(ctx, tx, now, row); err != nil {
			return nil, err
		}
		ids = append(ids, row.ID)
	}
	return ids, nil
}

// UndoItem takes a decision back with its grant and its mails, as long as neither has gone on.
func (s *Store) UndoItem(ctx context.Context, c access.Change, bulkID, result string) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		r, at := c.Request, sqldb.Micros(c.Request.UpdatedAt)
		res, err := tx.ExecContext(ctx, `UPDATE bulk_items SET result = 'undone' WHERE bulk_id = $1 AND request_id = $2 AND result = $3 AND at > $4`,
			bulkID, r.ID, result, sqldb.Micros(r.UpdatedAt.Add(-access.UndoFor)))
		if err := oneRow(res, err, access.ErrNoUndo); err != nil {
			return err
		}
		if err := putRequest(ctx, tx, c); err != nil {
			return err
		}
		var opened int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM grants WHERE request_id = $1 AND starts_at <= $2`, r.ID, at).Scan(&opened); err != nil {
			return err
		}
		if opened > 0 {
			return access.ErrNoUndo
		}
		if err := withdrawGrant(ctx, tx, r, at); err != nil {
			return err
		}
		var mails string
		if err := tx.QueryRowContext(ctx, `SELECT mails FROM bulk_items WHERE bulk_id = $1 AND request_id = $2`, bulkID, r.ID).Scan(&mails); err != nil {
			return err
		}
		for _, id := range strings.Fields(mails) {
			if _, err := tx.ExecContext(ctx, `DELETE FROM outbox WHERE id = $1`, id); err != nil {
				return err
			}
		}
		if err := insertProof(ctx, tx, r.ID, *c.Proof); err != nil {
			return err
		}
		return record(ctx, tx, r.UpdatedAt, c.Events, nil)
	})
}

// withdrawGrant removes a grant that never opened; the older ones whose place it had taken go
// on calling for their notices.
func withdrawGrant(ctx context.Context, tx *sqldb.Tx, r access.Request, at int64) error {
	res, err := tx.ExecContext(ctx, `DELETE FROM grants WHERE request_id = $1 AND starts_at > $2`, r.ID, at)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE grants SET closed = FALSE WHERE person_id = $1 AND network = $2 AND role = $3 AND closed = TRUE AND revoked_at = 0 AND ends_at > $4`, r.PersonID, r.Network, r.Role, at)
	return err
}
