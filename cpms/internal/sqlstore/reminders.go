package sqlstore

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/proto/kit/sqldb"
)

const untold = ` AND NOT EXISTS (SELECT 1 FROM request_reminders m WHERE m.request_id = r.id AND m.version = r.version AND m.stage = `

// dueRequests asks what access.Request.Reminds says: those that waited longest first. Who was
// told of the escalation is not told that it is overdue.
const dueRequests = `SELECT ` + requestColumns + ` FROM requests r
	WHERE r.state IN ('submitted', 'more_info') AND r.updated_at <= $1 AND (r.updated_at <= $4
		OR r.state = 'submitted' AND r.updated_at <= $2` + untold + `'escalated')
		OR r.state = 'submitted' AND r.updated_at > $2` + untold + `'overdue')
		OR r.state = 'more_info' AND r.updated_at <= $3` + untold + `'unanswered'))
	ORDER BY r.updated_at, r.id LIMIT $5`

// DueRequests gives the requests that call for a reminder now, at most so many.
func (s *Store) DueRequests(ctx context.Context, now time.Time, most int) ([]access.Request, error) {
	at := func(d time.Duration) int64 { return sqldb.Micros(now.Add(-d)) }
	rows, err := s.db.QueryContext(ctx, dueRequests, at(access.Target), at(access.EscalateAfter), at(access.UnansweredAfter), at(access.OpenFor), most)
	return all(rows, err, scanRequest)
}

// NoteReminder marks a reminder as given and sends its mails, exactly once: of several workers one
// writes the mark, the others get access.ErrChanged. So does one that comes after the request
// went on.
func (s *Store) NoteReminder(ctx context.Context, at time.Time, r access.Request, stage access.Reminder, events []audit.Event, mails []notify.Mail) error {
	err := s.db.InTx(ctx, func(tx *sqldb.Tx) error {
		res, err := tx.ExecContext(ctx, `
			INSERT INTO request_reminders (request_id, version, stage, at)
			SELECT id, version, $1, $2 FROM requests WHERE id = $3 AND version = $4 AND state IN ('submitted', 'more_info')`,
			string(stage), sqldb.Micros(at), r.ID, r.Version)
		if err := oneRow(res, err, access.ErrChanged); err != nil {
			return err
		}
		return record(ctx, tx, at, events, mails)
	})
	if sqldb.IsUnique(err) {
		return access.ErrChanged
	}
	return err
}
