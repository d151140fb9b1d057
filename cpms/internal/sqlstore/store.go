package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"io/fs"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/ident"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/signoff"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations gives this service's migrations.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return sub
}

// Store implements the stores of the domain packages on one database.
type Store struct{ db *sqldb.DB }

// New makes a store on a migrated database.
func New(db *sqldb.DB) *Store { return &Store{db: db} }

// record writes mails and events in the transaction of their cause, as its last act: the end
// of the audit trail is one row that all writers share.
func record(ctx context.Context, tx sqldb.Querier, now time.Time, events []audit.Event, mails []notify.Mail) error {
	for _, m := range mails {
		raw, err := m.Encode()
		if err != nil {
			return err
		}
		if err := outbox.Add(ctx, tx, now, outbox.Row{ID: ident.NewID(rand.Reader), Kind: notify.OutboxKind, Payload: raw}); err != nil {
			return err
		}
	}
	return chain(ctx, tx, events)
}

// signOff writes who is signed out everywhere, in the transaction of its cause.
func signOff(ctx context.Context, tx sqldb.Querier, now time.Time, list []signoff.Message) error {
	for _, m := range list {
		raw, err := m.Encode()
		if err != nil {
			return err
		}
		if err := outbox.Add(ctx, tx, now, outbox.Row{ID: ident.NewID(rand.Reader), Kind: signoff.OutboxKind, Payload: raw}); err != nil {
			return err
		}
	}
	return nil
}

// oneRow gives a failure when a conditional write met no row.
func oneRow(res sql.Result, err error, none *fault.Error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		if err != nil {
			return err
		}
		return none
	}
	return nil
}

// all reads every row with one scan function.
func all[T any](rows *sql.Rows, err error, scan func(interface{ Scan(...any) error }) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
