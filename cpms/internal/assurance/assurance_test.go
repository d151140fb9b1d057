package assurance_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/assurance"
	"eulogin.example/cpms/internal/person"
	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/wire"
)

// idp is a real server on the wire that answers as the test says.
type idp struct {
	idpv1.UnimplementedAccountsServer
	calls  atomic.Int64
	answer func(ctx context.Context, sub string) (*idpv1.GetAssuranceResponse, error)
}

func (i *idp) GetAssurance(ctx context.Context, r *idpv1.GetAssuranceRequest) (*idpv1.GetAssuranceResponse, error) {
	i.calls.Add(1)
	return i.answer(ctx, r.GetSubject())
}

func start(t *testing.T) (*idp, assurance.Client, func()) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pki")
	if err := wire.EnsureDevPKI(dir, time.Now(), "idp", "cpms"); err != nil {
		t.Fatal(err)
	}
	srv, _, err := wire.NewServer(wire.Config{
		TLS: wire.DevFiles(dir, "idp"), Allow: wire.Allow{idpv1.Accounts_GetAssurance_FullMethodName: {"cpms"}}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	i := &idp{}
	idpv1.RegisterAccountsServer(srv, i)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(srv.Stop)
	cc, err := wire.Dial(l.Addr().String(), "idp", wire.DevFiles(dir, "cpms"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cc.Close() })
	return i, assurance.Client{Accounts: idpv1.NewAccountsClient(cc)}, srv.Stop
}

var anna = person.Person{ID: "p1", Subject: "n00anna"}

func TestWhatIDPSays(t *testing.T) {
	i, c, _ := start(t)
	active, disabled := idpv1.AccountStatus_ACCOUNT_STATUS_ACTIVE, idpv1.AccountStatus_ACCOUNT_STATUS_DISABLED
	for name, tt := range map[string]struct {
		r    *idpv1.GetAssuranceResponse
		want access.Known
	}{
		"two factors":     {&idpv1.GetAssuranceResponse{Status: active, AssuranceLevel: 10, HighestLevel: idpv1.Level_LEVEL_MEDIUM}, access.Known{Active: true, Level: 10, SecondFactor: true}},
		"hardware token":  {&idpv1.GetAssuranceResponse{Status: active, AssuranceLevel: 40, HighestLevel: idpv1.Level_LEVEL_HIGH}, access.Known{Active: true, Level: 40, SecondFactor: true}},
		"password alone":  {&idpv1.GetAssuranceResponse{Status: active, HighestLevel: idpv1.Level_LEVEL_BASIC}, access.Known{Active: true}},
		"disabled":        {&idpv1.GetAssuranceResponse{Status: disabled, HighestLevel: idpv1.Level_LEVEL_MEDIUM}, access.Known{SecondFactor: true}},
		"says nothing":    {&idpv1.GetAssuranceResponse{}, access.Known{}},
		"a newer status":  {&idpv1.GetAssuranceResponse{Status: 99, HighestLevel: idpv1.Level_LEVEL_MEDIUM}, access.Known{SecondFactor: true}},
		"erased":          {&idpv1.GetAssuranceResponse{Status: idpv1.AccountStatus_ACCOUNT_STATUS_ERASED}, access.Known{}},
		"not yet a level": {&idpv1.GetAssuranceResponse{Status: active}, access.Known{Active: true}},
	} {
		i.answer = func(_ context.Context, sub string) (*idpv1.GetAssuranceResponse, error) {
			if sub != anna.Subject {
				t.Errorf("asked about %q", sub)
			}
			return tt.r, nil
		}
		if got, err := c.Get(t.Context(), anna); err != nil || got != tt.want {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	i.answer = func(context.Context, string) (*idpv1.GetAssuranceResponse, error) {
		return nil, fault.New(fault.NotFound, "account.unknown")
	}
	if got, err := c.Get(t.Context(), anna); err != nil || got != (access.Known{}) {
		t.Errorf("no such account: %+v %v", got, err)
	}
}

// Whatever else happens, nothing is known, and that is an error.
func TestFailsClosed(t *testing.T) {
	i, c, stop := start(t)
	for name, err := range map[string]error{
		"outage": fault.New(fault.Unavailable, "store.unavailable"), "defect": errors.New("nil map"), "refused": fault.New(fault.Denied, "rpc.denied"), "too many": fault.New(fault.TooMany, "limit"),
	} {
		i.answer = func(context.Context, string) (*idpv1.GetAssuranceResponse, error) { return nil, err }
		if got, err := c.Get(t.Context(), anna); !errors.Is(err, assurance.ErrUnavailable) || fault.KindOf(err) != fault.Unavailable || got != (access.Known{}) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	i.answer = func(ctx context.Context, _ string) (*idpv1.GetAssuranceResponse, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	began := time.Now()
	if _, err := c.Get(t.Context(), anna); !errors.Is(err, assurance.ErrUnavailable) || time.Since(began) < assurance.Deadline/2 || time.Since(began) > 3*assurance.Deadline {
		t.Errorf("a slow idp: %v after %s", err, time.Since(began))
	}
	stop()
	if _, err := c.Get(t.Context(), anna); !errors.Is(err, assurance.ErrUnavailable) {
		t.Errorf("no idp: %v", err)
	}
}
