package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/proto/kit/sqldb"
)

// Search answers a query of the desk. Each combination of network and state is one walk along
// an index, so that no answer reads what it does not show; the walks are merged here.
func (s *Store) Search(ctx context.Context, q access.Query) ([]access.Request, error) {
	networks := q.Networks
	if networks == nil {
		networks = []string{""}
	}
	var out []access.Request
	for _, n := range networks {
		for _, state := range q.States {
			for _, walk := range walks(q, n, state) {
				rows, err := s.db.QueryContext(ctx, walk.sql, walk.args...)
				list, err := all(rows, err, scanRequest)
				if err != nil {
					return nil, err
				}
				out = append(out, list...)
			}
		}
	}
	slices.SortFunc(out, func(a, b access.Request) int {
		order := cmp.Or(a.SubmittedAt.Compare(b.SubmittedAt), strings.Compare(a.ID, b.ID))
		if q.Newest {
			return -order
		}
		return order
	})
	out = slices.CompactFunc(out, func(a, b access.Request) bool { return a.ID == b.ID })
	return out[:min(len(out), q.Most)], nil
}

// walk is one statement with its arguments.
type walk struct {
	sql  string
	args []any
}

func (w *walk) arg(v any) string {
	w.args = append(w.args, v)
	return fmt.Sprintf("$%d", len(w.args))
}

func (w *walk) list(values []string) string {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = w.arg(v)
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

// walks are the statements for one network ("" for all) and one state: one, or one for each
// thing that a search means.
func walks(q access.Query, network string, state access.State) (out []walk) {
	if !q.Search {
		return []walk{oneWalk(q, network, state, func(*walk) string { return "" })}
	}
	if q.ID != "" {
		out = append(out, oneWalk(q, network, state, func(w *walk) string { return " AND id = " + w.arg(q.ID) }))
	}
	if len(q.People) > 0 {
		out = append(out, oneWalk(q, network, state, func(w *walk) string { return " AND person_id IN " + w.list(q.People) }))
	}
	if len(q.Hospitals) > 0 {
		out = append(out, oneWalk(q, network, state, func(w *walk) string { return " AND hospital IN " + w.list(q.Hospitals) }))
	}
	return out
}

func oneWalk(q access.Query, network string, state access.State, more func(*walk) string) walk {
	w := walk{}
	where := "state = " + w.arg(string(state))
	if network != "" {
		where += " AND network = " + w.arg(network)
	}
	if q.Role != "" {
		where += " AND role = " + w.arg(q.Role)
	}
	if !q.Before.IsZero() {
		where += " AND submitted_at <= " + w.arg(sqldb.Micros(q.Before))
	}
	after, order := ">", ""
	if q.Newest {
		after, order = "<", " DESC"
	}
	if !q.After.At.IsZero() {
		where += fmt.Sprintf(" AND (submitted_at, id) %s (%s, %s)", after, w.arg(sqldb.Micros(q.After.At)), w.arg(q.After.ID))
	}
	where += more(&w)
	w.sql = `SELECT ` + requestColumns + ` FROM requests WHERE ` + where + ` ORDER BY submitted_at` + order + `, id` + order + ` LIMIT ` + w.arg(q.Most)
	return w
}

// OpenCounts counts the open requests of networks (nil: all), and those submitted before a
// moment.
func (s *Store) OpenCounts(ctx context.Context, networks []string, late time.Time) (access.Counts, error) {
	c := access.Counts{Networks: map[string]int{}}
	if networks == nil {
		networks = []string{""}
	}
	type line struct {
		network, state string
		n, late        int
	}
	for _, n := range networks {
		w := counting(n, late)
		rows, err := s.db.QueryContext(ctx, w.sql, w.args...)
		list, err := all(rows, err, func(r interface{ Scan(...any) error }) (l line, err error) {
			return l, r.Scan(&l.network, &l.state, &l.n, &l.late)
		})
		if err != nil {
			return c, err
		}
		for _, l := range list {
			c.All, c.Late = c.All+l.n, c.Late+l.late
			c.Networks[l.network] += l.n
			if l.state == string(access.Submitted) {
				c.Submitted += l.n
			} else {
				c.MoreInfo += l.n
			}
		}
	}
	return c, nil
}

// counting is the statement for one network, or "" for all.
func counting(network string, late time.Time) walk {
	w := walk{}
	since, where := w.arg(sqldb.Micros(late)), "state IN ('submitted', 'more_info')"
	if network != "" {
		where += " AND network = " + w.arg(network)
	}
	w.sql = `SELECT network, state, COUNT(*), SUM(CASE WHEN submitted_at < ` + since + ` THEN 1 ELSE 0 END) FROM requests WHERE ` + where + ` GROUP BY network, state`
	return w
}
