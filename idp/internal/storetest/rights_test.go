package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"crypto/rand"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/pairwise"
	"eulogin.example/idp/internal/rights"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

// columnsOf lists every table with its columns, from the database's own catalogue.
func columnsOf(t *testing.T, db *sqldb.DB) map[string][]string {
	t.Helper()
	query := `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`
	if db.Engine() == "postgres" {
		query = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()`
	}
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		out[table] = append(out[table], column)
	}
	if err := rows.Err(); err != nil || len(out) < 20 {
		t.Fatalf("%v %v", out, err)
	}
	return out
}

// Every table and every column is given out, or left out for a reason; none is in two lists.
func TestEveryTableIsKnownToTheRights(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		known := map[string]int{}
		for name := range sqlstore.Elsewhere {
			known[name]++
		}
		for name := range sqlstore.Impersonal {
			known[name]++
		}
		real := columnsOf(t, db)
		for _, src := range sqlstore.Personal {
			known[src.Table]++
			var columns []string
			for _, c := range strings.Fields(src.Columns) {
				name, _, _ := strings.Cut(c, ":")
				columns = append(columns, name)
			}
			columns = append(columns, slices.Collect(maps.Keys(src.Omitted))...)
			slices.Sort(columns)
			want := slices.Sorted(slices.Values(real[src.Table]))
			if !slices.Equal(columns, want) {
				t.Errorf("%s: given or left out are %v, the database has %v", src.Table, columns, want)
			}
			if kept := !slices.Contains(sqlstore.ErasedTables(), src.Table); kept != (src.Kept != "") {
				t.Errorf("%s: kept after an erasure %v, with the reason %q", src.Table, kept, src.Kept)
			}
		}
		for table := range real {
			if known[table] != 1 {
				t.Errorf("%s is in %d of the lists", table, known[table])
			}
			delete(known, table)
		}
		for table := range known {
			t.Errorf("%s does not exist", table)
		}
	}, sqlstore.Migrations())
}

func TestTheDocumentTellsEveryTable(t *testing.T) {
	raw, err := os.ReadFile("../../docs/rights.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for _, src := range sqlstore.Personal {
		lines[src.Table] = src.Kept
		if src.Kept == "" {
			lines[src.Table] = "nothing stays"
		}
	}
	maps.Copy(lines, sqlstore.Elsewhere)
	maps.Copy(lines, sqlstore.Impersonal)
	for table, what := range lines {
		if line := "| " + table + " | " + what + " |\n"; !strings.Contains(string(raw), line) {
			t.Errorf("not in docs/rights.md: %s", line)
		}
	}
	if n := strings.Count(string(raw), "\n| ") - 3; n != len(lines) {
		t.Errorf("%d lines for %d tables", n, len(lines))
	}
}

// other is a service that keeps data of people.
type other struct {
	raw json.RawMessage
	err error
}

func (o other) Export(context.Context, ident.AccountID) (json.RawMessage, error) { return o.raw, o.err }

// ends counts how often all sessions of somebody ended.
type ends struct {
	mu  sync.Mutex
	n   int
	err error
}

func (e *ends) EndAll(context.Context, ident.AccountID) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.n++
	return e.err
}

type rightsWorld struct {
	*accounttest.World
	s    *rights.Service
	ends *ends
	anna account.ID
}

func newRights(t *testing.T, db *sqldb.DB) *rightsWorld {
	w := &rightsWorld{World: accounttest.On(t, db), ends: &ends{}}
	w.anna = w.Anna(t).ID
	w.s = &rights.Service{
		Store: w.Store, Accounts: w.Store, Sessions: session.New(w.KV, w.Clock.Now, rand.Reader), Ender: w.ends, Issuer: accounttest.Issuer, Now: w.Clock.Now, Rand: rand.Reader,
		Subject: func(string, ident.AccountID) string { return "" },
		Others:  map[string]rights.Other{"CPMS": other{raw: json.RawMessage(`{"tables": {"requests": [{"id": "r1"}]}}`)}},
	}
	return w
}

// letter gives the data of the newest message of a kind, and how many there are.
func (w *rightsWorld) letter(t *testing.T, db *sqldb.DB, kind notify.Kind) (notify.Message, int) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT payload FROM outbox WHERE kind = 'mail' ORDER BY seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var last notify.Message
	n := 0
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			t.Fatal(err)
		}
		if m, err := notify.Decode(raw); err == nil && m.Kind == kind {
			last, n = m, n+1
		}
	}
	return last, n
}

// Nothing happens for seven days; then the account goes once, with two workers and after a pause, services
// are told, and the last mail has the number of the receipt.
func TestAnAccountIsErasedAfterSevenDays(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		w := newRights(t, db)
		e, err := w.s.Ask(t.Context(), w.anna)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.Ask(t.Context(), w.anna); !errors.Is(err, rights.ErrWaiting) {
			t.Errorf("twice: %v", err)
		}
		w.Clock.Pass(rights.Cooling - time.Microsecond)
		if err := w.s.Tick(t.Context()); err != nil || w.ends.n != 0 {
			t.Fatalf("too early: %v", err)
		}
		w.Clock.Pass(30 * 24 * time.Hour) // no worker for a month
		w.ends.err = errors.New("the store of sessions does not answer")
		if err := w.s.Tick(t.Context()); err == nil {
			t.Fatal("erased although sessions could not be ended")
		}
		if a, _ := w.Store.ByID(t.Context(), w.anna); a.Status != account.Active {
			t.Fatalf("%+v", a)
		}
		w.ends.err = nil
		before := count(t, db, "outbox WHERE kind = 'account_event'")
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if err := w.s.Tick(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		a, err := w.Store.ByID(t.Context(), w.anna)
		if err != nil || a.Status != account.Erased || a.Email != "" {
			t.Errorf("%+v %v", a, err)
		}
		m, n := w.letter(t, db, notify.AccountWasErased)
		if n != 1 || m.To != "anna@example.org" || m.Data["code"] != e.ID || count(t, db, "outbox WHERE kind = 'account_event'") != before+1 {
			t.Errorf("%d mails, %+v", n, m)
		}
		if got, err := w.Store.ErasureByID(t.Context(), e.ID); err != nil || got.State != rights.Done || got.EndedAt.IsZero() {
			t.Errorf("%+v %v", got, err)
		}
		if err := w.s.Stop(t.Context(), w.anna); !errors.Is(err, rights.ErrNone) {
			t.Errorf("stopped afterwards: %v", err)
		}
	}, sqlstore.Migrations())
}

// The mailbox is enough to keep the account, once; stopping and erasing never both happen.
func TestAnErasureIsStopped(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		w := newRights(t, db)
		if _, err := w.s.Ask(t.Context(), w.anna); err != nil {
			t.Fatal(err)
		}
		m, _ := w.letter(t, db, notify.ErasureIsWaiting)
		token := strings.TrimPrefix(m.Data["url"], accounttest.Issuer+rights.Path)
		for _, wrong := range []string{"", "x", token + "x", ident.NewToken(rand.Reader)} {
			if err := w.s.StopByLink(t.Context(), wrong); !errors.Is(err, rights.ErrNone) {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		if n := count(t, db, "erasures WHERE digest = '"+token+"'"); n != 0 {
			t.Error("the link itself is stored")
		}
		if err := w.s.StopByLink(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if err := w.s.StopByLink(t.Context(), token); !errors.Is(err, rights.ErrOver) {
			t.Errorf("twice: %v", err)
		}
		if _, n := w.letter(t, db, notify.ErasureWasStopped); n != 1 {
			t.Errorf("%d mails", n)
		}
		w.Clock.Pass(2 * rights.Cooling)
		if err := w.s.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		if a, _ := w.Store.ByID(t.Context(), w.anna); a.Status != account.Active {
			t.Fatal("erased although it was stopped")
		}
		for i := range 10 { // the last moment, again and again
			p := w.Person(t, "P", string(rune('a'+i))+"@race.example")
			if _, err := w.s.Ask(t.Context(), p.ID); err != nil {
				t.Fatal(err)
			}
			w.Clock.Pass(rights.Cooling)
			var stopped, ticked error
			var wg sync.WaitGroup
			wg.Go(func() { stopped = w.s.Stop(context.Background(), p.ID) })
			wg.Go(func() { ticked = w.s.Tick(context.Background()) })
			wg.Wait()
			a, err := w.Store.ByID(t.Context(), p.ID)
			if err != nil || ticked != nil || (a.Status == account.Erased) == (stopped == nil) {
				t.Errorf("%s, stopped %v, ticked %v", a.Status, stopped, ticked)
			}
		}
	}, sqlstore.Migrations())
}

// A copy has what is stored about one person, here and in the services, and nothing of anybody else; a
// service that does not answer is named.
func TestACopyOfEverything(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		w := newRights(t, db)
		w.Person(t, "Somebody", "somebody-else@example.org")
		if _, err := w.s.Ask(t.Context(), w.anna); err != nil {
			t.Fatal(err)
		}
		c, err := w.s.Copy(t.Context(), w.anna)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := c.JSON()
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		for _, want := range []string{"anna@example.org", `"erasure.asked"`, `"rights.copy_taken"`, `"r1"`, string(w.anna)} {
			if !strings.Contains(text, want) {
				t.Errorf("%s is missing", want)
			}
		}
		for _, not := range []string{"somebody-else", "argon2", `"digest"`, `"hash"`} {
			if strings.Contains(text, not) {
				t.Errorf("%s is in it", not)
			}
		}
		w.s.Others["CPMS"] = other{err: errors.New("away")}
		if c, err = w.s.Copy(t.Context(), w.anna); err != nil || !c.Services[0].Missing {
			t.Errorf("%+v %v", c.Services, err)
		}
		if raw, _ := c.JSON(); !strings.Contains(string(raw), `"missing": true`) {
			t.Error("the file does not say that a part is missing")
		}
	}, sqlstore.Migrations())
}

// Every service that knows the person is named with the sub by which it does: who was told of them, whoever may renew a
// sign-in, and who is signed in to now. No sub of anybody else is there, nor one of a service that is gone.
func TestACopyTellsTheSubsOfServices(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		l := keep(t, db, store)
		secret, err := pairwise.Open(t.Context(), l.Store, kek(t, 1), moment, rand.Reader)
		must(t, err)
		of := func(host, kind string) *client.Client {
			return &client.Client{RedirectURIs: []string{"https://" + host + "/cb"}, Subjects: client.Subjects{SubjectType: kind}}
		}
		clients := map[string]*client.Client{"rp": of("rp.example", client.PairwiseSubjects), "mail": of("mail.example", client.PairwiseSubjects), "wiki": of("wiki.example", ""), "other": of("other.example", client.PairwiseSubjects)}
		s := &rights.Service{
			Store: l.Store, Accounts: l.Store, Sessions: l.sessions, Now: l.Clock.Now, Rand: rand.Reader,
			Subject: func(id string, account ident.AccountID) string {
				c, there := clients[id]
				if !there {
					return ""
				}
				return secret.Subject(c, account)
			},
		}
		l.tell(t, asks("email"), nil, true) // rp
		_, err = l.consents.Tell(t.Context(), l.anna, "gone", asks("email"), nil, true)
		must(t, err)
		f := family("f1", "s1")
		f.Client, f.Account = "mail", l.anna.ID
		must(t, l.Store.AddFamily(t.Context(), l.Clock.Now(), f))
		_, sess, err := l.sessions.Start(t.Context(), l.anna.ID, nil, session.Meta{})
		must(t, err)
		must(t, l.sessions.AddClient(t.Context(), sess.ID, "wiki"))
		must(t, l.sessions.AddClient(t.Context(), sess.ID, "rp"))
		bob := l.Person(t, "Bob", "bob@example.org")
		_, err = l.consents.Tell(t.Context(), bob, "other", asks("email"), nil, true)
		must(t, err)
		c, err := s.Copy(t.Context(), l.anna.ID)
		must(t, err)
		raw, err := c.JSON()
		must(t, err)
		var told struct {
			Tables struct {
				Subjects []struct {
					Client string `json:"client_id"`
					Sub    string `json:"sub"`
				} `json:"subjects"`
			} `json:"eu_login"`
		}
		must(t, json.Unmarshal(raw, &told))
		got := told.Tables.Subjects
		if len(got) != 3 || got[0].Client != "mail" || got[1].Client != "rp" || got[2].Client != "wiki" {
			t.Fatalf("%+v", got)
		}
		for _, line := range got {
			if line.Sub != secret.Subject(clients[line.Client], l.anna.ID) || strings.HasPrefix(line.Sub, "p00") != (line.Client != "wiki") {
				t.Errorf("%+v", line)
			}
		}
	}, sqlstore.Migrations())
}
