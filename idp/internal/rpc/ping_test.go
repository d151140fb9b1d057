package rpc_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/factor/phone"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/idp/internal/rpc"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/sector"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/outbox"
)

// pinged is a service that hears of its people's answers.
type pinged struct {
	status int
	got    []string
}

func (p *pinged) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var told struct {
		ID string `json:"auth_req_id"`
	}
	_ = json.Unmarshal(body, &told)
	p.got = append(p.got, r.Header.Get("Authorization")+" "+told.ID)
	w.WriteHeader(p.status)
}

// CIBA Core §10.2: the service is told once the person answered, and again until it listens, for as
// long as it waits.
func TestServicesHearOfAnAnswer(t *testing.T) {
	service := &pinged{status: http.StatusNoContent}
	srv := httptest.NewServer(service)
	defer srv.Close()
	dir := t.TempDir()
	metadata := `{"client_id":"desk","client_name":"Desk","redirect_uris":[],"response_types":[],"grant_types":["urn:openid:params:grant-type:ciba"],"scope":"openid","token_endpoint_auth_method":"private_key_jwt",
"jwks":{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]},
"backchannel_token_delivery_mode":"ping","backchannel_client_notification_endpoint":"` + strings.Replace(srv.URL, "127.0.0.1", "localhost", 1) + `/ping"}`
	if err := os.WriteFile(filepath.Join(dir, "desk.json"), []byte(metadata), 0o600); err != nil {
		t.Fatal(err)
	}
	clients, err := client.Load(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	now, state := time.Now(), phone.Approved
	answered := now // when the answer was given that decided
	p := rpc.Pinger{
		Clients: clients, Post: rpc.Outward(true), Now: func() time.Time { return now },
		Poll: func(context.Context, string) (phone.Outcome, error) {
			return phone.Outcome{State: state, At: answered}, nil
		},
		Open: func(w phone.Word) (string, string, error) { return string(w.Sealed), "secret", nil },
	}
	deliver := func(by rpc.Pinger, who string) error {
		w := phone.Word{Push: strings.Repeat("0", 26), At: now, Client: who, Asked: now, Until: now.Add(time.Minute), Sealed: []byte("req-1")}
		return by.Deliver(t.Context(), outbox.Row{Payload: w.Encode(), Created: now})
	}
	heard := func(what string, err error, again bool, times int) {
		t.Helper()
		if (err != nil) != again || again && fault.KindOf(err) != fault.Unavailable || len(service.got) != times {
			t.Errorf("%s: %v, heard %v", what, err, service.got)
		}
	}
	heard("an answer", deliver(p, "desk"), false, 1)
	if service.got[0] != "Bearer secret req-1" {
		t.Errorf("heard %q", service.got)
	}
	heard("a client that is gone", deliver(p, "nobody"), false, 1)
	service.status = http.StatusInternalServerError
	heard("a service that fails", deliver(p, "desk"), true, 2)
	service.status = http.StatusNoContent
	state = phone.Pending
	heard("an answer that has no effect yet", deliver(p, "desk"), true, 2)
	late := p
	late.Now = func() time.Time { return now.Add(10 * time.Second) }
	heard("a wrong number", deliver(late, "desk"), false, 2)
	state, answered = phone.Approved, now.Add(time.Second)
	heard("a wrong number before the right one", deliver(late, "desk"), false, 2)
	answered, late.Now = now, func() time.Time { return now.Add(2 * time.Minute) }
	heard("nobody waits any more", deliver(late, "desk"), false, 2)
	// A service that comes to the id of another one is not told what that one asked for, nor its password.
	box, err := seal.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	registrar := &registration.Service{Store: store, Tokens: store, Clients: clients, Box: box, Now: func() time.Time { return now }, Random: rand.Reader, Sector: sector.Reader{HTTP: http.DefaultClient}.Check}
	if err := clients.Use(t.Context(), registrar); err != nil {
		t.Fatal(err)
	}
	if _, err := registrar.Register(t.Context(), "command root", []byte(strings.Replace(metadata, `"desk"`, `"heir"`, 1))); err != nil {
		t.Fatal(err)
	}
	heard("one that asked itself", deliver(p, "heir"), false, 3)
	now = now.Add(-time.Second)
	answered = now
	heard("one that asked before it", deliver(p, "heir"), false, 3)
	inside := p
	inside.Post = rpc.Outward(false)
	heard("an address of this machine", deliver(inside, "desk"), true, 3) // security case 39
	if err := p.Deliver(t.Context(), outbox.Row{Payload: []byte("{}")}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no word: %v", err)
	}
}
