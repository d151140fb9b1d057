package accounttest

import (
	"fmt"
	"strings"
	"testing"

	"eulogin.example/proto/kit/sqldb"
)

// Dump gives every row of every table of an SQLite database as text, to look for secrets in
// it. The embedded expiring store is in it.
func Dump(t testing.TB, db *sqldb.DB) string {
	t.Helper()
	var out strings.Builder
	for _, table := range column(t, db, `SELECT name FROM sqlite_master WHERE type = 'table'`) {
		rows, err := db.QueryContext(t.Context(), `SELECT * FROM "`+table+`"`)
		check(t, err)
		names, err := rows.Columns()
		check(t, err)
		for rows.Next() {
			cells, into := make([]any, len(names)), make([]any, len(names))
			for i := range cells {
				into[i] = &cells[i]
			}
			check(t, rows.Scan(into...))
			for _, c := range cells {
				if raw, ok := c.([]byte); ok {
					c = string(raw)
				}
				fmt.Fprintf(&out, "%v\n", c)
			}
		}
		check(t, rows.Err())
		check(t, rows.Close())
	}
	return out.String()
}

func column(t testing.TB, db *sqldb.DB, query string) (out []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	check(t, err)
	defer rows.Close()
	for rows.Next() {
		var s string
		check(t, rows.Scan(&s))
		out = append(out, s)
	}
	check(t, rows.Err())
	return out
}
