package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// callDesk is a service that asks people on their phones (OpenID Connect CIBA), and is told by a ping.
type callDesk struct {
	t    *testing.T
	sys  *system
	base string
	key  *ecdsa.PrivateKey
	told chan string
}

func newCallDesk(t *testing.T, sys *system) *callDesk {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &callDesk{t: t, sys: sys, base: "http://" + l.Addr().String(), told: make(chan string, 8)}
	if d.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /callback", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `<!doctype html><html lang="en"><title>Desk</title><h1>The desk knows you now</h1>`)
	})
	mux.HandleFunc("POST /ping", func(w http.ResponseWriter, r *http.Request) {
		var told struct {
			ID string `json:"auth_req_id"`
		}
		if err := json.NewDecoder(r.Body).Decode(&told); err != nil || r.Header.Get("Authorization") != "Bearer it-is-idp" {
			t.Errorf("a ping that is none: %v %q", err, r.Header)
		}
		w.WriteHeader(http.StatusNoContent)
		d.told <- told.ID
	})
	srv := &http.Server{Handler: mux}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	sys.adds(map[string]any{
		"client_id": "call-desk", "client_name": "Call desk", "redirect_uris": []string{d.base + "/callback"}, "scope": "openid email",
		"grant_types": []string{"authorization_code", "urn:openid:params:grant-type:ciba"}, "response_types": []string{"code"}, "token_endpoint_auth_method": "private_key_jwt",
		"jwks":                            jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: d.key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}},
		"backchannel_token_delivery_mode": "ping", "backchannel_client_notification_endpoint": d.base + "/ping",
	})
	return d
}

// post sends a form with the desk's assertion.
func (d *callDesk) post(path string, form url.Values) (m map[string]any) {
	d.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: d.key, KeyID: "k1"}}, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	now := time.Now()
	claims, err := json.Marshal(map[string]any{"iss": "call-desk", "sub": "call-desk", "aud": d.sys.idp.url, "jti": rand.Text(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()})
	if err != nil {
		d.t.Fatal(err)
	}
	jws, err := signer.Sign(claims)
	if err != nil {
		d.t.Fatal(err)
	}
	assertion, err := jws.CompactSerialize()
	if err != nil {
		d.t.Fatal(err)
	}
	form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	form.Set("client_assertion", assertion)
	res, err := http.PostForm(d.sys.idp.url+path, form)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(&m); err != nil {
		d.t.Fatal(err)
	}
	return m
}

// asks sends a request to somebody's phone.
func (d *callDesk) asks(email, number string) map[string]any {
	return d.post("/oauth/bc-authorize", url.Values{"scope": {"openid email"}, "login_hint": {email}, "binding_message": {number}, "client_notification_token": {"it-is-idp"}})
}

// hears waits for the ping about a request, and fetches what came of it.
func (d *callDesk) hears(request map[string]any) map[string]any {
	d.t.Helper()
	id, _ := request["auth_req_id"].(string)
	select {
	case told := <-d.told:
		if id == "" || told != id {
			d.t.Fatalf("told of %q, asked for %v", told, request)
		}
	case <-time.After(20 * time.Second):
		d.t.Fatalf("nobody told the desk: %v", request)
	}
	return d.post("/oauth/token", url.Values{"grant_type": {"urn:openid:params:grant-type:ciba"}, "auth_req_id": {id}})
}

// A call desk asks Anna on her phone. It can, because she signed in there before; the app says that no
// browser asks, and wants the number that the desk told her. The desk is told when she answered.
func TestACallDeskAsksOnThePhone(t *testing.T) {
	sys := startSystem(t)
	d := newCallDesk(t, sys)
	p := newAppPhone(t, sys, "call-desk")
	s := ofOnePhone(sys, p, anna("calldesk"))
	if got := d.asks(s.who.email, "42"); got["error"] != "unknown_user_id" {
		t.Fatalf("before she uses the desk: %v", got)
	}
	s.v.open(sys.idp.url + "/authorize?" + url.Values{
		"client_id": {"call-desk"}, "response_type": {"code"}, "redirect_uri": {d.base + "/callback"}, "scope": {"openid email"}, "state": {"s"}, "nonce": {"n"},
		"code_challenge": {challengeOf("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz")}, "code_challenge_method": {"S256"},
	}.Encode())
	s.v.sees("The desk knows you now")

	request := d.asks(s.who.email, "42")
	p.b.sees("This service asks you on your phone")
	p.b.sees("Number from the service")
	p.look("asked")
	p.approve("42", s.who.pin)
	p.b.sees("Approved")
	tokens := d.hears(request)
	var told idClaims
	if err := readClaims(fmt.Sprint(tokens["id_token"]), &told); err != nil || told.ACR != "https://eulogin.example/loa/medium" || tokens["access_token"] == nil {
		t.Fatalf("%v %v", tokens, err)
	}
	s.v.open(sys.idp.url + "/account/sessions")
	s.v.sees("EU Login Mobile App")

	request = d.asks(s.who.email, "77")
	p.b.sees("This service asks you on your phone")
	p.b.tap("Deny")
	if got := d.hears(request); got["error"] != "access_denied" {
		t.Errorf("after she denied: %v", got)
	}
}
