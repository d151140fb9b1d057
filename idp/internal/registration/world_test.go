package registration_test

import (
	"crypto/rand"
	"eulogin.example/idp/internal/sector"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/sqldb"
)

const metadata = `{"client_id":"rp-1","client_name":"A service","redirect_uris":["https://rp.example/cb"],"response_types":["code"],
"grant_types":["authorization_code"],"token_endpoint_auth_method":"none","scope":"openid email"}`

// with gives metadata with one text replaced.
func with(old, new string) []byte { return []byte(strings.Replace(metadata, old, new, 1)) }

// world is two processes that serve clients of one database, beside a file of "in-file".
type world struct {
	*registration.Service
	t     *testing.T
	db    *sqldb.DB
	at    atomic.Int64
	other *client.Registry
}

func (w *world) now() time.Time       { return time.UnixMicro(w.at.Load()).UTC() }
func (w *world) pass(d time.Duration) { w.at.Add(d.Microseconds()) }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: backendtest.SQLite(t, sqlstore.Migrations())}
	w.at.Store(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
	dir := t.TempDir()
	w.must(os.WriteFile(filepath.Join(dir, "a.json"), with("rp-1", "in-file"), 0o600))
	w.Service = w.process(dir)
	w.other = w.process(dir).Clients
	return w
}

func (w *world) process(dir string) *registration.Service {
	w.t.Helper()
	store := sqlstore.New(w.db)
	box, err := seal.New(make([]byte, 32))
	w.must(err)
	clients, err := client.Load(dir, false)
	w.must(err)
	s := &registration.Service{Store: store, Tokens: store, Clients: clients, Box: box, Now: w.now, Random: rand.Reader, Sector: sector.Reader{HTTP: http.DefaultClient}.Check}
	w.must(clients.Use(w.t.Context(), s))
	return s
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// events gives the actions in the audit, with who did them.
func (w *world) events() string {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), `SELECT action, detail FROM audit_events ORDER BY at, action`)
	w.must(err)
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var action, detail string
		w.must(rows.Scan(&action, &detail))
		_, by, _ := strings.Cut(detail, `"by":"`)
		by, _, _ = strings.Cut(by, `"`)
		out = append(out, action+" by "+by)
	}
	w.must(rows.Err())
	return strings.Join(out, ", ")
}
