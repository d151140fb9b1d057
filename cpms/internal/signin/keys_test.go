package signin

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/proto/kit/fault"
)

// publisher is an idp whose key set the test changes.
type publisher struct {
	keys    []any
	status  int
	fetched atomic.Int64
}

func (i *publisher) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	i.fetched.Add(1)
	w.WriteHeader(i.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": i.keys})
}

func (i *publisher) with(t *testing.T, kids ...string) {
	t.Helper()
	i.keys = []any{map[string]string{"kty": "EC", "kid": "broken", "crv": "P-256", "x": "!"}}
	for _, kid := range kids {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		i.keys = append(i.keys, jose.JSONWebKey{Key: k.Public(), KeyID: kid, Use: "sig", Algorithm: "ES256"})
	}
}

// R6 of the library's relying party: keys that idp withdraws are trusted for minutes only, forged names
// cause no storm of fetches, who gives up fails nobody else, one broken key spoils itself alone, and the
// last good set bridges an outage.
func TestKeysOfTheProvider(t *testing.T) {
	idp := &publisher{status: http.StatusOK}
	idp.with(t, "old")
	srv := httptest.NewServer(idp)
	defer srv.Close()
	now := time.Now()
	s := &keySet{url: func(context.Context) (string, error) { return srv.URL, nil }, http: srv.Client(), now: func() time.Time { return now }}
	has := func(what, kid string, want bool) {
		t.Helper()
		if _, err := s.key(t.Context(), kid); (err == nil) != want {
			t.Errorf("%s: %v", what, err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.key(gone, "old"); err != nil {
		t.Errorf("who gives up: %v", err)
	}
	var wg sync.WaitGroup
	for n := range 20 {
		wg.Go(func() { _, _ = s.key(t.Context(), fmt.Sprint("forged ", n)) })
	}
	wg.Wait()
	if n := idp.fetched.Load(); n != 1 {
		t.Errorf("%d fetches for twenty forged names", n)
	}
	now = now.Add(keysCooldown + time.Second)
	idp.with(t, "old", "new")
	has("a key that is published later", "new", true)
	has("a broken one", "broken", false)
	idp.with(t, "new")
	has("a withdrawn one, within its minutes", "old", true)
	now = now.Add(keysTTL + time.Second)
	has("a withdrawn one, later", "old", false)
	idp.status = http.StatusServiceUnavailable
	now = now.Add(keysTTL + time.Second)
	has("the last good set in an outage", "new", true)
	now = now.Add(keysTTL)
	if _, err := s.key(t.Context(), "new"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("after too long an outage: %v", err)
	}
}
