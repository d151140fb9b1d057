package kv

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"strconv"
	"time"

	"eulogin.example/proto/kit/sqldb"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations makes the table `expiring`.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return sub
}

// Embedded is the store as a table of the service's own database. Every verb is one
// statement.
type Embedded struct {
	db  *sqldb.DB
	now func() time.Time
}

// NewEmbedded makes the store on a migrated database.
func NewEmbedded(db *sqldb.DB, now func() time.Time) *Embedded { return &Embedded{db: db, now: now} }

// Put sets a key.
func (e *Embedded) Put(ctx context.Context, key string, val []byte, ttl time.Duration) error {
	_, err := e.db.ExecContext(ctx, `
		INSERT INTO expiring (name, val, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET val = excluded.val, expires_at = excluded.expires_at`,
		key, val, e.until(ttl))
	return outage(err)
}

// Get reads a key.
func (e *Embedded) Get(ctx context.Context, key string) ([]byte, error) {
	return e.one(ctx, `SELECT val FROM expiring WHERE name = $1 AND expires_at > $2`, key, sqldb.Micros(e.now()))
}

// Take reads and removes a key.
func (e *Embedded) Take(ctx context.Context, key string) ([]byte, error) {
	return e.one(ctx, `DELETE FROM expiring WHERE name = $1 AND expires_at > $2 RETURNING val`, key, sqldb.Micros(e.now()))
}

// Swap compares and sets.
func (e *Embedded) Swap(ctx context.Context, key string, old, val []byte, ttl time.Duration) error {
	if old == nil {
		return e.add(ctx, e.db, key, val, ttl)
	}
	res, err := e.db.ExecContext(ctx, `
		UPDATE expiring SET val = $3, expires_at = $4
		WHERE name = $1 AND val = $2 AND expires_at > $5`,
		key, old, val, e.until(ttl), sqldb.Micros(e.now()))
	return changed(res, err)
}

// add sets a key that is absent, or ErrChanged.
func (e *Embedded) add(ctx context.Context, q sqldb.Querier, key string, val []byte, ttl time.Duration) error {
	res, err := q.ExecContext(ctx, `
		INSERT INTO expiring (name, val, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET val = excluded.val, expires_at = excluded.expires_at
		WHERE expiring.expires_at <= $4`,
		key, val, e.until(ttl), sqldb.Micros(e.now()))
	return changed(res, err)
}

// changed turns a statement that met no row into ErrChanged.
func changed(res sql.Result, err error) error {
	if err != nil {
		return outage(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return outage(err)
	}
	if n == 0 {
		return ErrChanged
	}
	return nil
}

// Once marks and reads, in one transaction.
func (e *Embedded) Once(ctx context.Context, m Mark, key string, take bool) ([]byte, error) {
	query := `SELECT val FROM expiring WHERE name = $1 AND expires_at > $2`
	if take {
		query = `DELETE FROM expiring WHERE name = $1 AND expires_at > $2 RETURNING val`
	}
	var val []byte
	var absent error
	err := e.db.InTx(ctx, func(tx *sqldb.Tx) error {
		absent = nil
		if err := e.add(ctx, tx, m.Key, []byte(m.val()), m.Life); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, query, key, sqldb.Micros(e.now())).Scan(&val)
		if errors.Is(err, sql.ErrNoRows) {
			absent, err = ErrNotFound, nil
		}
		return err
	})
	switch {
	case errors.Is(err, ErrChanged):
		return nil, ErrChanged
	case err != nil:
		return nil, outage(err)
	}
	return val, absent
}

// Add counts. The value is kept as decimal text, as Redis does.
func (e *Embedded) Add(ctx context.Context, key string, n int64, ttl time.Duration) (int64, error) {
	for range swaps {
		raw, err := e.Get(ctx, key)
		old, sum := raw, n
		switch {
		case errors.Is(err, ErrNotFound):
			err = e.Swap(ctx, key, nil, []byte(strconv.FormatInt(n, 10)), ttl)
		case err != nil:
			return 0, err
		default:
			was, perr := strconv.ParseInt(string(raw), 10, 64)
			if perr != nil {
				return 0, ErrUnavailable.Because(perr)
			}
			sum = was + n
			err = e.count(ctx, key, old, sum)
		}
		if err == nil {
			return sum, nil
		}
		if !errors.Is(err, ErrChanged) {
			return 0, err
		}
	}
	return 0, ErrUnavailable
}

// count writes a counter's new value and leaves its time to live.
func (e *Embedded) count(ctx context.Context, key string, old []byte, sum int64) error {
	res, err := e.db.ExecContext(ctx, `UPDATE expiring SET val = $3 WHERE name = $1 AND val = $2`,
		key, old, []byte(strconv.FormatInt(sum, 10)))
	if err != nil {
		return outage(err)
	}
	if changed, err := res.RowsAffected(); err != nil || changed == 0 {
		return ErrChanged
	}
	return nil
}

// Drop removes keys.
func (e *Embedded) Drop(ctx context.Context, keys ...string) error {
	for _, k := range keys {
		if _, err := e.db.ExecContext(ctx, `DELETE FROM expiring WHERE name = $1`, k); err != nil {
			return outage(err)
		}
	}
	return nil
}

// Sweep forgets what expired. Call it every minute or so.
func (e *Embedded) Sweep(ctx context.Context) error {
	_, err := e.db.ExecContext(ctx, `DELETE FROM expiring WHERE expires_at <= $1`, sqldb.Micros(e.now()))
	return outage(err)
}

func (e *Embedded) one(ctx context.Context, query string, args ...any) ([]byte, error) {
	var val []byte
	err := e.db.QueryRowContext(ctx, query, args...).Scan(&val)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, outage(err)
	}
	return val, nil
}

func (e *Embedded) until(ttl time.Duration) int64 { return sqldb.Micros(e.now().Add(ttl)) }

func outage(err error) error {
	if err == nil {
		return nil
	}
	return ErrUnavailable.Because(err)
}
