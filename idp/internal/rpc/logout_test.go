package rpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/outward"
	"eulogin.example/idp/internal/rpc"
	"eulogin.example/idp/internal/signout"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/outbox"
)

// service is a relying party's back-channel logout address.
type service struct {
	*httptest.Server
	status int
	to     string // redirect
	got    []string
}

func newService(t *testing.T) *service {
	s := &service{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.got = append(s.got, r.Method+" "+r.URL.Path+" "+r.PostFormValue("logout_token")+" "+r.Header.Get("Content-Type"))
		if s.to != "" {
			w.Header().Set("Location", s.to)
		}
		w.WriteHeader(s.status)
	}))
	t.Cleanup(s.Close)
	return s
}

// deliver makes the delivery for a client that is registered with this logout address.
func deliver(t *testing.T, address string, development bool) func(ctx context.Context, clientID string, attempt int64) error {
	t.Helper()
	dir := t.TempDir()
	raw, err := json.Marshal(map[string]any{
		"client_id": "rp", "client_name": "A", "redirect_uris": []string{"https://rp.example/cb"}, "response_types": []string{"code"}, "grant_types": []string{"authorization_code"},
		"token_endpoint_auth_method": "none", "scope": "openid", "backchannel_logout_uri": address,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rp.json"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	clients, err := client.Load(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	token := func(c *client.Client, n signout.Notice, id string) (string, error) {
		return c.ID + "/" + string(n.Subject) + "/" + n.SID + "/" + id, nil
	}
	d := rpc.DeliverLogouts(clients, token, rpc.Outward(development))
	return func(ctx context.Context, clientID string, attempt int64) error {
		payload, err := json.Marshal(signout.Notice{Client: clientID, Subject: "n00anna", SID: "s1"})
		if err != nil {
			t.Fatal(err)
		}
		return d(ctx, outbox.Row{ID: "row", Kind: signout.OutboxKind, Payload: payload, Attempt: attempt})
	}
}

// Back-Channel Logout 1.0 §2.5: a form with the token; each try has a jti of its own, so that
// a service that refuses replays takes the second one.
func TestLogoutTokenIsPosted(t *testing.T) {
	s := newService(t)
	send := deliver(t, s.URL+"/logout", true)
	for attempt := range int64(2) {
		if err := send(t.Context(), "rp", attempt); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.got) != 2 || s.got[0] != "POST /logout rp/n00anna/s1/row-0 application/x-www-form-urlencoded" || !strings.Contains(s.got[1], "row-1") {
		t.Errorf("%q", s.got)
	}
}

// What a service does not take is tried again; what nobody can take any more is not.
func TestLogoutIsRetriedOrGivenUp(t *testing.T) {
	s := newService(t)
	send := deliver(t, s.URL, true)
	for _, status := range []int{http.StatusBadRequest, http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusFound} {
		s.status = status
		if err := send(t.Context(), "rp", 1); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%d: %v", status, err)
		}
	}
	if err := send(t.Context(), "gone", 1); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a client that is not registered any more: %v", err)
	}
	if err := deliver(t, "", true)(t.Context(), "rp", 1); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a client without an address: %v", err)
	}
	s.Close()
	if err := send(t.Context(), "rp", 1); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("a service that is down: %v", err)
	}
}

// Security case 39: redirects are not followed, and outside development this machine and its
// link are out of reach, whatever a name resolves to.
func TestLogoutReachesNoForbiddenAddress(t *testing.T) {
	inside := newService(t)
	outside := newService(t)
	outside.status, outside.to = http.StatusTemporaryRedirect, inside.URL
	if err := deliver(t, outside.URL, true)(t.Context(), "rp", 1); err == nil || len(inside.got) != 0 {
		t.Errorf("a redirect was followed: %v %q", err, inside.got)
	}
	_, port, err := net.SplitHostPort(inside.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	production := rpc.Outward(false)
	for _, address := range []string{"http://127.0.0.1:" + port, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://[::1]:" + port, "http://0.0.0.0:" + port, "http://169.254.169.254/latest/meta-data/", "http://[fe80::1]:80/"} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := production.Do(req)
		cancel()
		if err == nil {
			_ = resp.Body.Close()
			t.Errorf("%s was reached", address)
		} else if !errors.Is(err, outward.ErrAddress) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if len(inside.got) != 0 {
		t.Errorf("%q", inside.got)
	}
}
