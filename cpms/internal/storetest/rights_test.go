package storetest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/rights"
	"eulogin.example/cpms/internal/session"
	"eulogin.example/cpms/internal/sqlstore"
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

// Every table of the database is given out and erased, or is known to hold nothing of people; every
// column of one that does is given out, or left out for a reason.
func TestEveryTableIsKnownToTheRights(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		real := w.catalogue()
		if len(real) < 20 || len(real["people"]) < 10 {
			t.Fatalf("the catalogue was not read: %v", real)
		}
		known := map[string]int{}
		for _, src := range sqlstore.Personal {
			known[src.Table]++
			var told []string
			for _, c := range strings.Fields(src.Columns) {
				name, _, _ := strings.Cut(c, ":")
				told = append(told, name)
			}
			for _, column := range real[src.Table] {
				if why, omitted := src.Omitted[column]; slices.Contains(told, column) == omitted || omitted && why == "" {
					t.Errorf("%s.%s is neither given out nor left out for a reason, or both", src.Table, column)
				}
			}
			if n := len(told) + len(src.Omitted); n != len(real[src.Table]) {
				t.Errorf("%s has %d columns, %d are known", src.Table, len(real[src.Table]), n)
			}
		}
		for _, list := range []map[string]string{sqlstore.Elsewhere, sqlstore.Impersonal} {
			for table, why := range list {
				known[table]++
				if why == "" {
					t.Errorf("%s: no reason", table)
				}
			}
		}
		for table := range real {
			if known[table] != 1 {
				t.Errorf("table %s is in %d of the lists of sqlstore/personal.go", table, known[table])
			}
		}
		for table := range known {
			if real[table] == nil {
				t.Errorf("there is no table %s", table)
			}
		}
	})
}

func TestTheDocumentTellsEveryTable(t *testing.T) {
	raw, err := os.ReadFile("../../docs/rights.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(raw)), " ")
	for _, src := range sqlstore.Personal {
		kept := src.Kept
		if kept == "" {
			kept = "nothing stays"
		}
		if line := fmt.Sprintf("| %s | %s |", src.Table, kept); !strings.Contains(text, line) {
			t.Errorf("%s is not in the document", line)
		}
		for column, why := range src.Omitted {
			if line := fmt.Sprintf("| %s.%s | %s |", src.Table, column, why); !strings.Contains(text, line) {
				t.Errorf("%s is not in the document", line)
			}
		}
	}
	for _, list := range []map[string]string{sqlstore.Elsewhere, sqlstore.Impersonal} {
		for table, why := range list {
			if line := fmt.Sprintf("| %s | %s |", table, why); !strings.Contains(text, line) {
				t.Errorf("%s is not in the document", line)
			}
		}
	}
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

// The copy holds everything that the database says of anna, in every table, and nothing of bert.
func TestACopyIsWhole(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		anna := w.fullLife()
		service, sessions := w.rights()
		_, err := sessions.Start(t.Context(), session.Session{Issuer: issuer, Subject: "anna", ACR: "medium", AMR: []string{"pwd", "app"}, IDToken: "secret-token", AuthTime: w.now()}, "")
		w.must(err)
		if _, err := service.Export(t.Context(), anna, access.Strength{Medium: true, AuthTime: w.now().Add(-access.Fresh - 1)}, "medium"); !errors.Is(err, access.ErrLevel) || w.events("rights.exported") != 0 {
			t.Errorf("without a fresh sign-in: %v", err)
		}
		all, err := service.Export(t.Context(), anna, w.strong(), "medium")
		w.must(err)
		for _, table := range all.Tables {
			if len(table.Records) == 0 && table.Name != "signoffs" {
				t.Errorf("%s is empty: the story of this test leaves something out", table.Name)
			}
		}
		w.texts(all)
		raw, err := all.JSON()
		w.must(err)
		var back struct {
			Tables map[string][]map[string]any `json:"tables"`
		}
		w.must(json.Unmarshal(raw, &back))
		if len(back.Tables) != len(all.Tables) || back.Tables["people"][0]["email"] != anna.Email || back.Tables["grants"][0]["revoked_at"] != nil {
			t.Errorf("%s", raw)
		}
		file := strings.ToLower(string(raw))
		found := w.cells(mark)
		if len(found) < 20 {
			t.Fatalf("the story left only %v", slices.Sorted(maps.Keys(found)))
		}
		for cell, values := range found {
			for _, v := range values {
				if quoted, _ := json.Marshal(v); !strings.HasPrefix(cell, "outbox.") && !strings.Contains(cell, ".page") && !strings.Contains(file, strings.ToLower(strings.Trim(string(quoted), `"`))) {
					t.Errorf("%s is not in the copy: %s", cell, v)
				}
			}
		}
		for _, secret := range []string{strings.ToLower(other), "secret-token"} {
			if strings.Contains(file, secret) {
				t.Errorf("%s is in the copy", secret)
			}
		}
		if w.events("rights.exported") != 1 {
			t.Errorf("%d events", w.events("rights.exported"))
		}
	})
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

// After an erasure no cell of the database says anything of anna but what is kept for a reason, and
// all that it says of bert is still there.
func TestAnErasureIsWhole(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		anna := w.fullLife()
		service, sessions := w.rights()
		_, err := sessions.Start(t.Context(), session.Session{Issuer: issuer, Subject: "anna", ACR: "medium", AuthTime: w.now()}, "")
		w.must(err)
		before := w.cells(other)
		_, err = w.inbox(sessions).Apply(t.Context(), w.event("anna", 2, inbox.Erased))
		w.must(err)
		for cell, values := range w.cells(mark) {
			t.Errorf("%s still says %q", cell, values)
		}
		if after := w.cells(other); len(before) < 8 || fmt.Sprint(slices.Sorted(maps.Keys(before))) != fmt.Sprint(slices.Sorted(maps.Keys(after))) {
			t.Errorf("bert had %v, now has %v", before, after)
		}
		if n := w.count(`SELECT COUNT(*) FROM bulks WHERE by_id = $1 AND text <> ''`, anna.ID); n != 0 {
			t.Errorf("%d texts of decisions are left", n)
		}
		if n := w.count(`SELECT COUNT(*) FROM requests WHERE reason = 'a coordinator says no'`); n != 1 {
			t.Errorf("bert's reason: %d", n)
		}
		gone, err := w.store.PersonByID(t.Context(), anna.ID)
		w.must(err)
		left, err := service.Export(t.Context(), gone, w.strong(), "medium")
		w.must(err)
		kept := map[string]string{}
		for _, src := range sqlstore.Personal {
			kept[src.Table] = src.Kept
		}
		for _, table := range left.Tables {
			if len(table.Records) > 0 && kept[table.Name] == "" {
				t.Errorf("%s: %v", table.Name, table.Records)
			}
		}
	})
}

