package server_test

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"eulogin.example/proto/kit/server"
)

// TestSlowloris (security case 44): who sends a header, or a body, byte by byte is cut off.
func TestSlowloris(t *testing.T) {
	read := func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }
	srv := server.NewHTTP(http.HandlerFunc(read), quiet)
	if srv.ReadHeaderTimeout <= 0 || srv.ReadTimeout <= 0 || srv.WriteTimeout <= 0 || srv.IdleTimeout <= 0 {
		t.Fatal("a timeout is missing")
	}
	srv.ReadHeaderTimeout, srv.ReadTimeout = 100*time.Millisecond, 200*time.Millisecond
	addr := serve(t, srv)
	for name, beginning := range map[string]string{
		"header": "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		"body":   "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n",
	} {
		c, err := net.Dial("tcp", addr)
		must(t, err)
		_, _ = io.WriteString(c, beginning)
		stop := make(chan bool)
		go func() { // a byte now and then keeps the connection alive, and the limit holds all the same
			for {
				select {
				case <-stop:
					return
				case <-time.After(20 * time.Millisecond):
					_, _ = c.Write([]byte("a"))
				}
			}
		}()
		begun := time.Now()
		_ = c.SetReadDeadline(begun.Add(5 * time.Second))
		_, _ = io.ReadAll(c) // until the server hangs up
		if open := time.Since(begun); open > 3*time.Second {
			t.Errorf("%s: the connection stayed open for %v", name, open)
		}
		close(stop)
		_ = c.Close()
	}
}

// TestAPanicEndsTheConnectionAndIsLogged: no answer that looks whole, no address in the log.
func TestAPanicEndsTheConnectionAndIsLogged(t *testing.T) {
	var out locked
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/quiet" {
			panic(http.ErrAbortHandler)
		}
		panic("no such index")
	})
	addr := serve(t, server.NewHTTP(h, slog.New(slog.NewTextHandler(&out, nil))))
	for _, path := range []string{"/quiet", "/password/new/very-secret-ticket"} {
		if line := out.String(); line != "" {
			t.Fatalf("an abort was logged: %s", line)
		}
		if resp, err := http.Get("http://" + addr + path); err == nil {
			t.Fatalf("%s: answered with %d", path, resp.StatusCode)
		}
	}
	if line := out.String(); !strings.Contains(line, "level=ERROR") || !strings.Contains(line, "no such index") || !strings.Contains(line, "http_test.go") || strings.Contains(line, "very-secret-ticket") {
		t.Fatal(line)
	}
}

// locked is a buffer that a server may write to while a test reads.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func serve(t *testing.T, srv *http.Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return l.Addr().String()
}
