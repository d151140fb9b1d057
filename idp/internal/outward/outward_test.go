package outward_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/outward"
)

// Security case 39: who is called can neither hold us up, nor fill our memory, nor send us elsewhere.
func TestWhatAnswersCannotDo(t *testing.T) {
	elsewhere := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer other.Close()
	over := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/silent", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-over:
		}
	})
	mux.HandleFunc("/trickle", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, "x")
			w.(http.Flusher).Flush()
			time.Sleep(20 * time.Millisecond)
		}
	})
	mux.HandleFunc("/header", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 100<<10)) })
	mux.Handle("/redirect", http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	srv := httptest.NewServer(mux)
	defer srv.Close()
	defer close(over)
	c := outward.Client(300*time.Millisecond, func(netip.Addr) bool { return true })
	for path, wants := range map[string]bool{"/silent": false, "/trickle": false, "/header": false, "/redirect": true} {
		began := time.Now()
		resp, err := c.Get(srv.URL + path)
		if err == nil {
			_, err = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
		}
		if (err == nil) != wants || time.Since(began) > 3*time.Second {
			t.Errorf("%s: %v after %s", path, err, time.Since(began))
		}
	}
	if elsewhere != 0 {
		t.Error("a redirection was followed")
	}
}
