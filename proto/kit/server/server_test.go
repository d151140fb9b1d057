package server_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"eulogin.example/proto/kit/server"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func TestClientIP(t *testing.T) {
	ip, err := server.ClientIP([]string{"10.0.0.0/8", "::1/128"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ remote, forwarded, want string }{
		"direct":                      {"192.0.2.7:1234", "", "192.0.2.7"},
		"a stranger's header":         {"192.0.2.7:1234", "203.0.113.1", "192.0.2.7"},
		"one proxy":                   {"10.1.1.1:1", "203.0.113.1", "203.0.113.1"},
		"forged beginning":            {"10.1.1.1:1", "1.1.1.1, 203.0.113.1, 10.2.2.2", "203.0.113.1"},
		"garbage":                     {"10.1.1.1:1", "x, y", "10.1.1.1"},
		"all proxies":                 {"10.1.1.1:1", "10.3.3.3", "10.3.3.3"},
		"IPv4 in IPv6 from the proxy": {"[::1]:1", "::ffff:203.0.113.1", "203.0.113.1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.remote
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := ip(r); got != tt.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if _, err := server.ClientIP([]string{"everyone"}); err == nil {
		t.Error("a broken range was accepted")
	}
}

func FuzzClientIP(f *testing.F) {
	ip, _ := server.ClientIP([]string{"0.0.0.0/0", "::/0"})
	f.Add("203.0.113.1, 10.0.0.1")
	f.Add("fe80::1%eth0\r\n")
	f.Fuzz(func(t *testing.T, forwarded string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["X-Forwarded-For"] = []string{forwarded}
		if _, err := netip.ParseAddr(ip(r)); err != nil {
			t.Fatalf("%q gives %q", forwarded, ip(r))
		}
	})
}

func TestOps(t *testing.T) {
	g := &server.Group{Log: quiet}
	broken := errors.New("password=hunter2")
	var answer error
	h := g.Ops(map[string]server.Check{"database": func(context.Context) error { return answer }}, http.NotFoundHandler())
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w
	}
	if get("/healthz").Code != 200 || get("/readyz").Code != 200 {
		t.Fatal("a sound process is healthy and ready")
	}
	answer = broken
	w := get("/readyz")
	if w.Code != 503 || strings.Contains(w.Body.String(), "hunter2") || get("/healthz").Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body.String())
	}
}

func TestGroupStopsTogetherAndDrains(t *testing.T) {
	g := &server.Group{Log: quiet, Drain: 100 * time.Millisecond}
	ready := g.Ops(nil, http.NotFoundHandler())
	stoppedAt := make(chan time.Time, 1)
	g.Add("worker", func(ctx context.Context) error { <-ctx.Done(); stoppedAt <- time.Now(); return nil })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	time.Sleep(30 * time.Millisecond)
	begun := time.Now()
	cancel()
	time.Sleep(30 * time.Millisecond)
	w := httptest.NewRecorder()
	ready.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	if w.Code != 503 {
		t.Error("still ready while stopping")
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if d := (<-stoppedAt).Sub(begun); d < 90*time.Millisecond {
		t.Errorf("no time to drain: %v", d)
	}
}

func TestOneFailureStopsAll(t *testing.T) {
	g := &server.Group{Log: quiet}
	g.Add("good", func(ctx context.Context) error { <-ctx.Done(); return nil })
	g.Add("bad", func(context.Context) error { return errors.New("broken") })
	if err := g.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "bad: broken") {
		t.Fatal(err)
	}
}

// Security case 44: who sends a header byte by byte is cut off.
func TestSlowloris(t *testing.T) {
	srv := server.NewHTTP(http.NotFoundHandler(), quiet)
	if srv.ReadHeaderTimeout <= 0 || srv.ReadTimeout <= 0 || srv.WriteTimeout <= 0 || srv.IdleTimeout <= 0 {
		t.Fatal("a timeout is missing")
	}
	srv.ReadHeaderTimeout = 100 * time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	defer func() { _ = srv.Close() }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "))
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.ReadAll(c); err != nil {
		t.Fatalf("the connection stayed open: %v", err)
	}
}
