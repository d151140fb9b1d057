package rpc_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/idp/internal/rpc"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/sector"
	"eulogin.example/idp/internal/sqlstore"
	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/sqldb"
	"eulogin.example/proto/kit/wire"
)

const metadata = `{"client_id":"rp-1","client_name":"A service","redirect_uris":["https://rp.example/cb"],"response_types":["code"],
"grant_types":["authorization_code"],"token_endpoint_auth_method":"none","scope":"openid email"}`

// certificate are metadata of a client that nobody lets in here.
var certificate = with(`"none"`, `"tls_client_auth","tls_client_auth_san_dns":"rp.example"`)

// with gives metadata with one text replaced.
func with(old, new string) string { return strings.Replace(metadata, old, new, 1) }

// desk is the admin API on a real store, over a real connection, beside a file of "m-file".
type desk struct {
	idpv1.ClientsClient // as operator
	t                   *testing.T
	db                  *sqldb.DB
	dir, addr           string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, db: backendtest.SQLite(t, sqlstore.Migrations()), dir: filepath.Join(t.TempDir(), "pki")}
	files := t.TempDir()
	d.must(os.WriteFile(filepath.Join(files, "a.json"), []byte(with("rp-1", "m-file")), 0o600))
	clients, err := client.Load(files, false)
	d.must(err)
	box, err := seal.New(make([]byte, 32))
	d.must(err)
	store := sqlstore.New(d.db)
	registrar := &registration.Service{Store: store, Tokens: store, Clients: clients, Box: box, Now: time.Now, Random: rand.Reader, Sector: sector.Reader{HTTP: http.DefaultClient}.Check}
	d.must(clients.Use(t.Context(), registrar))
	d.must(wire.EnsureDevPKI(d.dir, time.Now(), "idp", "cpms", "operator"))
	srv, _, err := wire.NewServer(wire.Config{TLS: wire.DevFiles(d.dir, "idp"), Allow: rpc.Allow, Log: slog.New(slog.DiscardHandler), Inner: []grpc.UnaryServerInterceptor{wire.Validated(rpc.Invalid)}})
	d.must(err)
	idpv1.RegisterClientsServer(srv, &rpc.Clients{Registrar: registrar})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	d.must(err)
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(srv.Stop)
	d.addr = l.Addr().String()
	d.ClientsClient = d.as("operator")
	return d
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// as calls under the name of a certificate.
func (d *desk) as(name string) idpv1.ClientsClient {
	d.t.Helper()
	cc, err := wire.Dial(d.addr, "idp", wire.DevFiles(d.dir, name))
	d.must(err)
	d.t.Cleanup(func() { _ = cc.Close() })
	return idpv1.NewClientsClient(cc)
}

func (d *desk) register(text string) *idpv1.Client {
	d.t.Helper()
	out, err := d.RegisterClient(d.t.Context(), &idpv1.RegisterClientRequest{MetadataJson: text})
	d.must(err)
	return out.GetClient()
}