// Whatever is written at the moment of an erasure: afterwards nothing is left of it.
func TestAnErasureIsWholeWhateverRaces(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.coordinator("elena", "ern-eye")
		for i := range 8 {
			word := name(mark+"n", i)
			claimed := claims(word)
			claimed.GivenName = "Anna"
			p, err := w.people.Ensure(t.Context(), claimed)
			w.must(err)
			f := guest()
			f.Justification, f.SponsorName, f.SponsorEmail = strings.Repeat(word+" ", 10), "S "+word, "s@"+word+".example"
			asked := w.submit(p, f)
			f = form()
			f.Justification = word
			draft, err := w.access.SaveDraft(t.Context(), p, f)
			w.must(err)
			errs := atOnce(7, func(n int) (err error) {
				ctx := context.Background()
				switch n {
				case 0:
					e := w.event(p.Subject, 1, inbox.Erased)
					_, err = w.inbox(sessionsDone{}).Apply(ctx, e)
				case 1:
					err = w.remark(p, asked, word)
				case 2:
					err = w.remarkAtDesk(c, p, asked, word, false)
				case 3:
					err = w.remarkAtDesk(c, p, asked, word, true)
				case 4:
					err = w.profiles.Save1(ctx, p.ID, 0, profile.Page1{Title: word}, false)
				case 5:
					_, err = w.access.Submit(ctx, p, draft, true, w.strong(), "medium")
				case 6:
					_, err = w.access.Decide(ctx, c, p, asked.ID, asked.Version, access.Decision{Do: access.AskMore, Text: word}, w.strong(), "medium")
				}
				return err
			})
			w.must(errs[0])
			found := w.cells(word)
			delete(found, "people.subject") // the tombstone
			delete(found, "inbox.subject")
			if len(found) != 0 {
				t.Fatalf("%v\n%v", found, errs)
			}
		}
	})
}
