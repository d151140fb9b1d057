package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/sqldb"
)

var things = fstest.MapFS{"0001_things.sql": {Data: []byte("-- things; with a semicolon in the comment\nCREATE TABLE things (\n  id TEXT PRIMARY KEY,\n  n BIGINT NOT NULL,\n  t TEXT NOT NULL\n);\nCREATE UNIQUE INDEX things_n ON things (n);\n")}}

var errNone = fault.New(fault.NotFound, "thing.unknown")

func TestOnBothEngines(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		t.Run("binds out of order and repeated", func(t *testing.T) {
			_, err := db.ExecContext(ctx, `INSERT INTO things (t, id, n) VALUES ($3, $1, $2)`, "a", 7, "$1 is no bind")
			must(t, err)
			var n int64
			var text string
			must(t, db.QueryRowContext(ctx, `SELECT n, t FROM things WHERE n = $2 AND id = $1 AND ($1 = 'a' OR $1 = 'b')`, "a", 7).Scan(&n, &text))
			if n != 7 || text != "$1 is no bind" {
				t.Fatalf("%d %q", n, text)
			}
		})
		t.Run("a unique violation is known, so is an absent row", func(t *testing.T) {
			_, err := db.ExecContext(ctx, `INSERT INTO things (id, n, t) VALUES ('a', 8, '')`)
			if !sqldb.IsUnique(err) {
				t.Fatalf("primary key: %v", err)
			}
			if _, err = db.ExecContext(ctx, `INSERT INTO things (id, n, t) VALUES ('z', 7, '')`); !sqldb.IsUnique(err) {
				t.Fatalf("unique index: %v", err)
			}
			err = db.QueryRowContext(ctx, `SELECT n FROM things WHERE id = 'never'`).Scan(new(int64))
			if !errors.Is(err, sql.ErrNoRows) || !errors.Is(sqldb.NotFound(err, errNone), errNone) {
				t.Fatalf("%v", err)
			}
		})
		t.Run("an error or a panic rolls back", func(t *testing.T) {
			broken := errors.New("broken")
			insert := func(tx *sqldb.Tx) error {
				_, err := tx.ExecContext(ctx, `INSERT INTO things (id, n, t) VALUES ('r', 99, '')`)
				must(t, err)
				return broken
			}
			if err := db.InTx(ctx, insert); !errors.Is(err, broken) {
				t.Fatal(err)
			}
			func() {
				defer func() { _ = recover() }()
				_ = db.InTx(ctx, func(tx *sqldb.Tx) error { _ = insert(tx); panic("x") })
			}()
			var n int
			must(t, db.QueryRowContext(ctx, `SELECT COUNT(*) FROM things WHERE id = 'r'`).Scan(&n))
			if n != 0 {
				t.Fatal("a rolled-back row is there")
			}
		})
		t.Run("100 conditional updates, one winner", func(t *testing.T) {
			var won atomic.Int64
			var wg sync.WaitGroup
			for range 100 {
				wg.Go(func() {
					err := db.InTx(ctx, func(tx *sqldb.Tx) error {
						res, err := tx.ExecContext(ctx, `UPDATE things SET n = 1000 WHERE id = 'a' AND n = 7`)
						if err != nil {
							return err
						}
						if rows, _ := res.RowsAffected(); rows == 1 {
							won.Add(1)
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if won.Load() != 1 {
				t.Fatalf("%d won", won.Load())
			}
		})
		t.Run("times", func(t *testing.T) {
			at := time.Date(2026, 3, 29, 1, 30, 0, 123456000, time.FixedZone("CET", 3600))
			if back := sqldb.FromMicros(sqldb.Micros(at)); !back.Equal(at) || back.Location() != time.UTC {
				t.Fatal(back)
			}
			if !sqldb.FromMicros(sqldb.Micros(time.Time{})).IsZero() {
				t.Fatal("the zero time")
			}
		})
	}, things)
}

func TestMigrationsOnlyGoForward(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		ctx := t.Context()
		must(t, sqldb.Migrate(ctx, db, things))
		changed := fstest.MapFS{"0001_things.sql": {Data: []byte("CREATE TABLE other (id TEXT);")}}
		if err := sqldb.Migrate(ctx, db, changed); err == nil {
			t.Fatal("a changed migration was accepted")
		}
		if err := sqldb.Migrate(ctx, db, things, things); err == nil {
			t.Fatal("two files of one name were accepted")
		}
		broken := fstest.MapFS{"0002_broken.sql": {Data: []byte("CREATE TABLE good (id TEXT);\nCREATE TABEL bad;\n")}}
		if err := sqldb.Migrate(ctx, db, things, broken); err == nil {
			t.Fatal("a broken migration was accepted")
		}
		if _, err := db.ExecContext(ctx, `SELECT 1 FROM good`); err == nil {
			t.Fatal("half a migration stayed")
		}
	}, things)
}

func TestTwentyMigratorsAtOnce(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		more := fstest.MapFS{"0002_more.sql": {Data: []byte("CREATE TABLE more (id TEXT PRIMARY KEY);\nINSERT INTO more (id) VALUES ('once');\n")}}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := sqldb.Migrate(context.Background(), db, things, more); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var n int
		must(t, db.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM more`).Scan(&n))
		if n != 1 {
			t.Fatalf("%d rows", n)
		}
	}, things)
}

func TestOutages(t *testing.T) {
	db, err := sqldb.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "a b", "x.db"))
	must(t, err)
	must(t, db.Close())
	if err := db.Ping(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("closed: %v", err)
	}
	if _, err := sqldb.Open(t.Context(), "postgres://app:hunter2@127.0.0.1:1/x?connect_timeout=1"); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("nobody there: %v", err)
	}
	if _, err := sqldb.Open(t.Context(), "mysql://x"); err == nil {
		t.Fatal("an unknown engine")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
