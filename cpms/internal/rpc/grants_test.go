package rpc_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/rpc"
	"eulogin.example/cpms/internal/sqlstore"
	cpmsv1 "eulogin.example/proto/cpms/v1"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/wire"
)

// grants is cpms.v1.Grants on a real store, called by "panels".
type grants struct {
	t      *testing.T
	store  *sqlstore.Store
	dir    string
	addr   string
	client cpmsv1.GrantsClient
}

func startGrants(t *testing.T) *grants {
	t.Helper()
	w := &grants{t: t, store: sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations())), dir: filepath.Join(t.TempDir(), "pki")}
	w.must(wire.EnsureDevPKI(w.dir, time.Now(), "idp", "cpms", "panels", "stranger"))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	w.addr = l.Addr().String()
	w.serve(l)
	w.client = w.as("panels")
	return w
}

func (w *grants) serve(l net.Listener) *grpc.Server {
	srv, _, err := wire.NewServer(wire.Config{TLS: wire.DevFiles(w.dir, "cpms"), Allow: rpc.AllowGrants([]string{"panels"}), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	w.must(err)
	cpmsv1.RegisterGrantsServer(srv, &rpc.Grants{Evaluator: &access.Evaluator{Store: w.store, Now: time.Now}, Feed: w.store, Issuer: issuer})
	go func() { _ = srv.Serve(l) }()
	w.t.Cleanup(srv.Stop)
	return srv
}

func (w *grants) as(name string) cpmsv1.GrantsClient {
	cc, err := wire.Dial(w.addr, "cpms", wire.DevFiles(w.dir, name))
	w.must(err)
	w.t.Cleanup(func() { _ = cc.Close() })
	return cpmsv1.NewGrantsClient(cc)
}

func (w *grants) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *grants) coordinator(sub, slug string) {
	w.t.Helper()
	people := &person.Service{Store: w.store, Now: time.Now, Random: rand.Reader}
	_, err := people.Ensure(w.t.Context(), person.Claims{Issuer: issuer, Subject: sub, GivenName: "A", FamilyName: "B", Email: sub + "@example.org"})
	w.must(err)
	w.must((&access.Operator{Store: w.store, Now: time.Now}).GrantRole(w.t.Context(), issuer, sub, access.CoordinatorRole, slug))
}

func TestQuestionsOverTheWire(t *testing.T) {
	w := startGrants(t)
	w.coordinator("n00elena", "ern-eye")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	good := &cpmsv1.EvaluateRequest{Subject: "n00elena", Network: "ern-eye", Action: "request.decide"}
	if got, err := w.client.Evaluate(ctx, good); err != nil || !got.GetDecision() || got.GetReason() != "granted" || got.GetUntil() != nil {
		t.Errorf("%v %v", got, err)
	}
	many, err := w.client.EvaluateMany(ctx, &cpmsv1.EvaluateManyRequest{Questions: []*cpmsv1.EvaluateRequest{
		good, {Issuer: "https://other.example", Subject: "n00elena", Network: "ern-eye", Action: "request.decide"}, {Subject: "n00elena", Network: "ern-lung", Action: "request.decide"},
	}})
	if err != nil || len(many.GetAnswers()) != 3 || !many.GetAnswers()[0].GetDecision() || many.GetAnswers()[1].GetDecision() || many.GetAnswers()[2].GetDecision() {
		t.Errorf("%v %v", many, err)
	}
	for name, q := range map[string]*cpmsv1.EvaluateRequest{
		"nothing": {}, "no subject": {Network: "ern-eye", Action: "access"}, "no network": {Subject: "a", Action: "access"}, "no action": {Subject: "a", Network: "ern-eye"},
		"long": {Subject: strings.Repeat("a", 256), Network: "ern-eye", Action: "access"}, "control": {Subject: "a\x00", Network: "ern-eye", Action: "access"}, "issuer": {Issuer: "a\nb", Subject: "a", Network: "ern-eye", Action: "access"},
	} {
		if _, err := w.client.Evaluate(ctx, q); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, n := range []int{0, 101} {
		if _, err := w.client.EvaluateMany(ctx, &cpmsv1.EvaluateManyRequest{Questions: make([]*cpmsv1.EvaluateRequest, n)}); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%d questions: %v", n, err)
		}
	}
	if _, err := w.as("stranger").Evaluate(ctx, good); status.Code(err) != codes.PermissionDenied {
		t.Errorf("another service: %v", err)
	}
	stream, err := w.as("stranger").Watch(ctx, &cpmsv1.WatchRequest{})
	w.must(err)
	if _, err := stream.Recv(); status.Code(err) != codes.PermissionDenied {
		t.Errorf("another service watches: %v", err)
	}
}

// A watch that breaks goes on after the last change that it told: each change once, in order.
func TestAWatchLosesNothing(t *testing.T) {
	w := startGrants(t)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, after := range []int64{-1, 1} {
		stream, err := w.client.Watch(ctx, &cpmsv1.WatchRequest{After: &after})
		w.must(err)
		if _, err := stream.Recv(); status.Code(err) != codes.InvalidArgument {
			t.Errorf("after %d: %v", after, err)
		}
	}
	var seen []string
	last := int64(0)
	slugs := []string{"ern-eye", "ern-lung", "ern-rnd", "ern-bond", "ern-skin"}
	for i, slug := range slugs {
		once, stop := context.WithCancel(ctx)
		stream, err := w.client.Watch(once, &cpmsv1.WatchRequest{After: proto.Int64(last)})
		w.must(err)
		first, err := stream.Recv()
		w.must(err)
		if first.GetChange() != cpmsv1.Change_CHANGE_POSITION || first.GetSequence() != last {
			t.Fatalf("%v", first)
		}
		w.coordinator("n00elena", slug) // while the stream is open
		if i%2 == 1 {
			w.coordinator("n00ada", slug) // and one that this stream may not tell any more
		}
		for range 1 {
			c, err := stream.Recv()
			w.must(err)
			if c.GetSequence() <= last || c.GetChange() != cpmsv1.Change_CHANGE_GIVEN || c.GetIssuer() != issuer {
				t.Errorf("%v", c)
			}
			last = c.GetSequence()
			seen = append(seen, c.GetSubject()+" "+c.GetNetwork())
		}
		stop()
	}
	rest, err := w.client.Watch(ctx, &cpmsv1.WatchRequest{After: proto.Int64(last)})
	w.must(err)
	_, err = rest.Recv()
	w.must(err)
	for len(seen) < 7 {
		c, err := rest.Recv()
		w.must(err)
		seen = append(seen, c.GetSubject()+" "+c.GetNetwork())
	}
	want := "n00elena ern-eye,n00elena ern-lung,n00ada ern-lung,n00elena ern-rnd,n00elena ern-bond,n00ada ern-bond,n00elena ern-skin"
	if got := strings.Join(seen, ","); got != want {
		t.Errorf("%s", got)
	}
}
