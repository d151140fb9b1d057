package client

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// table is a database of clients, with the changes that were made to it.
type table struct {
	changes []Stored
	asked   int
	down    error
}

func (d *table) Changed(_ context.Context, after int64) ([]Stored, int64, error) {
	d.asked++
	return d.changes[after:], int64(len(d.changes)), d.down
}

func (d *table) change(id string, state State, metadata string) {
	d.changes = append(d.changes, Stored{ID: id, State: state, Metadata: []byte(strings.Replace(metadata, "rp-1", id, 1))})
}

// house is a registry with a file and a database.
func house(t *testing.T) (*Registry, *table, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Load(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	d := &table{}
	if err := r.Use(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	return r, d, dir
}

func TestClientsOfFilesAndDatabase(t *testing.T) {
	r, d, _ := house(t)
	find := func(id string, want error) *Client {
		t.Helper()
		c, err := r.ByID(t.Context(), id)
		if !errors.Is(err, want) || (c == nil) != (want != nil) {
			t.Errorf("%s: %v, want %v", id, err, want)
		}
		return c
	}
	refresh := func() {
		t.Helper()
		if err := r.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	find("rp-1", nil)
	find("db-1", ErrUnknown)
	d.change("db-1", Active, strings.Replace(good, "https://rp.example", "https://db.example", 1))
	d.change("db-2", Pending, good)
	refresh()
	find("db-1", nil)
	find("db-2", ErrDisabled)
	if !r.Scripts("https://db.example") || !r.Scripts("https://rp.example") {
		t.Error("scripts of a client of the database, or of a file, are strangers")
	}
	d.change("db-1", Disabled, strings.Replace(good, "https://rp.example", "https://db.example", 1))
	d.change("db-2", Active, good)
	refresh()
	find("db-1", ErrDisabled)
	find("db-2", nil)
	if c, err := r.Known(t.Context(), "db-1"); err != nil || c.Name != "A service" {
		t.Errorf("what may be told to a disabled client: %v %v", c, err)
	}
	if r.Scripts("https://db.example") {
		t.Error("scripts of a disabled client are let in")
	}
	d.change("db-1", Removed, "")
	refresh()
	find("db-1", ErrUnknown)
	before, asked := find("db-2", nil), d.asked
	refresh()
	for range 100 {
		if find("db-2", nil) != before {
			t.Fatal("read again without a change")
		}
	}
	if d.asked != asked+1 {
		t.Error("looking a client up asked the database")
	}
	d.down = errors.New("down")
	if err := r.Refresh(t.Context()); err == nil {
		t.Error("an outage is told")
	}
	find("db-2", nil)
}

// An id stands in a file or in the database. Whichever comes second is told of, and changes nothing.
func TestAnIDStandsOnce(t *testing.T) {
	r, d, dir := house(t)
	d.change("rp-1", Active, strings.Replace(good, "A service", "An impostor", 1))
	if err := r.Refresh(t.Context()); !errors.Is(err, ErrTwice) || !strings.Contains(err.Error(), "rp-1") {
		t.Fatalf("%v", err)
	}
	if c, err := r.ByID(t.Context(), "rp-1"); err != nil || c.Name != "A service" {
		t.Fatalf("%v %v", c, err)
	}
	d.change("rp-1", Removed, "")
	d.change("db-1", Active, good)
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, err := r.ByID(t.Context(), "rp-1"); err != nil || c.Name != "A service" {
		t.Fatalf("a file's client went with its impostor: %v %v", c, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "b.json"), []byte(strings.Replace(good, "rp-1", "db-1", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.Reload(); !errors.Is(err, ErrTwice) || !strings.Contains(err.Error(), "b.json") {
		t.Fatalf("%v", err)
	}
	again, err := Load(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Use(t.Context(), d); !errors.Is(err, ErrTwice) {
		t.Fatalf("a start with an id in both: %v", err)
	}
}

// A file's client has its id since another one lost it, and one of the database since it was registered.
func TestSinceWhenAnIDIsItsOwn(t *testing.T) {
	r, d, _ := house(t)
	since := func(id string) time.Time {
		t.Helper()
		if err := r.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		c, err := r.ByID(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return c.Since
	}
	if at := since("rp-1"); !at.IsZero() {
		t.Errorf("nobody had it before: %s", at)
	}
	day := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	d.changes = append(d.changes, Stored{ID: "rp-1", State: Removed, Since: day}, Stored{ID: "db-1", State: Active, Metadata: []byte(strings.Replace(good, "rp-1", "db-1", 1)), Since: day.Add(time.Hour)})
	for range 2 {
		if a, b := since("rp-1"), since("db-1"); !a.Equal(day) || !b.Equal(day.Add(time.Hour)) {
			t.Errorf("%s %s", a, b)
		}
		if err := r.Reload(); err != nil {
			t.Fatal(err)
		}
	}
}

// A client of the database that this version cannot read is left out; all others are served.
func TestUnreadableClientsAreLeftOut(t *testing.T) {
	r, d, _ := house(t)
	d.change("db-1", Active, good)
	d.change("db-2", Active, strings.Replace(good, `"scope"`, `"of_a_later_version":true,"scope"`, 1))
	d.changes = append(d.changes, Stored{ID: "db-3", State: Active, Metadata: []byte(strings.Replace(good, "rp-1", "db-3", 1)), Err: errors.New("sealed with another key")})
	d.changes = append(d.changes, Stored{ID: "db-4", State: Active, Metadata: []byte(good)})
	err := r.Refresh(t.Context())
	if !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), "db-2") || !strings.Contains(err.Error(), "db-3") || !strings.Contains(err.Error(), "db-4") {
		t.Fatalf("%v", err)
	}
	for id, want := range map[string]error{"db-1": nil, "db-2": ErrUnknown, "db-3": ErrUnknown, "db-4": ErrUnknown} {
		if _, err := r.ByID(t.Context(), id); !errors.Is(err, want) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestFormerSecretsEnd(t *testing.T) {
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	c := &Client{Secrets: []Secret{{Value: "new"}, {Value: "former", Until: at.Add(time.Hour)}, {Value: "old", Until: at}}}
	for after, want := range map[time.Duration]string{-time.Second: "new former old", 0: "new former", time.Hour: "new"} {
		if got := strings.Join(c.GoodSecrets(at.Add(after)), " "); got != want {
			t.Errorf("after %s: %s", after, got)
		}
	}
}

// Every rule names the member that it is about, so that callers of the interfaces are told it.
func TestFaultsNameTheirMember(t *testing.T) {
	_, err := Parse([]byte(`{"client_id":"a b","client_name":"","redirect_uris":["http://x.example/cb"],"response_types":["token"],"grant_types":["password"],"token_endpoint_auth_method":"client_secret_post","scope":"x","id_token_lifetime":1,"default_max_age":-1,"default_acr_values":["urn:x"],"client_uri":"javascript:alert(1)"}`), false)
	var f *Faults
	if !errors.As(err, &f) {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, one := range f.List {
		got[one.Member] = true
	}
	for _, want := range []string{"client_id", "client_name", "redirect_uris", "response_types", "grant_types", "token_endpoint_auth_method", "scope", "id_token_lifetime", "default_max_age", "default_acr_values", "client_uri"} {
		if !got[want] {
			t.Errorf("nothing is said of %s: %v", want, f.List)
		}
	}
}

// Tokens are for a resource while its server may be served. Nobody else becomes the server of a
// disabled one's, and what two claim is nobody's.
func TestAResourceOfADisabledServer(t *testing.T) {
	r, d, _ := house(t)
	server := strings.Replace(good, `"scope"`, `"resource_identifiers":["https://api.example"],"scope"`, 1)
	for _, tt := range []struct {
		id    string
		state State
		owner string
		want  error
	}{{"api", Active, "api", nil}, {"api", Disabled, "", nil}, {"thief", Active, "", ErrTwice}, {"api", Active, "", ErrTwice}, {"thief", Removed, "api", nil}} {
		d.change(tt.id, tt.state, server)
		if err := r.Refresh(t.Context()); !errors.Is(err, tt.want) {
			t.Fatalf("%s %s: %v", tt.id, tt.state, err)
		}
		if got := r.Owner("https://api.example"); got != tt.owner {
			t.Errorf("%s %s: the server is %q", tt.id, tt.state, got)
		}
	}
	if !r.Taken(&Client{ID: "x", Audience: Audience{ResourceIDs: []string{"https://api.example"}}}) || r.Taken(&Client{ID: "api", Audience: Audience{ResourceIDs: []string{"https://api.example"}}}) {
		t.Error("a resource is taken by its own server, or free for another")
	}
}
