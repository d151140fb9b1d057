package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	"eulogin.example/proto/kit/server"
)

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

// TestRequestsUnderWayEnd: while draining, the port still answers and is not ready; then what
// is under way is finished and nothing new is taken.
func TestRequestsUnderWayEnd(t *testing.T) {
	g := &server.Group{Log: quiet, Drain: 150 * time.Millisecond}
	begun, finish := make(chan bool, 1), make(chan bool)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /slow", func(w http.ResponseWriter, _ *http.Request) {
		begun <- true
		<-finish
		_, _ = io.WriteString(w, "whole")
	})
	mux.HandleFunc("GET /quick", func(http.ResponseWriter, *http.Request) {})
	addr := freeAddr(t)
	must(t, g.AddHTTP("pages", addr, mux))
	must(t, g.AddGRPC("calls", freeAddr(t), grpc.NewServer()))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	body := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + addr + "/slow")
		if err != nil {
			body <- err.Error()
			return
		}
		raw, _ := io.ReadAll(resp.Body)
		body <- string(raw)
	}()
	<-begun
	cancel()
	for !g.Stopping() {
		time.Sleep(time.Millisecond)
	}
	if resp, err := http.Get("http://" + addr + "/quick"); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("a request during the drain: %v", err)
	}
	time.Sleep(250 * time.Millisecond)
	if c, err := net.Dial("tcp", addr); err == nil {
		_ = c.Close()
		t.Error("the port is open after the drain")
	}
	close(finish)
	if got := <-body; got != "whole" {
		t.Errorf("the request under way got %q", got)
	}
	must(t, <-done)
}

func TestAPartThatDoesNotStopIsNamed(t *testing.T) {
	g := &server.Group{Log: quiet, Patience: 50 * time.Millisecond}
	g.Add("stuck", func(context.Context) error { select {} })
	g.Add("good", func(ctx context.Context) error { <-ctx.Done(); return nil })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Run(ctx); err == nil || err.Error() != "did not stop: stuck" {
		t.Fatal(err)
	}
}

func TestAPortThatIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = l.Close() }()
	g := &server.Group{Log: quiet}
	err1 := g.AddHTTP("pages", l.Addr().String(), http.NotFoundHandler())
	err2 := g.AddGRPC("calls", l.Addr().String(), grpc.NewServer())
	if err1 == nil || err2 == nil || !strings.HasPrefix(err1.Error(), "pages: ") {
		t.Fatal(err1, err2)
	}
}

func TestTwoPartsOfOneName(t *testing.T) {
	g := &server.Group{Log: quiet}
	for range 2 {
		g.Add("same", func(ctx context.Context) error { <-ctx.Done(); return nil })
	}
	if err := g.Run(t.Context()); err == nil {
		t.Fatal("accepted")
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
