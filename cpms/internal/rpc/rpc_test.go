package rpc_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/rpc"
	"eulogin.example/cpms/internal/session"
	"eulogin.example/cpms/internal/sqlstore"
	cpmsv1 "eulogin.example/proto/cpms/v1"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/wire"
)

const issuer = "https://idp.example"

// world is cpms's gRPC edge on real stores, and a way to call it under any name.
type world struct {
	t        *testing.T
	dir      string
	addr     string
	server   *grpc.Server
	people   *person.Service
	sessions *session.Service
}

func start(t *testing.T) *world {
	t.Helper()
	db := backendtest.SQLite(t, sqlstore.Migrations())
	store := sqlstore.New(db)
	w := &world{
		t: t, dir: filepath.Join(t.TempDir(), "pki"), people: &person.Service{Store: store, Now: time.Now, Random: rand.Reader},
		sessions: &session.Service{KV: kv.NewEmbedded(db, time.Now), Now: time.Now, Random: rand.Reader},
	}
	w.must(wire.EnsureDevPKI(w.dir, time.Now(), "idp", "cpms", "stranger"))
	srv, _, err := wire.NewServer(wire.Config{TLS: wire.DevFiles(w.dir, "cpms"), Allow: rpc.Allow, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	w.must(err)
	cpmsv1.RegisterAccountEventsServer(srv, &rpc.Server{Inbox: &inbox.Service{Store: store, Sessions: w.sessions, Issuer: issuer, Now: time.Now}})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(srv.Stop)
	w.addr, w.server = l.Addr().String(), srv
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// as calls under the name of a certificate.
func (w *world) as(name string) cpmsv1.AccountEventsClient {
	w.t.Helper()
	cc, err := wire.Dial(w.addr, "cpms", wire.DevFiles(w.dir, name))
	w.must(err)
	w.t.Cleanup(func() { _ = cc.Close() })
	return cpmsv1.NewAccountEventsClient(cc)
}

func (w *world) anna() (person.Person, string) {
	w.t.Helper()
	p, err := w.people.Ensure(w.t.Context(), person.Claims{Issuer: issuer, Subject: "n00anna", GivenName: "Anna", FamilyName: "K", Email: "anna@x.eu"})
	w.must(err)
	return p, w.signIn("sid1")
}

func (w *world) signIn(sid string) string {
	w.t.Helper()
	token, err := w.sessions.Start(w.t.Context(), session.Session{Issuer: issuer, Subject: "n00anna", SID: sid}, "")
	w.must(err)
	return token
}

func (w *world) signedIn(token string) bool {
	w.t.Helper()
	_, err := w.sessions.ByToken(w.t.Context(), token)
	if err != nil && fault.KindOf(err) != fault.Unauthenticated {
		w.t.Fatal(err)
	}
	return err == nil
}

func request(seq uint64) *cpmsv1.DeliverRequest {
	return &cpmsv1.DeliverRequest{EventId: "e", Issuer: issuer, Subject: "n00anna", Sequence: seq, OccurredAt: timestamppb.Now()}
}

// Every kind of the contract arrives as what it is.
func TestEveryKindOfEvent(t *testing.T) {
	w := start(t)
	idp := w.as("idp")
	_, token := w.anna()
	send := func(r *cpmsv1.DeliverRequest) {
		t.Helper()
		got, err := idp.Deliver(t.Context(), r)
		if err != nil || got.GetLastSequence() != r.GetSequence() {
			t.Fatalf("%d: %v %v", r.GetSequence(), got, err)
		}
	}
	r := request(1)
	r.Event = &cpmsv1.DeliverRequest_EmailChanged{EmailChanged: &cpmsv1.EmailChanged{Email: "anna@new.example"}}
	send(r)
	r = request(2)
	r.Event = &cpmsv1.DeliverRequest_NameChanged{NameChanged: &cpmsv1.NameChanged{GivenName: "Anne", FamilyName: "L"}}
	send(r)
	if p, err := w.people.Get(t.Context(), issuer, "n00anna"); err != nil || p.Email != "anna@new.example" || p.Name() != "Anne L" {
		t.Fatalf("%+v %v", p, err)
	}
	r = request(3)
	r.Event = &cpmsv1.DeliverRequest_Locked{Locked: &cpmsv1.Locked{Until: timestamppb.Now()}}
	send(r)
	if !w.signedIn(token) {
		t.Fatal("a pause of password sign-in ended a session")
	}
	other := w.signIn("sid2")
	r = request(4)
	r.Event = &cpmsv1.DeliverRequest_SessionEnded{SessionEnded: &cpmsv1.SessionEnded{Sid: "sid1"}}
	send(r)
	if w.signedIn(token) || !w.signedIn(other) {
		t.Fatal("the wrong session ended")
	}
	r = request(5)
	r.Event = &cpmsv1.DeliverRequest_FactorsReset{FactorsReset: &cpmsv1.FactorsReset{}}
	send(r)
	if w.signedIn(other) {
		t.Fatal("signed in although no second factor is left")
	}
	r = request(6)
	r.Event = &cpmsv1.DeliverRequest_Disabled{Disabled: &cpmsv1.Disabled{}}
	send(r)
	if _, err := w.people.Get(t.Context(), issuer, "n00anna"); !errors.Is(err, person.ErrClosed) {
		t.Fatal(err)
	}
	send(request(7)) // a kind that only a newer idp knows: it counts, and means nothing here
	r = request(8)
	r.Event = &cpmsv1.DeliverRequest_Erased{Erased: &cpmsv1.Erased{}}
	send(r)
	if _, err := w.people.Ensure(t.Context(), person.Claims{Issuer: issuer, Subject: "n00anna"}); !errors.Is(err, person.ErrClosed) {
		t.Fatal(err)
	}
}

// A repeated event is taken again without effect; one after a gap is refused, and the answer
// says where to go on.
func TestDoublesAndGaps(t *testing.T) {
	w := start(t)
	idp := w.as("idp")
	_, token := w.anna()
	end := func(seq uint64) (*cpmsv1.DeliverResponse, error) {
		r := request(seq)
		r.Event = &cpmsv1.DeliverRequest_SessionEnded{SessionEnded: &cpmsv1.SessionEnded{}}
		return idp.Deliver(t.Context(), r)
	}
	_, err := end(3)
	st, _ := status.FromError(errors.Unwrap(fault.As(err)))
	if fault.KindOf(err) != fault.Gone || fault.CodeOf(err) != "inbox.gap" || st.Code() != codes.FailedPrecondition {
		t.Fatalf("%v %v", err, st)
	}
	var last *cpmsv1.DeliverResponse
	for _, d := range st.Details() {
		if r, ok := d.(*cpmsv1.DeliverResponse); ok {
			last = r
		}
	}
	if last == nil || last.GetLastSequence() != 0 || !w.signedIn(token) {
		t.Fatalf("%v; signed in: %v", last, w.signedIn(token))
	}
	if _, err := end(1); err != nil || w.signedIn(token) {
		t.Fatal(err)
	}
	again := w.signIn("sid2")
	if r, err := end(1); err != nil || r.GetLastSequence() != 1 || !w.signedIn(again) {
		t.Fatalf("a repeated event had an effect: %v %v", r, err)
	}
	for name, change := range map[string]func(*cpmsv1.DeliverRequest){
		"another issuer": func(r *cpmsv1.DeliverRequest) { r.Issuer = "https://evil.example" }, "no subject": func(r *cpmsv1.DeliverRequest) { r.Subject = "" },
		"number 0": func(r *cpmsv1.DeliverRequest) { r.Sequence = 0 }, "too large a number": func(r *cpmsv1.DeliverRequest) { r.Sequence = math.MaxUint64 },
	} {
		r := request(2)
		change(r)
		if _, err := idp.Deliver(t.Context(), r); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Only idp tells what happens to accounts, and no method is without a list.
func TestOnlyIDPMayTell(t *testing.T) {
	w := start(t)
	for _, name := range []string{"stranger", "cpms"} {
		if _, err := w.as(name).Deliver(t.Context(), request(1)); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.as("idp").Deliver(t.Context(), request(1)); err != nil {
		t.Error(err)
	}
	if m := wire.Unlisted(w.server, rpc.Allow); len(m) != 0 {
		t.Errorf("nobody may call %v", m)
	}
}

// Whatever a caller sends, the edge answers with a status and does not fall over.
func FuzzDeliver(f *testing.F) {
	f.Add(issuer, "n00anna", uint64(1), "anna@x.eu", int64(0))
	f.Add("", "", uint64(0), "\x00", int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, iss, sub string, seq uint64, email string, at int64) {
		s := &rpc.Server{Inbox: &inbox.Service{Store: counting{}, Sessions: nobody{}, Issuer: issuer, Now: time.Now}}
		r := &cpmsv1.DeliverRequest{Issuer: iss, Subject: sub, Sequence: seq, OccurredAt: &timestamppb.Timestamp{Seconds: at}, Event: &cpmsv1.DeliverRequest_EmailChanged{EmailChanged: &cpmsv1.EmailChanged{Email: email}}}
		got, err := s.Deliver(t.Context(), r)
		if err == nil && (iss != issuer || sub == "" || got.GetLastSequence() != 1 || seq != 1) {
			t.Fatalf("%q %q %d was taken: %v", iss, sub, seq, got)
		}
	})
}

// counting is a store that takes the first event of everybody, at a time that counts.
type counting struct{}

func (counting) LastEvent(context.Context, string, string) (int64, error) { return 0, nil }
func (counting) ApplyEvent(_ context.Context, e inbox.Event) (int64, error) {
	if e.At.Unix() <= 0 || e.At.After(time.Now()) {
		return 0, errors.New("a time that does not count")
	}
	return e.Sequence, nil
}

type nobody struct{}

func (nobody) EndBySID(context.Context, string, string) error     { return nil }
func (nobody) EndBySubject(context.Context, string, string) error { return nil }
