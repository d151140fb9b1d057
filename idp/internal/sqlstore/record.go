package sqlstore

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/sqldb"
)

// record writes a change's audit events and messages inside the change's own transaction.
// Every write of this package that a person would want to know of ends with it.
func record(ctx context.Context, tx sqldb.Querier, now time.Time, events []audit.Event, messages []notify.Message) error {
	for _, e := range events {
		if err := insertEvent(ctx, tx, now, e); err != nil {
			return err
		}
		if err := tell(ctx, tx, now, e); err != nil {
			return err
		}
	}
	rows := make([]outbox.Row, 0, len(messages))
	for _, m := range messages {
		rows = append(rows, outbox.Row{
			ID: ident.NewID(rand.Reader), Kind: m.Channel(), Payload: m.Encode(), Due: now,
		})
	}
	return outbox.Add(ctx, tx, now, rows...)
}

func insertEvent(ctx context.Context, tx sqldb.Querier, now time.Time, e audit.Event) error {
	if e.ID == "" {
		e.ID = ident.NewID(rand.Reader)
	}
	if e.At.IsZero() {
		e.At = now
	}
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO audit_events (id, at, actor, subject, action, detail)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		e.ID, sqldb.Micros(e.At), string(e.Actor), string(e.Subject), e.Action, string(detail))
	return err
}
