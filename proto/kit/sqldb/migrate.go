package sqldb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// Migrate applies the migrations that are not applied yet: files NNNN_name.sql at the root
// of each set, in the order of their names, each in one transaction. It only goes forward. A
// file that was applied and has changed since is an error. A file NNNN_name.sqlite.sql or
// NNNN_name.postgres.sql runs on that engine alone. Several processes may start at once:
// one migrates, the others wait.
func Migrate(ctx context.Context, db *DB, sets ...fs.FS) error {
	files, err := collect(db.engine, sets)
	if err != nil {
		return err
	}
	if err := db.prepare(ctx); err != nil {
		return err
	}
	return db.InTx(ctx, func(tx *Tx) error {
		// The first write takes the row; on PostgreSQL others queue behind it, on SQLite the
		// whole transaction is exclusive already.
		if _, err := tx.ExecContext(ctx, `UPDATE migration_lease SET holder = $1 WHERE id = 1`, time.Now().UnixMicro()); err != nil {
			return err
		}
		for _, f := range files {
			if err := f.apply(ctx, tx); err != nil {
				return fmt.Errorf("migration %s: %w", f.name, err)
			}
		}
		return nil
	})
}

type migration struct{ name, sum, text string }

func collect(engine string, sets []fs.FS) ([]migration, error) {
	var files []migration
	for _, set := range sets {
		names, err := fs.Glob(set, "*.sql")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if other := strings.TrimSuffix(name, ".sql"); strings.HasSuffix(other, "."+SQLite) && engine != SQLite ||
				strings.HasSuffix(other, "."+Postgres) && engine != Postgres {
				continue
			}
			raw, err := fs.ReadFile(set, name)
			if err != nil {
				return nil, err
			}
			sum := sha256.Sum256(raw)
			files = append(files, migration{name, hex.EncodeToString(sum[:]), string(raw)})
		}
	}
	slices.SortFunc(files, func(a, b migration) int { return strings.Compare(a.name, b.name) })
	for i := 1; i < len(files); i++ {
		if files[i].name == files[i-1].name {
			return nil, fmt.Errorf("two migrations are called %s", files[i].name)
		}
	}
	return files, nil
}

// prepare makes the tables that migrations are kept in. Two processes may both try; the
// loser's error is that the table exists.
func (db *DB) prepare(ctx context.Context) error {
	for _, q := range []string{
		`CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)`,
		`CREATE TABLE IF NOT EXISTS migration_lease (id BIGINT PRIMARY KEY, holder BIGINT NOT NULL)`,
		`INSERT INTO migration_lease (id, holder) VALUES (1, 0) ON CONFLICT (id) DO NOTHING`,
	} {
		var err error
		for range retries {
			if _, err = db.ExecContext(ctx, q); err == nil || !IsUnique(err) {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m migration) apply(ctx context.Context, tx *Tx) error {
	var sum string
	err := tx.QueryRowContext(ctx, `SELECT checksum FROM migrations WHERE name = $1`, m.name).Scan(&sum)
	switch {
	case err == nil && sum == m.sum:
		return nil
	case err == nil:
		return errors.New("was applied with another content; migrations only go forward")
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	for _, stmt := range statements(m.text) {
		if _, err := tx.ExecContext(ctx, stmt); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO migrations (name, checksum, applied_at) VALUES ($1, $2, $3)`, m.name, m.sum, time.Now().UnixMicro())
	return err
}

// statements cuts a migration at semicolons that end a line; comments are dropped.
func statements(text string) []string {
	var out []string
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "--") {
			continue
		}
		b.WriteString(line)
		if strings.HasSuffix(strings.TrimSpace(line), ";") {
			out = append(out, strings.TrimSuffix(strings.TrimSpace(b.String()), ";"))
			b.Reset()
		}
	}
	if rest := strings.TrimSpace(b.String()); rest != "" {
		out = append(out, rest)
	}
	return out
}
