package sqlstore

import (
	"context"
	"encoding/json"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/proto/kit/sqldb"
)

// Timeline gives what happened to a request, oldest first.
func (s *Store) Timeline(ctx context.Context, requestID string) ([]audit.Event, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT at, actor, subject, action, object, detail FROM audit_events WHERE object = $1 ORDER BY at, id`, requestID)
	return all(rows, err, func(r interface{ Scan(...any) error }) (e audit.Event, err error) {
		var at int64
		var detail string
		if err := r.Scan(&at, &e.Actor, &e.Subject, &e.Action, &e.Object, &detail); err != nil {
			return e, err
		}
		e.At = sqldb.FromMicros(at)
		return e, json.Unmarshal([]byte(detail), &e.Detail)
	})
}
