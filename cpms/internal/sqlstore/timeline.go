package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/proto/kit/sqldb"
)

// Timeline gives what happened to a request, oldest first. Who only looked at it, or
// took it out in a file, stands in the person's trail, not here; remarks are read from Remarks.
func (s *Store) Timeline(ctx context.Context, requestID string) ([]audit.Event, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT at, actor, subject, action, object, detail FROM audit_events WHERE object = $1 AND action NOT IN ($2, $3) AND action NOT LIKE 'remark.%' ORDER BY at, id`, requestID, audit.Viewed, audit.Exported)
	return all(rows, err, scanEvent)
}

func scanEvent(r interface{ Scan(...any) error }) (e audit.Event, err error) {
	var at int64
	var detail string
	if err := r.Scan(&at, &e.Actor, &e.Subject, &e.Action, &e.Object, &detail); err != nil {
		return e, err
	}
	e.At = sqldb.FromMicros(at)
	return e, json.Unmarshal([]byte(detail), &e.Detail)
}

func errUnchained(have, want int64) error {
	return fmt.Errorf("audit: %d events stand outside the chain, and %d are older than it", have, want)
}
