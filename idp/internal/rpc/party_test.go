package rpc_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/pairwise"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/rpc"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signout"
	"eulogin.example/idp/internal/sqlstore"
	cpmsv1 "eulogin.example/proto/cpms/v1"
	idpv1 "eulogin.example/proto/idp/v1"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/outbox"
	"eulogin.example/proto/kit/wire"
)

// The files of cpms as a client of public and of pairwise subjects.
const (
	rest         = `"client_id":"cpms","client_name":"CPMS","redirect_uris":["https://cpms.example/cb"],"response_types":["code"],"grant_types":["authorization_code"],"token_endpoint_auth_method":"none","scope":"openid"}`
	public       = `{` + rest
	pairwiseFile = `{"subject_type":"pairwise",` + rest
)

// called are idp and cpms at two ends of real connections, both ways.
type called struct {
	*accounttest.World
	t        *testing.T
	dir      string
	clients  *client.Registry
	parties  rpc.Parties
	sessions *session.Service
	idpv1.AccountsClient
	idpv1.SessionsClient
	cpms *listener
}

// listener is cpms as far as idp calls it.
type listener struct {
	cpmsv1.UnimplementedAccountEventsServer
	cpmsv1.UnimplementedSubjectsServer
	heard []*cpmsv1.DeliverRequest
	asked []string
}

func (l *listener) Deliver(_ context.Context, r *cpmsv1.DeliverRequest) (*cpmsv1.DeliverResponse, error) {
	l.heard = append(l.heard, r)
	return &cpmsv1.DeliverResponse{}, nil
}

func (l *listener) Export(_ context.Context, r *cpmsv1.ExportRequest) (*cpmsv1.ExportResponse, error) {
	l.asked = append(l.asked, r.GetSubject())
	return &cpmsv1.ExportResponse{Json: []byte(`{}`)}, nil
}

// factors tells of no second factor.
type factors struct{}

func (factors) Proofs(context.Context, ident.AccountID) ([]policy.Method, error) { return nil, nil }

func newCalled(t *testing.T, file string) *called {
	t.Helper()
	w := &called{World: accounttest.New(t), t: t, dir: filepath.Join(t.TempDir(), "pki"), cpms: &listener{}}
	files := t.TempDir()
	if file != "" {
		w.must(os.WriteFile(filepath.Join(files, "cpms.json"), []byte(file), 0o600))
	}
	var err error
	w.clients, err = client.Load(files, false)
	w.must(err)
	box, err := seal.New(make([]byte, 32))
	w.must(err)
	w.parties.Clients = w.clients
	w.parties.Subjects, err = pairwise.Open(t.Context(), w.Store, box, w.Clock.Now(), rand.Reader)
	w.must(err)
	w.sessions = session.New(w.KV, w.Clock.Now, rand.Reader)
	w.must(wire.EnsureDevPKI(w.dir, time.Now(), "idp", "cpms", "operator"))
	ender := &signout.Service{Sessions: w.sessions, Store: w.Store, Now: w.Clock.Now, Listens: func(string) bool { return false }, Kick: func() {}}
	cc := w.connect("idp", "cpms", rpc.Allow, func(srv *grpc.Server) {
		idpv1.RegisterAccountsServer(srv, &rpc.Accounts{Parties: w.parties, People: w.Store, Factors: factors{}})
		idpv1.RegisterSessionsServer(srv, &rpc.Sessions{Parties: w.parties, People: w.Store, Living: w.sessions, Ender: ender, Now: w.Clock.Now})
	})
	w.AccountsClient, w.SessionsClient = idpv1.NewAccountsClient(cc), idpv1.NewSessionsClient(cc)
	return w
}

func (w *called) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// connect serves under one name, and dials it under another.
func (w *called) connect(name, as string, allow wire.Allow, register func(*grpc.Server)) *grpc.ClientConn {
	w.t.Helper()
	srv, _, err := wire.NewServer(wire.Config{TLS: wire.DevFiles(w.dir, name), Allow: allow, Log: slog.New(slog.DiscardHandler), Inner: []grpc.UnaryServerInterceptor{wire.Validated(rpc.Invalid)}})
	w.must(err)
	register(srv)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	go func() { _ = srv.Serve(l) }()
	w.t.Cleanup(srv.Stop)
	cc, err := wire.Dial(l.Addr().String(), name, wire.DevFiles(w.dir, as))
	w.must(err)
	w.t.Cleanup(func() { _ = cc.Close() })
	return cc
}

// toCPMS is the connection that idp has to cpms.
func (w *called) toCPMS() *grpc.ClientConn {
	return w.connect("cpms", "idp", wire.Allow{cpmsv1.AccountEvents_Deliver_FullMethodName: {"idp"}, cpmsv1.Subjects_Export_FullMethodName: {"idp"}}, func(srv *grpc.Server) {
		cpmsv1.RegisterAccountEventsServer(srv, w.cpms)
		cpmsv1.RegisterSubjectsServer(srv, w.cpms)
	})
}

// sub gives the sub by which cpms knows an account, and sid does so for a session.
func (w *called) sub(id account.ID) string {
	c, err := w.clients.ByID(w.t.Context(), "cpms")
	w.must(err)
	return w.parties.Subjects.Subject(c, id)
}

