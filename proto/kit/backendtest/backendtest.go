package backendtest

import (
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/sqldb"
)

var fresh atomic.Int64

// SQLite opens a fresh SQLite database with the kit's own tables and the given migrations.
func SQLite(t testing.TB, migrations ...fs.FS) *sqldb.DB {
	t.Helper()
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), migrations)
}

// Postgres makes a fresh database in the test process's PostgreSQL server.
func Postgres(t testing.TB, migrations ...fs.FS) *sqldb.DB {
	t.Helper()
	return open(t, PostgresURL(t), migrations)
}

// RedisURL gives the address of the test process's Redis server.
func RedisURL(t testing.TB) string { t.Helper(); return redisServer(t) }

// PostgresURL makes a fresh, empty database and gives its address, for processes under test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := postgresServer(t)
	admin := patient(t, server)
	name := fmt.Sprintf("t%d_%d", time.Now().UnixNano(), fresh.Add(1))
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	_ = admin.Close()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// Redis makes a store in the test process's Redis server, under a prefix of its own.
func Redis(t testing.TB) *kv.Redis {
	t.Helper()
	r, err := kv.NewRedis(redisServer(t), fmt.Sprintf("t%d", fresh.Add(1)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// SQL runs f on both databases.
func SQL(t *testing.T, f func(t *testing.T, db *sqldb.DB), migrations ...fs.FS) {
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t, migrations...)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t, migrations...)) })
}

// KV runs f on every engine of the expiring store.
func KV(t *testing.T, f func(t *testing.T, s kv.Store)) {
	t.Run("embedded-sqlite", func(t *testing.T) { f(t, kv.NewEmbedded(SQLite(t), time.Now)) })
	t.Run("embedded-postgres", func(t *testing.T) { f(t, kv.NewEmbedded(Postgres(t), time.Now)) })
	t.Run("redis", func(t *testing.T) { f(t, Redis(t)) })
}

// Each runs f on {SQLite, PostgreSQL} × {embedded, Redis}; the embedded store lives in the
// same database.
func Each(t *testing.T, f func(t *testing.T, db *sqldb.DB, s kv.Store), migrations ...fs.FS) {
	SQL(t, func(t *testing.T, db *sqldb.DB) {
		t.Run("embedded", func(t *testing.T) { f(t, db, kv.NewEmbedded(db, time.Now)) })
	}, migrations...)
	SQL(t, func(t *testing.T, db *sqldb.DB) {
		t.Run("redis", func(t *testing.T) { f(t, db, Redis(t)) })
	}, migrations...)
}

// patient opens a server that may still be starting: it listens before it serves.
func patient(t testing.TB, address string) *sqldb.DB {
	t.Helper()
	var err error
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		var db *sqldb.DB
		if db, err = sqldb.Open(t.Context(), address); err == nil {
			return db
		}
	}
	t.Fatal(err)
	return nil
}

func open(t testing.TB, address string, migrations []fs.FS) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), address)
	if err != nil {
		t.Fatalf("%s: %v", strings.SplitN(address, ":", 2)[0], err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := sqldb.Migrate(t.Context(), db, append([]fs.FS{kv.Migrations(), outbox.Migrations()}, migrations...)...); err != nil {
		t.Fatal(err)
	}
	return db
}
