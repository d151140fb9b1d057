package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/session"
	"eulogin.example/cpms/internal/sqlstore"
)

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
