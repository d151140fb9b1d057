package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"eulogin.example/proto/kit/fault"
)

// ErrUnavailable says that the database does not answer; nothing is known about the write.
var ErrUnavailable = fault.New(fault.Unavailable, "store.unavailable")

// errUnique marks a violated unique constraint or primary key.
var errUnique = errors.New("sqldb: unique constraint")

// IsUnique reports whether a write failed because such a row exists.
func IsUnique(err error) bool { return errors.Is(err, errUnique) }

// NotFound turns "no such row" into the caller's own fault and leaves other errors alone.
func NotFound(err error, none *fault.Error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return none
	}
	return err
}

// translate marks what callers act on: unique violations and outages.
func translate(err error) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case pg.Code == "23505":
			return errors.Join(errUnique, err)
		case pg.Code[:2] == "08", pg.Code[:2] == "53", pg.Code[:2] == "57":
			return ErrUnavailable.Because(err)
		}
		return err
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch {
		case lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE, lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return errors.Join(errUnique, err)
		case lite.Code()&0xff == sqlite3.SQLITE_BUSY, lite.Code()&0xff == sqlite3.SQLITE_IOERR, lite.Code()&0xff == sqlite3.SQLITE_FULL, lite.Code()&0xff == sqlite3.SQLITE_CANTOPEN:
			return ErrUnavailable.Because(err)
		}
		return err
	}
	var netErr net.Error
	var connect *pgconn.ConnectError
	if errors.As(err, &netErr) || errors.As(err, &connect) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, context.DeadlineExceeded) || err.Error() == "sql: database is closed" {
		return ErrUnavailable.Because(err)
	}
	return err
}

// mayRetry reports whether a transaction failed only because another one was in its way.
func mayRetry(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY
}
