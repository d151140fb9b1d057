package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations gives this service's migrations, to be run together with those of the kit.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return sub
}

// Store implements the store ports of the domain packages on one database.
type Store struct {
	db *sqldb.DB
	// NumbersSignIn says that a mobile phone number is a second factor here. Set before use.
	NumbersSignIn bool
}

// New makes a store on a migrated database.
func New(db *sqldb.DB) *Store { return &Store{db: db} }

// Record writes events and messages that no other write belongs to, in one transaction.
func (s *Store) Record(ctx context.Context, at time.Time, events []audit.Event, messages []notify.Message) error {
	return s.db.InTx(ctx, func(tx *sqldb.Tx) error { return record(ctx, tx, at, events, messages) })
}

// oneRow gives the failure none when a conditional write met no row.
func oneRow(res sql.Result, err error, none *fault.Error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return none
	}
	return nil
}
