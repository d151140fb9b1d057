package signoff_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"eulogin.example/cpms/internal/signoff"
	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/wire"
)

// idp is a real server on the wire that answers as the test says.
type idp struct {
	idpv1.UnimplementedSessionsServer
	asked []string
	err   error
}

func (i *idp) Revoke(_ context.Context, r *idpv1.RevokeRequest) (*idpv1.RevokeResponse, error) {
	i.asked = append(i.asked, r.GetSubject()+" "+r.GetReason())
	return &idpv1.RevokeResponse{}, i.err
}

// here notes whose sessions of this service ended.
type here struct {
	ended []string
	err   error
}

func (h *here) EndBySubject(_ context.Context, issuer, subject string) error {
	h.ended = append(h.ended, issuer+" "+subject)
	return h.err
}

func start(t *testing.T) (*idp, idpv1.SessionsClient) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pki")
	if err := wire.EnsureDevPKI(dir, time.Now(), "idp", "cpms"); err != nil {
		t.Fatal(err)
	}
	srv, _, err := wire.NewServer(wire.Config{
		TLS: wire.DevFiles(dir, "idp"), Allow: wire.Allow{idpv1.Sessions_Revoke_FullMethodName: {"cpms"}}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	i := &idp{}
	idpv1.RegisterSessionsServer(srv, i)
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
	return i, idpv1.NewSessionsClient(cc)
}

// Both sides are told; what fails is tried again, but for somebody whom idp does not know.
func TestSignedOutHereAndAtIDP(t *testing.T) {
	remote, client := start(t)
	raw, err := signoff.Message{Issuer: "https://idp.example", Subject: "n00anna", Reason: signoff.AccessRevoked}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		here, idp error
		want      fault.Kind
	}{
		"done":             {nil, nil, 0},
		"unknown at idp":   {nil, fault.New(fault.NotFound, "account.unknown"), 0},
		"idp is away":      {nil, fault.New(fault.Unavailable, "store.unavailable"), fault.Unavailable},
		"refused by idp":   {nil, fault.New(fault.Denied, "rpc.denied"), fault.Denied},
		"no store on here": {fault.New(fault.Unavailable, "kv"), nil, fault.Unavailable},
	} {
		local := &here{err: tt.here}
		remote.asked, remote.err = nil, tt.idp
		err := signoff.Deliver(local, client)(t.Context(), outbox.Row{Payload: raw})
		if (tt.want == 0) != (err == nil) || err != nil && fault.KindOf(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
		if len(local.ended) != 1 || local.ended[0] != "https://idp.example n00anna" {
			t.Errorf("%s: here %v", name, local.ended)
		}
		// A call that idp could not take is repeated at once, as its contract allows.
		if asked := len(remote.asked); (asked > 0) != (tt.here == nil) || asked > 0 && remote.asked[0] != "n00anna access_revoked" {
			t.Errorf("%s: asked %v", name, remote.asked)
		}
	}
}

func TestOrdersThatCanNeverBeCarriedOut(t *testing.T) {
	for _, raw := range []string{"", "{", "[]", "{}", `{"subject":"a","reason":"r"}`, `{"issuer":"i","reason":"r"}`, `{"issuer":"i","subject":"a"}`} {
		if err := signoff.Deliver(nil, nil)(t.Context(), outbox.Row{Payload: []byte(raw)}); !errors.Is(err, signoff.ErrMalformed) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}
