package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/proto/kit/sqldb"
)

const remarkColumns = `id, request_id, by_id, side, kind, private, text, at`

func scanRemark(r interface{ Scan(...any) error }) (m access.Remark, err error) {
	var at int64
	err = r.Scan(&m.ID, &m.RequestID, &m.ByID, &m.Side, &m.Kind, &m.Private, &m.Text, &at)
	m.At = sqldb.FromMicros(at)
	return m, err
}

func insertRemark(ctx context.Context, tx *sqldb.Tx, m access.Remark) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO remarks (`+remarkColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		m.ID, m.RequestID, m.ByID, string(m.Side), string(m.Kind), m.Private, m.Text, sqldb.Micros(m.At))
	return err
}

// AddRemark writes a remark with its event and mails, all or nothing. It holds the people, in
// the order of their ids, against erasure, and the request, so that remarks about one request
// come one after the other.
func (s *Store) AddRemark(ctx context.Context, requester string, m access.Remark, e audit.Event, mails []access.RemarkMail) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		people := []string{requester, m.ByID}
		slices.Sort(people)
		for _, id := range slices.Compact(people) {
			if err := alive(ctx, tx, id); err != nil {
				return err
			}
		}
		res, err := tx.ExecContext(ctx, `UPDATE requests SET version = version WHERE id = $1 AND person_id = $2`, m.RequestID, requester)
		if err := oneRow(res, err, access.ErrUnknown); err != nil {
			return err
		}
		if done, err := written(ctx, tx, m); err != nil || done {
			return err
		}
		if err := insertRemark(ctx, tx, m); err != nil {
			return err
		}
		for _, mail := range mails {
			due, err := remarkMailDue(ctx, tx, m, mail.PersonID)
			if err != nil {
				return err
			}
			if due.IsZero() {
				continue
			}
			if _, err := hold(ctx, tx, m.At, due, []notify.Mail{mail.Mail}); err != nil {
				return err
			}
		}
		return record(ctx, tx, m.At, []audit.Event{e}, nil)
	})
}

// written reports whether this remark is stored already, and refuses one too many.
func written(ctx context.Context, tx *sqldb.Tx, m access.Remark) (bool, error) {
	old, err := scanRemark(tx.QueryRowContext(ctx, `SELECT `+remarkColumns+` FROM remarks WHERE id = $1`, m.ID))
	if err == nil {
		if old.ByID != m.ByID || old.RequestID != m.RequestID || old.Kind != m.Kind {
			return false, access.ErrChanged
		}
		return true, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	var n int
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM remarks WHERE request_id = $1 AND kind = $2`, m.RequestID, string(m.Kind)).Scan(&n)
	if err == nil && n >= access.RemarksMost {
		return false, access.ErrRemarks
	}
	return false, err
}

// remarkMailDue says when somebody's mail about a remark leaves, and keeps it: now, when the
// hour since the last one is over, or never (the zero time) when one is due then already.
func remarkMailDue(ctx context.Context, tx *sqldb.Tx, m access.Remark, personID string) (due time.Time, err error) {
	var last int64
	err = tx.QueryRowContext(ctx, `SELECT at FROM remark_mails WHERE request_id = $1 AND person_id = $2`, m.RequestID, personID).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return due, err
	}
	if last > sqldb.Micros(m.At) {
		return due, nil
	}
	if due = m.At; last > 0 && sqldb.FromMicros(last).Add(access.RemarkMailEvery).After(due) {
		due = sqldb.FromMicros(last).Add(access.RemarkMailEvery)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO remark_mails (request_id, person_id, at) VALUES ($1, $2, $3)
		ON CONFLICT (request_id, person_id) DO UPDATE SET at = excluded.at`, m.RequestID, personID, sqldb.Micros(due))
	return due, err
}

// Remarks gives the conversation about a request, oldest first.
func (s *Store) Remarks(ctx context.Context, requestID string, private bool) ([]access.Remark, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+remarkColumns+` FROM remarks WHERE request_id = $1 AND (private = FALSE OR private = $2) ORDER BY at, id`, requestID, private)
	return all(rows, err, scanRemark)
}

// putSaid writes what a change says beside its request: a question or an answer, and that terms
// were accepted.
func putSaid(ctx context.Context, tx *sqldb.Tx, c access.Change) error {
	if c.Accept != nil {
		if err := accept(ctx, tx, c.Request.PersonID, *c.Accept); err != nil {
			return err
		}
	}
	if c.Remark == nil {
		return nil
	}
	return insertRemark(ctx, tx, *c.Remark)
}