func (w *called) sid(sess session.Session) string {
	c, err := w.clients.ByID(w.t.Context(), "cpms")
	w.must(err)
	return w.parties.Subjects.Session(c, sess.ID)
}

// opens makes a session that is signed in to services.
func (w *called) opens(id account.ID, methods []policy.Method, services ...string) session.Session {
	w.t.Helper()
	var proofs []policy.Proof
	for _, m := range methods {
		proofs = append(proofs, policy.Proof{Method: m, At: w.Clock.Now()})
	}
	_, sess, err := w.sessions.Start(w.t.Context(), id, proofs, session.Meta{})
	w.must(err)
	for _, s := range services {
		w.must(w.sessions.AddClient(w.t.Context(), sess.ID, s))
	}
	return sess
}

var strong = []policy.Method{policy.Password, policy.AppPIN}

// Subs over gRPC are the caller's own, both ways: another service's, or the account's own name, is nobody's
// to a pairwise client.
func TestSubsOverGRPCAreTheCallers(t *testing.T) {
	for name, file := range map[string]string{"public": public, "pairwise": pairwiseFile} {
		t.Run(name, func(t *testing.T) {
			w := newCalled(t, file)
			anna := w.Anna(t).ID
			other := &client.Client{RedirectURIs: []string{"https://other.example/cb"}, Subjects: client.Subjects{SubjectType: client.PairwiseSubjects}}
			wrong := []string{"", "n00nobodyyy", w.parties.Subjects.Subject(other, anna)}
			if name == "pairwise" {
				wrong = append(wrong, string(anna))
			}
			for _, sub := range wrong {
				_, assured := w.GetAssurance(t.Context(), &idpv1.GetAssuranceRequest{Subject: sub})
				_, listed := w.List(t.Context(), &idpv1.ListRequest{Subject: sub})
				_, revoked := w.Revoke(t.Context(), &idpv1.RevokeRequest{Subject: sub, Reason: "test"})
				for _, err := range []error{assured, listed, revoked} {
					if fault.CodeOf(err) != account.ErrUnknown.Code {
						t.Errorf("%q: %v", sub, err)
					}
				}
			}
			sess := w.opens(anna, strong, "cpms")
			if got, err := w.GetAssurance(t.Context(), &idpv1.GetAssuranceRequest{Subject: w.sub(anna)}); err != nil || got.GetSubject() != w.sub(anna) {
				t.Errorf("%v %v", got, err)
			}
			if got, err := w.Revoke(t.Context(), &idpv1.RevokeRequest{Subject: w.sub(anna), Reason: "test"}); err != nil || got.GetSessions() != 1 {
				t.Errorf("%v %v", got, err)
			}
			cc := w.toCPMS()
			raw, err := json.Marshal(sqlstore.AccountEvent{ID: "e1", Subject: anna, Sequence: 1, Kind: "session_ended", SID: sess.ID})
			w.must(err)
			w.must(rpc.DeliverEvents(cpmsv1.NewAccountEventsClient(cc), w.parties, accounttest.Issuer)(t.Context(), outbox.Row{Payload: raw}))
			_, err = rpc.Copies{Client: cpmsv1.NewSubjectsClient(cc), Parties: w.parties, Issuer: accounttest.Issuer}.Export(t.Context(), anna)
			w.must(err)
			if e := w.cpms.heard[0]; e.GetSubject() != w.sub(anna) || e.GetSessionEnded().GetSid() != w.sid(sess) || w.cpms.asked[0] != w.sub(anna) {
				t.Errorf("cpms heard %v and was asked for %v", e, w.cpms.asked)
			}
		})
	}
}

// A caller that is no registered client is told nothing, and what it would be told waits.
func TestACallerIsARegisteredClient(t *testing.T) {
	w := newCalled(t, "")
	anna := w.Anna(t).ID
	w.opens(anna, strong, "cpms")
	_, assured := w.GetAssurance(t.Context(), &idpv1.GetAssuranceRequest{Subject: string(anna)})
	_, listed := w.List(t.Context(), &idpv1.ListRequest{Subject: string(anna)})
	_, revoked := w.Revoke(t.Context(), &idpv1.RevokeRequest{Subject: string(anna), Reason: "test"})
	for _, err := range []error{assured, listed, revoked} {
		if fault.CodeOf(err) != "rpc.not_a_client" || fault.KindOf(err) != fault.Denied {
			t.Errorf("%v", err)
		}
	}
	cc := w.toCPMS()
	err := rpc.DeliverEvents(cpmsv1.NewAccountEventsClient(cc), w.parties, accounttest.Issuer)(t.Context(), outbox.Row{Payload: []byte(`{"id":"e1","subject":"` + string(anna) + `","sequence":1,"kind":"erased"}`)})
	if fault.KindOf(err) != fault.Unavailable {
		t.Errorf("an event: %v", err)
	}
	if _, err := (rpc.Copies{Client: cpmsv1.NewSubjectsClient(cc), Parties: w.parties}).Export(t.Context(), anna); err == nil || len(w.cpms.heard)+len(w.cpms.asked) != 0 {
		t.Errorf("a copy: %v; %v %v", err, w.cpms.heard, w.cpms.asked)
	}
}