// The life of a client, by calls; each change is in the audit under the caller's name.
func TestClientsByCalls(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	dry, err := d.RegisterClient(ctx, &idpv1.RegisterClientRequest{MetadataJson: metadata, ValidateOnly: true})
	d.must(err)
	if _, err := d.GetClient(ctx, &idpv1.GetClientRequest{ClientId: "rp-1"}); fault.CodeOf(err) != "client.unknown" || dry.GetClient().GetClientId() != "rp-1" {
		t.Fatalf("a dry run registered: %v", err)
	}
	made := d.register(metadata)
	if made.GetVersion() != 1 || made.GetState() != idpv1.ClientState_CLIENT_STATE_ACTIVE || made.GetCreatedBy() != "grpc operator" || made.GetInFile() || !strings.Contains(made.GetMetadataJson(), `"A service"`) {
		t.Errorf("%v", made)
	}
	if _, err := d.UpdateClient(ctx, &idpv1.UpdateClientRequest{MetadataJson: with("A service", "Mine"), Version: 1, ValidateOnly: true}); err != nil {
		t.Errorf("%v", err)
	}
	updated, err := d.UpdateClient(ctx, &idpv1.UpdateClientRequest{MetadataJson: with("A service", "Mine"), Version: 1})
	d.must(err)
	if updated.GetClient().GetVersion() != 2 || !strings.Contains(updated.GetClient().GetMetadataJson(), `"Mine"`) {
		t.Errorf("%v", updated)
	}
	off, err := d.DisableClient(ctx, &idpv1.DisableClientRequest{ClientId: "rp-1"})
	d.must(err)
	on, err := d.EnableClient(ctx, &idpv1.EnableClientRequest{ClientId: "rp-1"})
	d.must(err)
	if off.GetClient().GetState() != idpv1.ClientState_CLIENT_STATE_DISABLED || on.GetClient().GetState() != idpv1.ClientState_CLIENT_STATE_ACTIVE {
		t.Errorf("%v %v", off, on)
	}
	_, err = d.RemoveClient(ctx, &idpv1.RemoveClientRequest{ClientId: "rp-1"})
	d.must(err)
	var n int
	d.must(d.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM audit_events WHERE detail LIKE '%"by":"grpc operator"%' AND action LIKE 'client.%'`).Scan(&n))
	if n != 5 {
		t.Errorf("%d of 5 changes are in the audit", n)
	}
}

// Errors have their stable codes, and name each member at fault with what is wrong.
func TestCallsAboutClientsThatAreRefused(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	d.register(metadata)
	waits := d.register(with("rp-1", "rp-3")).GetClientId()
	_, err := d.db.ExecContext(ctx, `UPDATE clients SET state = 'pending' WHERE id = $1`, waits)
	d.must(err)
	register := func(text string, dry bool) error {
		_, err := d.RegisterClient(ctx, &idpv1.RegisterClientRequest{MetadataJson: text, ValidateOnly: dry})
		return err
	}
	update := func(text string, version int64, dry bool) error {
		_, err := d.UpdateClient(ctx, &idpv1.UpdateClientRequest{MetadataJson: text, Version: version, ValidateOnly: dry})
		return err
	}
	for name, tt := range map[string]struct {
		err   error
		grpc  codes.Code
		code  string
		field string
	}{
		"an id twice":          {register(metadata, false), codes.Aborted, "client.exists", ""},
		"an id twice, dry":     {register(metadata, true), codes.Aborted, "client.exists", ""},
		"a file's id":          {register(with("rp-1", "m-file"), false), codes.FailedPrecondition, "client.in_file", ""},
		"an address":           {register(with("https://", "http://"), false), codes.InvalidArgument, "client.metadata", "metadata_json.redirect_uris"},
		"an address, dry":      {register(with("https://", "http://"), true), codes.InvalidArgument, "client.metadata", "metadata_json.redirect_uris"},
		"a certificate":        {register(certificate, false), codes.InvalidArgument, "client.metadata", "metadata_json.token_endpoint_auth_method"},
		"a certificate, dry":   {register(certificate, true), codes.InvalidArgument, "client.metadata", "metadata_json.token_endpoint_auth_method"},
		"an update to one":     {update(certificate, 1, false), codes.InvalidArgument, "client.metadata", "metadata_json.token_endpoint_auth_method"},
		"bound tokens, dry":    {update(with(`"scope"`, `"tls_client_certificate_bound_access_tokens":true,"scope"`), 1, true), codes.InvalidArgument, "client.metadata", "metadata_json.tls_client_certificate_bound_access_tokens"},
		"no JSON":              {register("no JSON", true), codes.InvalidArgument, "client.metadata", "metadata_json"},
		"an unknown member":    {register(with("scope", "scopes"), true), codes.InvalidArgument, "client.metadata", "metadata_json"},
		"nothing":              {register("", true), codes.InvalidArgument, "rpc.invalid", "metadata_json"},
		"too much":             {register(strings.Repeat(" ", 65537), true), codes.InvalidArgument, "rpc.invalid", "metadata_json"},
		"an old version":       {update(metadata, 7, false), codes.Aborted, "client.version", ""},
		"an old version, dry":  {update(metadata, 7, true), codes.Aborted, "client.version", ""},
		"no version":           {update(metadata, 0, false), codes.InvalidArgument, "rpc.invalid", "version"},
		"a bad update":         {update(with("openid", "x"), 1, true), codes.InvalidArgument, "client.metadata", "metadata_json.scope"},
		"an update of none":    {update(with("rp-1", "rp-2"), 1, false), codes.NotFound, "client.unknown", ""},
		"an update of a file":  {update(with("rp-1", "m-file"), 1, false), codes.FailedPrecondition, "client.in_file", ""},
		"an id that is none":   {second(d.GetClient(ctx, &idpv1.GetClientRequest{ClientId: "../x"})), codes.InvalidArgument, "rpc.invalid", "client_id"},
		"disabling a file's":   {second(d.DisableClient(ctx, &idpv1.DisableClientRequest{ClientId: "m-file"})), codes.FailedPrecondition, "client.in_file", ""},
		"enabling none":        {second(d.EnableClient(ctx, &idpv1.EnableClientRequest{ClientId: "rp-2"})), codes.NotFound, "client.unknown", ""},
		"approving unseen":     {second(d.EnableClient(ctx, &idpv1.EnableClientRequest{ClientId: waits})), codes.Aborted, "client.unseen", ""},
		"approving another":    {second(d.EnableClient(ctx, &idpv1.EnableClientRequest{ClientId: waits, Version: 7})), codes.Aborted, "client.version", ""},
		"approving a version":  {second(d.EnableClient(ctx, &idpv1.EnableClientRequest{ClientId: waits, Version: -1})), codes.InvalidArgument, "rpc.invalid", "version"},
		"removing none":        {second(d.RemoveClient(ctx, &idpv1.RemoveClientRequest{ClientId: "rp-2"})), codes.NotFound, "client.unknown", ""},
		"a secret of a public": {second(d.RotateClientSecret(ctx, &idpv1.RotateClientSecretRequest{ClientId: "rp-1"})), codes.InvalidArgument, "client.has_no_secret", ""},
		"a page that is none":  {second(d.ListClients(ctx, &idpv1.ListClientsRequest{PageToken: "'; DROP"})), codes.InvalidArgument, "rpc.page_token", ""},
		"a page too big":       {second(d.ListClients(ctx, &idpv1.ListClientsRequest{PageSize: 201})), codes.InvalidArgument, "rpc.invalid", "page_size"},
	} {
		got := fault.As(fault.FromGRPC(tt.err))
		if status.Code(tt.err) != tt.grpc || got == nil || got.Code != tt.code {
			t.Errorf("%s: %v", name, tt.err)
			continue
		}
		if m, has := got.Fields[tt.field]; tt.field != "" && (!has || m.Key == "") {
			t.Errorf("%s: the fields are %v", name, got.Fields)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Only certificates of operators reach the clients.
func TestOnlyOperatorsReachClients(t *testing.T) {
	d := newDesk(t)
	for _, name := range []string{"cpms", "idp"} {
		if err := second(d.as(name).ListClients(t.Context(), &idpv1.ListClientsRequest{})); status.Code(err) != codes.PermissionDenied {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Clients of both places come in pages, each once.
func TestClientsComeInPages(t *testing.T) {
	d := newDesk(t)
	for i := range 4 {
		d.register(with("rp-1", fmt.Sprintf("c%d", i)))
		d.register(with("rp-1", fmt.Sprintf("x%d", i)))
	}
	for _, size := range []int32{1, 2, 3, 9, 10, 0} {
		var ids []string
		token := ""
		for pages := 0; ; pages++ {
			out, err := d.ListClients(t.Context(), &idpv1.ListClientsRequest{PageSize: size, PageToken: token})
			d.must(err)
			if size > 0 && len(out.GetClients()) > int(size) || pages > 10 {
				t.Fatalf("%d on page %d", len(out.GetClients()), pages)
			}
			for _, c := range out.GetClients() {
				ids = append(ids, c.GetClientId())
				if (c.GetClientId() == "m-file") != c.GetInFile() {
					t.Errorf("%v", c)
				}
			}
			if token = out.GetNextPageToken(); token == "" {
				break
			}
		}
		if !slices.Equal(ids, []string{"c0", "c1", "c2", "c3", "m-file", "x0", "x1", "x2", "x3"}) {
			t.Errorf("pages of %d: %v", size, ids)
		}
	}
}

// Security case 42: a secret is in the answer that makes it, and in no other.
func TestSecretsAreInNoOtherAnswer(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	made, err := d.RegisterClient(ctx, &idpv1.RegisterClientRequest{MetadataJson: with(`"none"`, `"client_secret_jwt"`)})
	d.must(err)
	rotated, err := d.RotateClientSecret(ctx, &idpv1.RotateClientSecretRequest{ClientId: "rp-1"})
	d.must(err)
	first, second := made.GetClientSecret(), rotated.GetClientSecret()
	if len(first) != 86 || len(second) != 86 || first == second || len(rotated.GetClient().GetSecrets()) != 2 || rotated.GetClient().GetSecrets()[0].GetEndsAt() != nil || rotated.GetClient().GetSecrets()[1].GetEndsAt() == nil {
		t.Fatalf("%v", rotated)
	}
	got, err1 := d.GetClient(ctx, &idpv1.GetClientRequest{ClientId: "rp-1"})
	list, err2 := d.ListClients(ctx, &idpv1.ListClientsRequest{})
	dry, err3 := d.UpdateClient(ctx, &idpv1.UpdateClientRequest{MetadataJson: with(`"none"`, `"client_secret_jwt"`), Version: 2, ValidateOnly: true})
	updated, err4 := d.UpdateClient(ctx, &idpv1.UpdateClientRequest{MetadataJson: with(`"none"`, `"client_secret_jwt"`), Version: 2})
	off, err5 := d.DisableClient(ctx, &idpv1.DisableClientRequest{ClientId: "rp-1"})
	d.must(errors.Join(err1, err2, err3, err4, err5))
	for _, answer := range []fmt.Stringer{got, list, dry, updated, off, made.GetClient(), rotated.GetClient()} {
		if text := answer.String(); strings.Contains(text, first) || strings.Contains(text, second) || !strings.Contains(text, "rp-1") {
			t.Errorf("%s", text)
		}
	}
}
