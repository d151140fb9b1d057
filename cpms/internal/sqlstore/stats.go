package sqlstore

import (
	"context"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/proto/kit/sqldb"
)

// spanning is the statement over a span, along the index of a column of times.
func spanning(columns, column string, s access.Span, rest string) walk {
	w := walk{}
	where := column + " > 0 AND " + column + " >= " + w.arg(sqldb.Micros(s.From)) + " AND " + column + " < " + w.arg(sqldb.Micros(s.Until))
	if s.Networks != nil {
		where += " AND network IN " + w.list(s.Networks)
	}
	w.sql = `SELECT ` + columns + ` FROM requests WHERE ` + where + rest
	return w
}

func submittedIn(s access.Span) walk { return spanning("COUNT(*)", "submitted_at", s, "") }

func decidedIn(s access.Span) walk {
	return spanning("network, role, state, COUNT(*)", "decided_at", s, " GROUP BY network, role, state")
}

func decisionTimes(s access.Span, most int) walk {
	w := spanning("decided_at - submitted_at", "decided_at", s, "")
	w.sql += " ORDER BY decided_at DESC LIMIT " + w.arg(most)
	return w
}

// SubmittedIn counts the requests that were submitted in a span.
func (s *Store) SubmittedIn(ctx context.Context, span access.Span) (n int, err error) {
	w := submittedIn(span)
	return n, s.db.QueryRowContext(ctx, w.sql, w.args...).Scan(&n)
}

// DecidedIn counts the decisions of a span by network, role and state.
func (s *Store) DecidedIn(ctx context.Context, span access.Span) ([]access.Decided, error) {
	w := decidedIn(span)
	rows, err := s.db.QueryContext(ctx, w.sql, w.args...)
	return all(rows, err, func(r interface{ Scan(...any) error }) (d access.Decided, err error) {
		return d, r.Scan(&d.Network, &d.Role, &d.State, &d.N)
	})
}

// DecisionTimes gives how long the latest decisions of a span took.
func (s *Store) DecisionTimes(ctx context.Context, span access.Span, most int) ([]time.Duration, error) {
	w := decisionTimes(span, most)
	rows, err := s.db.QueryContext(ctx, w.sql, w.args...)
	return all(rows, err, func(r interface{ Scan(...any) error }) (time.Duration, error) {
		var micros int64
		err := r.Scan(&micros)
		return time.Duration(micros) * time.Microsecond, err
	})
}

// Record writes events that have no other cause in this database.
func (s *Store) Record(ctx context.Context, at time.Time, events []audit.Event) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return record(ctx, tx, at, events, nil) })
}
