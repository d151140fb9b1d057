package sqldb

import "strings"

// bind writes $1 as ?1 for SQLite: there some drivers give $n out by first appearance, and
// an out-of-order bind would silently swap values. Text in quotes stays as it is.
func (db *DB) bind(query string) string {
	if db.engine != SQLite || !strings.Contains(query, "$") {
		return query
	}
	var b strings.Builder
	b.Grow(len(query))
	quoted := false
	for i := range len(query) {
		c := query[i]
		if c == '\'' {
			quoted = !quoted
		}
		if c == '$' && !quoted && i+1 < len(query) && query[i+1] >= '0' && query[i+1] <= '9' {
			c = '?'
		}
		b.WriteByte(c)
	}
	return b.String()
}
