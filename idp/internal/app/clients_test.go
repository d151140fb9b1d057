package app

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/sqldb"
)

const rpFile = `{"client_id":"rp-1","client_name":"A service","redirect_uris":["https://rp.example/cb"],"response_types":["code"],
"grant_types":["authorization_code"],"token_endpoint_auth_method":"none","scope":"openid email"}`

// desk is an operator at the command line, with a database and a folder of files.
type desk struct {
	t *testing.T
	c Config
	f string // metadata of rp-1
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	dir := t.TempDir()
	d := &desk{t, Config{DataDir: dir, Database: "sqlite:" + filepath.Join(dir, "idp.db"), ClientsDir: filepath.Join(dir, "clients"), KeyEncryptionKey: make([]byte, 32)}, ""}
	db, err := sqldb.Open(t.Context(), d.c.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := sqldb.Migrate(t.Context(), db, kv.Migrations(), outbox.Migrations(), sqlstore.Migrations()); err != nil {
		t.Fatal(err)
	}
	d.f = d.write("rp-1.json", rpFile)
	return d
}

func (d *desk) write(name, text string) string {
	d.t.Helper()
	path := filepath.Join(d.c.DataDir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// run gives what a command prints; want is part of its output, or of its error after "!".
func (d *desk) run(want string, args ...string) string {
	d.t.Helper()
	var out bytes.Buffer
	err := Client(d.t.Context(), d.c, args, &out)
	part, fails := strings.CutPrefix(want, "!")
	switch {
	case fails && (err == nil || !strings.Contains(err.Error(), part)), !fails && err != nil:
		d.t.Fatalf("idp client %s: %v", strings.Join(args, " "), err)
	case !fails && !strings.Contains(out.String(), part):
		d.t.Fatalf("idp client %s: %s", strings.Join(args, " "), out.String())
	}
	return out.String()
}

func TestClientCommand(t *testing.T) {
	d := newDesk(t)
	d.run("!register FILE")
	d.run("is good", "check", d.f)
	d.run("is good", d.f) // as it was before there were verbs
	d.run("!redirect_uris", "check", d.write("bad.json", strings.Replace(rpFile, "https://", "http://", 1)))
	d.run("client rp-1: registered, version 1", "register", d.f)
	d.run("!an id is not given twice", "register", d.f)
	d.run("rp-1\tactive\tA service\n", "list")
	d.run(`"created_by": "command `, "show", "rp-1")
	renamed := d.write("renamed.json", strings.Replace(rpFile, "A service", "Mine", 1))
	d.run("!--version N", "update", renamed)
	d.run("!of another version", "update", "--version", "7", renamed)
	d.run("updated, version 2", "update", "--version", "1", renamed)
	d.run("disabled", "disable", "rp-1")
	d.run("rp-1\tdisabled\tMine\n", "list")
	d.run("!of another version", "enable", "--version", "2", "rp-1")
	d.run("enabled", "enable", "--version", "3", "rp-1")
	d.run("enabled", "enable", "rp-1")
	d.run("!not authenticate by a secret", "rotate-secret", "rp-1")
	d.run("removed", "remove", "rp-1")
	d.run("!no such client", "show", "rp-1")
	d.run("!register FILE", "disable", "rp-1", "rp-2")
	if err := os.MkdirAll(d.c.ClientsDir, 0o700); err != nil {
		t.Fatal(err)
	}
	d.write("clients/rp-2.json", strings.Replace(rpFile, "rp-1", "rp-2", 1))
	d.run("rp-2\tfile\tA service\n", "list")
	d.run(`"from": "file"`, "show", "rp-2")
	d.run("!change the file", "disable", "rp-2")
}

// The command goes by the settings of the service: what certificates it lets in. A file with a client whose
// certificate is not let in keeps no other from being served; the log tells of it once.
func TestClientsOfCertificatesByCommand(t *testing.T) {
	d := newDesk(t)
	f := d.write("certified.json", strings.Replace(rpFile, `"none"`, `"tls_client_auth","tls_client_auth_san_dns":"rp.example"`, 1))
	bound := d.write("bound.json", strings.Replace(rpFile, `"scope"`, `"tls_client_certificate_bound_access_tokens":true,"scope"`, 1))
	for _, file := range []string{f, bound} {
		d.run("!IDP_MTLS_", "check", file)
		d.run("!IDP_MTLS_", "register", file)
	}
	d.c.MTLS = MTLS{Addr: "127.0.0.1:0", Base: "https://mtls.idp.example", Cert: "c", Key: "k"}
	d.run("!IDP_MTLS_CA", "check", f)
	d.run("is good", "check", bound)
	d.c.MTLS.CA = "ca.pem"
	d.run("is good", "check", f)
	d.run("registered, version 1", "register", f)
	d.c.MTLS.CA = ""
	d.run("!IDP_MTLS_CA", "update", "--version", "1", f)
	if err := os.MkdirAll(d.c.ClientsDir, 0o700); err != nil {
		t.Fatal(err)
	}
	d.write("clients/rp-2.json", strings.Replace(strings.Replace(rpFile, "rp-1", "rp-2", 1), `"none"`, `"tls_client_auth","tls_client_auth_san_dns":"rp.example"`, 1))
	d.write("clients/rp-3.json", strings.Replace(rpFile, "rp-1", "rp-3", 1))
	d.run("rp-2\tfile\tA service\nrp-3\tfile\tA service\nrp-1\tactive", "list")
	db, err := sqldb.Open(t.Context(), d.c.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var log bytes.Buffer
	a := &app{Config: d.c, log: slog.New(slog.NewTextHandler(&log, nil))}
	registrar, err := d.c.registrar(t.Context(), sqlstore.New(db), d.c.KeyEncryptionKey, time.Now, a.log)
	if err != nil {
		t.Fatal(err)
	}
	a.clients = registrar.Clients
	unserved := a.unserved()
	for range 2 {
		if err := unserved(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := log.String(); strings.Count(got, "rp-1") != 1 || strings.Count(got, "rp-2") != 1 || strings.Contains(got, "rp-3") {
		t.Errorf("the log says %q", got)
	}
}

// A secret is printed by the command that makes it, and by no other.
func TestSecretsByCommand(t *testing.T) {
	d := newDesk(t)
	shown := regexp.MustCompile(`client_secret: ([A-Za-z0-9_-]{86})\n`)
	f := d.write("secret.json", strings.Replace(rpFile, `"none"`, `"client_secret_jwt"`, 1))
	first := shown.FindStringSubmatch(d.run("registered", "register", f))
	second := shown.FindStringSubmatch(d.run("is good until", "rotate-secret", "--overlap", "2h", "rp-1"))
	if first == nil || second == nil || first[1] == second[1] {
		t.Fatalf("%q %q", first, second)
	}
	for _, args := range [][]string{{"show", "rp-1"}, {"list"}, {"update", "--version", "2", f}} {
		if out := d.run("rp-1", args...); strings.Contains(out, first[1]) || strings.Contains(out, second[1]) {
			t.Errorf("%v: %s", args, out)
		}
	}
	d.run("!overlap", "rotate-secret", "--overlap", "721h", "rp-1")
	if err := os.MkdirAll(d.c.ClientsDir, 0o700); err != nil {
		t.Fatal(err)
	}
	d.write("clients/rp-2.json", strings.Replace(strings.Replace(rpFile, `"none"`, `"client_secret_jwt"`, 1), "rp-1", "rp-2", 1))
	d.run("!files hold none", "list")
}

func TestInitialTokensByCommand(t *testing.T) {
	d := newDesk(t)
	printed := d.run("for 2 clients", "token", "--uses", "2", "--days", "3", "--scopes", "openid email", "--hosts", "rp.example,b.example")
	m := regexp.MustCompile(`^initial access token ([0-9a-z]{26}): (?s:.*)\ninitial_access_token: ([A-Za-z0-9_-]{43})\n`).FindStringSubmatch(printed)
	if m == nil {
		t.Fatal(printed)
	}
	list := d.run(m[1]+"\tgood\t2 left", "token", "list")
	if strings.Contains(list, m[2]) || !strings.Contains(list, "hosts rp.example b.example\tapproval true\tby command ") {
		t.Error(list)
	}
	d.run("for 1 clients", "token", "--no-approval")
	d.run("approval false", "token", "list")
	d.run("revoked", "token", "revoke", m[1])
	d.run(m[1]+"\tover", "token", "list")
	d.run("!or it is revoked", "token", "revoke", m[1])
	d.run("!uses", "token", "--uses", "0")
	d.run("!token revoke ID", "token", "--what", "0")
}
