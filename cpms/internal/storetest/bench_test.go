package storetest

import (
	"fmt"
	"testing"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/sqldb"
)

// The size that the desk must carry: 100,000 requests of 50,000 people and 1,000,000 grants.
const (
	benchPeople   = 50_000
	benchRequests = 100_000
	benchGrants   = 1_000_000
)

// fill makes a database of that size in a few statements.
func (w *world) fill() {
	w.t.Helper()
	count := func(n int) string {
		return fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT ", n)
	}
	network := `CASE i % 24 WHEN 0 THEN 'ern-eye' WHEN 1 THEN 'ern-lung' WHEN 2 THEN 'ern-rnd' ELSE 'ern-' || (i % 24) END`
	for _, q := range []string{
		`INSERT INTO people (id, issuer, subject, given_name, family_name, email, mail_lang, assurance, status, created_at, updated_at) ` +
			count(benchPeople) + `'p' || i, 'bench', 's' || i, 'G' || i, 'F' || i, 'e' || i || '@example.org', 'en', 10, 'active', 1, 1 FROM n`,
		`INSERT INTO person_words (word, person_id) SELECT CAST('f' || substr(id, 2) AS BYTEA), id FROM people`,
		`INSERT INTO requests (id, person_id, network, country, hospital, role, justification, sponsor_name, sponsor_email, duration_days, declaration, terms,
			state, question, answer, reason, terms_version, assurance, acr, created_at, updated_at, submitted_at, decided_at, decided_by, version) ` +
			count(benchRequests) + `'r' || i, 'p' || (i % 50000 + 1), ` + network + `, 'DE', 'de-02', 'HP', '', '', '', 0, TRUE, TRUE,
			CASE WHEN i > 50000 AND i % 24 < 3 THEN 'submitted' ELSE 'approved' END, '', '', '', '', 10, 'medium', 1, 1, i * 1000, CASE WHEN i > 50000 AND i % 24 < 3 THEN 0 ELSE i * 1000 + 5 END, '', 1 FROM n`,
		`INSERT INTO grants (id, person_id, request_id, network, role, hospital, starts_at, ends_at, suspended_at, revoked_at, warned_14, warned_3, closed) ` +
			count(benchGrants) + `'g' || i, 'p' || (i % 50000 + 1), 'x' || i, ` + network + `, 'HP', 'h' || (i % 400), 1, 2, 0, 0, TRUE, TRUE, TRUE FROM n`,
		`ANALYZE`,
	} {
		if _, err := w.db.ExecContext(w.t.Context(), q); err != nil {
			w.t.Fatal(err)
		}
	}
}

// BenchmarkDesk measures what a coordinator waits for at that size, on both databases.
func BenchmarkDesk(b *testing.B) {
	for name, db := range map[string]*sqldb.DB{"sqlite": backendtest.SQLite(b, sqlstore.Migrations()), "postgres": backendtest.Postgres(b, sqlstore.Migrations())} {
		w := newWorld(b, db)
		w.fill()
		c := w.coordinator("elena", "*")
		first, err := w.access.Queue(b.Context(), c, access.Filter{})
		w.must(err)
		for what, f := range map[string]access.Filter{
			"queue": {}, "network": {Network: "ern-eye"}, "decided": {State: "approved"}, "later": {After: first.Next}, "name": {Text: "f7777"},
		} {
			b.Run(name+"/"+what, func(b *testing.B) {
				for b.Loop() {
					if _, err := w.access.Queue(b.Context(), c, f); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(name+"/counts", func(b *testing.B) {
			for b.Loop() {
				if _, err := w.access.Counts(b.Context(), c); err != nil {
					b.Fatal(err)
				}
			}
		})
		evaluator := &access.Evaluator{Store: w.store, Now: w.now}
		b.Run(name+"/evaluate", func(b *testing.B) {
			for b.Loop() {
				if _, err := evaluator.Answer(b.Context(), access.Question{Issuer: "bench", Subject: "s7777", Network: "ern-eye", Action: access.JoinPanel}); err != nil {
					b.Fatal(err)
				}
			}
		})
		round := 0
		b.Run(name+"/submit+decide", func(b *testing.B) {
			for b.Loop() {
				round++
				w.oneDecision(c, w.person(fmt.Sprintf("bench%d", round)))
			}
		})
	}
}

func (w *world) oneDecision(c, p person.Person) { w.approve(c, p, w.submit(p, form())) }
