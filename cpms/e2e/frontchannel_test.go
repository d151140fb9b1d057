package e2e

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// frontService is a service whose sessions are ended by a page of its own in a frame (Front-Channel
// Logout 1.0). It keeps who is signed in by sid.
type frontService struct {
	t    *testing.T
	sys  *system
	base string
	wait time.Duration // how long its page takes

	mu    sync.Mutex
	token string // ID token of the last sign-in
	open  map[string]bool
}

const frontVerifier = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"

func newFrontService(t *testing.T, sys *system) *frontService {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &frontService{t: t, sys: sys, base: local("http", l.Addr().(*net.TCPAddr).Port), open: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", s.login)
	mux.HandleFunc("GET /callback", s.callback)
	mux.HandleFunc("GET /out", s.out)
	mux.HandleFunc("GET /bye", func(w http.ResponseWriter, r *http.Request) { says(w, "goodbye "+r.FormValue("state")) })
	mux.HandleFunc("GET /leave", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, s.leaving(), http.StatusSeeOther) })
	mux.HandleFunc("GET /{$}", s.home)
	srv := &http.Server{Handler: mux}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	sys.adds(map[string]any{
		"client_id": "front", "client_name": "Service with a page", "redirect_uris": []string{s.base + "/callback"}, "post_logout_redirect_uris": []string{s.base + "/bye"},
		"frontchannel_logout_uri": s.base + "/out", "frontchannel_logout_session_required": true,
		"grant_types": []string{"authorization_code"}, "response_types": []string{"code"}, "token_endpoint_auth_method": "none", "scope": "openid",
	})
	return s
}

func says(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>Service</title><h1>` + text + `</h1>`))
}

func (s *frontService) login(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, s.sys.idp.url+"/authorize?"+url.Values{
		"client_id": {"front"}, "response_type": {"code"}, "redirect_uri": {s.base + "/callback"}, "scope": {"openid"}, "state": {"s"}, "nonce": {"n"},
		"code_challenge": {challengeOf(frontVerifier)}, "code_challenge_method": {"S256"},
	}.Encode(), http.StatusSeeOther)
}

func (s *frontService) callback(w http.ResponseWriter, r *http.Request) {
	token, claims := s.redeemed(r.FormValue("code"))
	s.mu.Lock()
	s.token, s.open[claims.SID] = token, true
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "front", Value: claims.SID, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// redeemed exchanges a code.
func (s *frontService) redeemed(code string) (token string, claims idClaims) {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {s.base + "/callback"}, "client_id": {"front"}, "code_verifier": {frontVerifier}}
	resp, err := http.PostForm(s.sys.idp.url+"/oauth/token", form)
	if err != nil {
		s.t.Error(err)
		return "", claims
	}
	defer func() { _ = resp.Body.Close() }()
	var all struct {
		IDToken string `json:"id_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil {
		s.t.Error(err)
	}
	if err := readClaims(all.IDToken, &claims); err != nil {
		s.t.Error(err)
	}
	return all.IDToken, claims
}

// out is the page in the frame.
func (s *frontService) out(w http.ResponseWriter, r *http.Request) {
	time.Sleep(s.wait)
	q := r.URL.Query()
	c, err := r.Cookie("front")
	if q.Get("iss") != s.sys.idp.url || err != nil || c.Value != q.Get("sid") {
		s.t.Errorf("a frame without its session: %s %v", r.URL, err)
	}
	s.mu.Lock()
	delete(s.open, q.Get("sid"))
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "front", Path: "/", MaxAge: -1})
	w.Header().Set("Cache-Control", "no-store")
	says(w, "out")
}

func (s *frontService) home(w http.ResponseWriter, r *http.Request) {
	c, err := r.Cookie("front")
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && s.open[c.Value] {
		says(w, "somebody is signed in")
		return
	}
	says(w, "nobody is signed in")
}

// leaving is the address by which the service asks for the sign-out.
func (s *frontService) leaving() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sys.idp.url + "/end_session?" + url.Values{"id_token_hint": {s.token}, "post_logout_redirect_uri": {s.base + "/bye"}, "state": {"x7"}}.Encode()
}

// A service that is told by the browser alone forgets the person, wherever the sign-out began; the
// browser goes on when the frame has loaded, or after three seconds, or by a link.
func TestFrontChannelLogoutInABrowser(t *testing.T) {
	sys := startSystem(t)
	front := newFrontService(t, sys)
	b := newBrowser(t, "frontchannel", true)
	s := &story{t: t, sys: sys, v: b, phone: newSimPhone(t), who: anna("frontchannel")}
	s.createAccount(sys.idp.url + "/register")
	visit := func() {
		t.Helper()
		s.v.open(front.base + "/login")
		s.v.sees("somebody is signed in")
	}
	visit()
	s.v.open(sys.idp.url + "/account")
	s.v.press("Sign out")
	s.v.sees("Your browser is signing you out of these services")
	s.v.sees("Service with a page")
	s.step("signed-out-framed")
	s.v.open(front.base + "/")
	s.v.sees("nobody is signed in")

	again := func(v visitor) {
		t.Helper()
		s.v = v
		s.v.open(front.base + "/login")
		s.signIn("password")
		s.v.sees("somebody is signed in")
	}
	again(b)
	s.v.open(front.base + "/leave")
	s.v.sees("goodbye x7")
	s.v.open(front.base + "/")
	s.v.sees("nobody is signed in")

	again(b)
	front.wait = 30 * time.Second // longer than anybody waits
	began := time.Now()
	s.v.open(front.base + "/leave")
	s.v.sees("goodbye x7")
	if took := time.Since(began); took < 2*time.Second || took > 15*time.Second {
		t.Errorf("a service that does not answer held the person up for %s", took)
	}
	front.wait = 0

	again(newBrowser(t, "frontchannel-nojs", false))
	s.v.open(front.base + "/leave")
	s.v.sees("You are being sent back to the service")
	s.step("going-on")
	s.v.press("Continue")
	s.v.sees("goodbye x7")
	s.v.open(front.base + "/")
	if !strings.Contains(s.v.text("h1"), "nobody") {
		t.Error("without scripts the service was not told")
	}
}
