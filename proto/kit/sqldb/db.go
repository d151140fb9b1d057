package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "modernc.org/sqlite"             // driver "sqlite"
)

// The engines.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Querier runs statements, on the database or inside a transaction.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *Row
}

// DB is one service's database. It is safe for concurrent use.
type DB struct {
	engine string
	read   *sql.DB
	write  *sql.DB // on SQLite one connection: writers queue here and not in the file lock
}

// Open connects to "sqlite:PATH" (created with its folder when absent) or to a
// "postgres://…" URL. It fails when the database does not answer.
func Open(ctx context.Context, address string) (*DB, error) {
	var db *DB
	var err error
	switch {
	case strings.HasPrefix(address, "sqlite:"):
		db, err = openSQLite(strings.TrimPrefix(address, "sqlite:"))
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		db, err = openPostgres(address)
	default:
		return nil, fmt.Errorf("sqldb: the address must start with sqlite: or postgres://")
	}
	if err != nil {
		return nil, err
	}
	if err := db.Ping(ctx); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// openSQLite opens a file with write-ahead log and a full sync on commit: what was
// committed is there after kill -9 and after a power cut.
func openSQLite(path string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("sqldb: %w", err)
	}
	pragmas := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
	}, "_txlock": {"immediate"}}
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas.Encode()
	write, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("sqldb: %w", err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", dsn)
	if err != nil {
		_ = write.Close()
		return nil, fmt.Errorf("sqldb: %w", err)
	}
	read.SetMaxOpenConns(8)
	read.SetMaxIdleConns(8)
	return &DB{engine: SQLite, read: read, write: write}, nil
}

func openPostgres(address string) (*DB, error) {
	pool, err := sql.Open("pgx", address)
	if err != nil {
		return nil, fmt.Errorf("sqldb: the PostgreSQL address cannot be used") // the cause holds the password
	}
	pool.SetMaxOpenConns(20)
	pool.SetMaxIdleConns(10)
	pool.SetConnMaxLifetime(30 * time.Minute)
	return &DB{engine: Postgres, read: pool, write: pool}, nil
}

// Engine says which engine this is: SQLite or Postgres.
func (db *DB) Engine() string { return db.engine }

// Ping reports whether the database answers; fault.Unavailable when it does not.
func (db *DB) Ping(ctx context.Context) error { return translate(db.write.PingContext(ctx)) }

// Close closes all connections.
func (db *DB) Close() error {
	if db.read != db.write {
		_ = db.read.Close()
	}
	return db.write.Close()
}

// ExecContext runs a writing statement.
func (db *DB) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	res, err := db.write.ExecContext(ctx, db.bind(query), args...)
	return res, translate(err)
}

// QueryContext runs a reading statement.
func (db *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := db.pool(query).QueryContext(ctx, db.bind(query), args...)
	return rows, translate(err)
}

// QueryRowContext runs a statement that gives at most one row; it may write (RETURNING).
func (db *DB) QueryRowContext(ctx context.Context, query string, args ...any) *Row {
	return &Row{db.pool(query).QueryRowContext(ctx, db.bind(query), args...)}
}

// pool chooses the connections: on SQLite only a plain SELECT may run beside the writer.
func (db *DB) pool(query string) *sql.DB {
	if first := strings.TrimSpace(query); len(first) >= 6 && strings.EqualFold(first[:6], "SELECT") {
		return db.read
	}
	return db.write
}

// Row is the answer of QueryRowContext, with its errors translated.
type Row struct{ row *sql.Row }

// Scan copies the row's columns; sql.ErrNoRows when there is none.
func (r *Row) Scan(dest ...any) error { return translate(r.row.Scan(dest...)) }

// Micros gives a time as it is stored: microseconds since 1970 UTC; the zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros undoes Micros.
func FromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
