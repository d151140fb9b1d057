package sqlstore

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/sqldb"
)

// fillDesk makes 24,000 requests of 6,000 people in three networks, most of them decided.
func fillDesk(t *testing.T, db *sqldb.DB) {
	t.Helper()
	for _, q := range []string{
		`INSERT INTO people (` + personColumns + `)
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
			SELECT 'p' || i, 'iss', 's' || i, 'G', 'F', 'e', 'en', 0, 'active', 1, 1 FROM n`,
		`INSERT INTO requests (` + requestColumns + `)
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24000)
			SELECT 'r' || i, 'p' || ((i / 4 + i % 7 * 800) % 6000 + 1), CASE i % 3 WHEN 0 THEN 'ern-eye' WHEN 1 THEN 'ern-lung' ELSE 'ern-rnd' END, 'DE', 'de-' || (i % 90), 'R' || i, '', '', '', 0, TRUE, TRUE,
				CASE i % 40 WHEN 0 THEN 'submitted' WHEN 1 THEN 'more_info' WHEN 2 THEN 'rejected' ELSE 'approved' END, '', '', '', '', 0, '', i, i, i * 1000, i * 1000 + 5, '', 1 FROM n`,
		`INSERT INTO person_words (word, person_id) SELECT CAST(id AS BYTEA), id FROM people`,
		`INSERT INTO grants (` + grantColumns + `)
			SELECT 'g' || id, person_id, id, network, role, hospital, 1, 2, 0, 0, FALSE, FALSE, FALSE, '', '', '' FROM requests WHERE state = 'approved'`,
	} {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(t.Context(), `ANALYZE`); err != nil {
		t.Fatal(err)
	}
}

// plan gives how the database would answer a statement.
func plan(t *testing.T, db *sqldb.DB, w walk) string {
	t.Helper()
	explain, columns := "EXPLAIN QUERY PLAN ", 4
	if db.Engine() != "sqlite" {
		explain, columns = "EXPLAIN ", 1
	}
	rows, err := db.QueryContext(t.Context(), explain+w.sql, w.args...)
	lines, err := all(rows, err, func(r interface{ Scan(...any) error }) (line string, err error) {
		if columns == 1 {
			return line, r.Scan(&line)
		}
		var id, parent, unused int
		return line, r.Scan(&id, &parent, &unused, &line)
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// fullScan finds a table that is read from one end to the other: on PostgreSQL a sequential
// scan, on SQLite a SCAN without an index.
var fullScan = regexp.MustCompile(`(?m)Seq Scan|\bSCAN (requests|people|person_words|grants|a|b|r|m)\b(.*)$`)

func scans(p string) bool {
	for _, hit := range fullScan.FindAllString(p, -1) {
		if !strings.Contains(hit, "USING") {
			return true
		}
	}
	return false
}

// No filter of the desk reads a whole table, on either database.
func TestTheDeskReadsNoWholeTable(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		fillDesk(t, db)
		if !scans(plan(t, db, walk{sql: `SELECT * FROM requests WHERE reason = 'x'`})) {
			t.Fatal("this test would not see a full scan")
		}
		open := []access.State{access.Submitted, access.MoreInfo}
		at := time.UnixMicro(12_000_000)
		for name, q := range map[string]access.Query{
			"all networks":        {States: open},
			"two networks":        {Networks: []string{"ern-eye", "ern-lung"}, States: open},
			"decided":             {Networks: []string{"ern-eye"}, States: []access.State{access.Approved}, Newest: true},
			"decided, everywhere": {States: []access.State{access.Approved}, Newest: true},
			"a role":              {Networks: []string{"ern-eye"}, States: open, Role: "R1"},
			"late":                {Networks: []string{"ern-eye"}, States: open, Before: at},
			"the next page":       {Networks: []string{"ern-eye"}, States: open, After: access.Cursor{At: at, ID: "r12000"}},
			"a page far back":     {States: []access.State{access.Approved}, Newest: true, After: access.Cursor{At: at, ID: "r12000"}},
			"a reference":         {States: open, Search: true, ID: "r77"},
			"people":              {Networks: []string{"ern-eye"}, States: []access.State{access.Approved}, Search: true, People: []string{"p1", "p2", "p3"}},
			"hospitals":           {States: []access.State{access.Approved}, Search: true, Hospitals: []string{"de-7", "de-8"}},
		} {
			q.Most = access.QueuePage + 1
			networks := q.Networks
			if networks == nil {
				networks = []string{""}
			}
			for _, n := range networks {
				for _, s := range q.States {
					for _, w := range walks(q, n, s) {
						if p := plan(t, db, w); scans(p) {
							t.Errorf("%s:\n%s\n%s", name, w.sql, p)
						}
					}
				}
			}
		}
		span := access.Span{From: at, Until: at.Add(time.Second)}
		scoped := access.Span{Networks: []string{"ern-eye", "ern-rnd"}, From: at, Until: at.Add(time.Second)}
		for _, w := range []walk{
			counting("", at), counting("ern-eye", at), naming([]string{"anna", "kov"}, 10),
			submittedIn(span), decidedIn(span), decisionTimes(span, 10), submittedIn(scoped), decidedIn(scoped), decisionTimes(scoped, 10),
			{sql: sameHospital, args: []any{"ern-eye", "x", 1}},
			{sql: dueRequests, args: []any{1, 1, 1, 1, 200}},
		} {
			if p := plan(t, db, w); scans(p) {
				t.Errorf("%s\n%s", w.sql, p)
			}
		}
	}, Migrations())
}
