package storetest

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/rights"
	"eulogin.example/cpms/internal/session"
	"eulogin.example/cpms/internal/web"
	"eulogin.example/proto/kit/kv"
)

// catalogue gives the tables that the database really has, each with its columns.
func (w *world) catalogue() map[string][]string {
	w.t.Helper()
	query := `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()`
	if w.db.Engine() == "sqlite" {
		query = `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`
	}
	rows, err := w.db.QueryContext(w.t.Context(), query)
	w.must(err)
	defer func() { _ = rows.Close() }()
	out := map[string][]string{}
	for rows.Next() {
		var table, column string
		w.must(rows.Scan(&table, &column))
		out[table] = append(out[table], column)
	}
	w.must(rows.Err())
	return out
}

// mark is in everything that anna, or somebody about her, writes.
const mark = "Zanzibar"

func (w *world) rights() (*rights.Service, *session.Service) {
	sessions := &session.Service{KV: kv.NewEmbedded(w.db, w.now), Now: w.now, Random: rand.Reader}
	return &rights.Service{Store: w.store, Sessions: sessions, Now: w.now}, sessions
}

// fullLife leaves something about anna in every table that holds something of people, and something
// about bert beside it.
func (w *world) fullLife() person.Person {
	w.t.Helper()
	ctx := w.t.Context()
	c, all := w.coordinator("elena", "ern-eye"), w.coordinator("ada", "*")
	claimed := claims("anna")
	claimed.GivenName, claimed.FamilyName, claimed.Email = "Anna"+mark, "K"+mark, "anna."+mark+"@example.org"
	anna, err := w.people.Ensure(ctx, claimed)
	w.must(err)
	w.must(w.profiles.Save1(ctx, anna.ID, 0, profile.Page1{Title: mark, Department: mark}, false))
	w.must(w.profiles.Save2(ctx, anna.ID, 1, profile.Page2{Expertise: mark}, false))
	f := guest()
	f.Justification, f.SponsorName, f.SponsorEmail = strings.Repeat(mark+" ", 10), "Sponsor "+mark, "sponsor."+mark+"@example.org"
	r := w.submit(anna, f)
	w.must(w.remark(anna, r, mark+" mine"))
	w.must(w.remarkAtDesk(c, anna, r, mark+" for her", false))
	w.must(w.remarkAtDesk(c, anna, r, mark+" for the desk", true))
	_, err = w.decide(c, anna, w.stored(r.ID), access.Decision{Do: access.AskMore, Text: mark + "?"})
	w.must(err)
	_, err = w.access.Answer(ctx, anna, r.ID, w.stored(r.ID).Version, mark+"!")
	w.must(err)
	_, err = w.db.ExecContext(ctx, `UPDATE request_references SET words = $1 WHERE request_id = $2`, "knows "+mark, r.ID)
	w.must(err)
	w.pass(73 * time.Hour)
	a, root := w.administration("root")
	w.remind()
	w.carry(c, w.choose(c, access.Reject, w.stored(r.ID)), mark+", no")
	w.approve(c, anna, w.submit(anna, form()))
	_, err = w.access.NameDeputy(ctx, c, access.Absence{Network: "ern-eye", Email: anna.Email, From: w.now().Add(day), Until: w.now().Add(3 * day)}, w.strong(), "medium")
	w.must(err)
	w.must(a.Propose(ctx, root, anna.Email, "ern-rnd"))
	w.must(w.store.GiveRole(ctx, w.now(), issuer, "anna", access.CoordinatorRole, "ern-lung"))
	w.asCoordinator(all, anna)
	w.tell(w.event("anna", 1, inbox.Locked))
	return anna
}

// other is in everything that bert writes.
const other = "Quagga"

// asCoordinator lets anna work at a desk.
func (w *world) asCoordinator(all, anna person.Person) {
	w.t.Helper()
	ctx, bert := w.t.Context(), claims("bert")
	bert.GivenName, bert.Email = other, other+"@example.org"
	b, err := w.people.Ensure(ctx, bert)
	w.must(err)
	w.must(w.profiles.Save1(ctx, b.ID, 0, profile.Page1{Department: other}, false))
	f := lung()
	f.Role, f.Justification = access.Researcher, other
	r := w.submit(b, f)
	w.must(w.remark(b, r, other))
	w.must(w.remarkAtDesk(anna, b, r, mark+" wrote this", true))
	_, err = w.decide(anna, b, w.stored(r.ID), approve)
	w.must(err)
	second := lung()
	second.Justification = other
	w.carry(anna, w.choose(anna, access.Reject, w.submit(b, second)), "a coordinator says no")
}

// cells gives every value of every table that holds a word, as "table.column".
func (w *world) cells(word string) map[string][]string {
	w.t.Helper()
	out := map[string][]string{}
	for table, columns := range w.catalogue() {
		rows, err := w.db.QueryContext(w.t.Context(), `SELECT `+strings.Join(columns, ", ")+` FROM `+table)
		w.must(err)
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			w.must(rows.Scan(values...))
			for i, v := range values {
				text := fmt.Sprint(*v.(*any))
				if raw, ok := (*v.(*any)).([]byte); ok {
					text = string(raw)
				}
				if strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
					out[table+"."+columns[i]] = append(out[table+"."+columns[i]], text)
				}
			}
		}
		w.must(rows.Err())
		w.must(rows.Close())
	}
	return out
}

// texts asserts that the page has a title for every table and a label for every column of a copy.
func (w *world) texts(c rights.Copy) {
	w.t.Helper()
	raw, err := fs.ReadFile(web.Locales, "en/copy.json")
	w.must(err)
	var texts map[string]string
	w.must(json.Unmarshal(raw, &texts))
	for _, table := range c.Tables {
		if texts["copy.table."+table.Name] == "" {
			w.t.Errorf("no text for table %s", table.Name)
		}
		for _, record := range table.Records {
			for _, cell := range record {
				if texts["copy.column."+cell.Column] == "" {
					w.t.Errorf("no text for %s.%s", table.Name, cell.Column)
				}
			}
		}
	}
}
