package wire_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/wire"
)

// TestOnlyACertificateOfOneNameIsACaller (security case 45): no certificate, one of another CA,
// an expired one, one without a DNS name and one with two reach no handler.
func TestOnlyACertificateOfOneNameIsACaller(t *testing.T) {
	a, later := newAuthority(t), time.Now().Add(time.Hour)
	f := &fixture{answer: func(context.Context) error { return nil }}
	f.serve(t, a.sign("idp", later, "idp"), wire.Allow{method: {"cpms", ""}})
	foreign := newAuthority(t).sign("foreign", later, "cpms")
	foreign.CA = a.sign("x", later, "x").CA // believes our server, and is not believed
	for name, tt := range map[string]struct {
		files wire.Files
		want  fault.Kind
	}{
		"another CA": {foreign, fault.Unavailable},
		"expired":    {a.sign("expired", time.Now().Add(-time.Minute), "cpms"), fault.Unavailable},
		"no name":    {a.sign("nameless", later), fault.Unauthenticated},
		"two names":  {a.sign("double", later, "cpms", "idp"), fault.Unauthenticated},
	} {
		cc, err := wire.Dial(f.addr, "idp", tt.files)
		must(t, err)
		if err := call(t.Context(), cc); fault.KindOf(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
		_ = cc.Close()
	}
	if err := callWithoutCertificate(t, f.addr, foreign.CA); status.Code(err) != codes.Unavailable {
		t.Errorf("no certificate: %v", err)
	}
	if f.calls() != 0 {
		t.Fatalf("%d calls reached the handler", f.calls())
	}
	cc, err := wire.Dial(f.addr, "idp", a.sign("cpms", later, "cpms"))
	must(t, err)
	defer func() { _ = cc.Close() }()
	must(t, call(t.Context(), cc))
}

func callWithoutCertificate(t *testing.T, addr, ca string) error {
	t.Helper()
	raw, err := os.ReadFile(ca)
	must(t, err)
	cas := x509.NewCertPool()
	cas.AppendCertsFromPEM(raw)
	cc, err := grpc.NewClient(addr, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: cas, ServerName: "idp", MinVersion: tls.VersionTLS13})))
	must(t, err)
	defer func() { _ = cc.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	return call(ctx, cc)
}

// TestRenewedFilesCountAtOnce: both sides take a new CA and new certificates without a restart;
// what the old CA signed is worth nothing from then on.
func TestRenewedFilesCountAtOnce(t *testing.T) {
	first, second, later := newAuthority(t), newAuthority(t), time.Now().Add(time.Hour)
	idp, cpms := first.sign("idp", later, "idp"), first.sign("cpms", later, "cpms")
	kept := wire.DevFiles(t.TempDir(), "kept") // somebody who keeps the old files
	install(t, cpms, kept)
	f := &fixture{answer: func(context.Context) error { return nil }}
	f.serve(t, idp, wire.Allow{method: {"cpms"}})
	dial := func(files wire.Files) *grpc.ClientConn {
		cc, err := wire.Dial(f.addr, "idp", files)
		must(t, err)
		t.Cleanup(func() { _ = cc.Close() })
		return cc
	}
	before, lazy, stale := dial(cpms), dial(cpms), dial(kept)
	must(t, call(t.Context(), before))
	must(t, os.WriteFile(idp.Cert, []byte("half"), 0o600)) // the moment between two files
	must(t, call(t.Context(), dial(cpms)))
	install(t, second.sign("idp", later, "idp"), idp)
	install(t, second.sign("cpms", later, "cpms"), cpms)
	must(t, call(t.Context(), lazy))   // connects now, with the new files
	must(t, call(t.Context(), before)) // its connection stands
	if err := call(t.Context(), stale); fault.KindOf(err) != fault.Unavailable {
		t.Fatalf("old files: %v", err)
	}
}

func TestBrokenFilesAreRefusedAtStart(t *testing.T) {
	a := newAuthority(t)
	good := a.sign("idp", time.Now().Add(time.Hour), "idp")
	other := a.sign("other", time.Now().Add(time.Hour), "idp")
	empty := filepath.Join(t.TempDir(), "empty")
	must(t, os.WriteFile(empty, nil, 0o600))
	for name, files := range map[string]wire.Files{
		"nothing": {}, "another's key": {good.Cert, other.Key, good.CA}, "no CA": {good.Cert, good.Key, empty}, "missing": {good.Cert, good.Key, empty + "x"},
	} {
		_, _, err1 := wire.NewServer(wire.Config{TLS: files})
		_, err2 := wire.Dial("127.0.0.1:1", "idp", files)
		if err1 == nil || err2 == nil {
			t.Errorf("%s: %v, %v", name, err1, err2)
		}
	}
}
