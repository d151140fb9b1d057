package clientkeys

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/outward"
)

// house is a client's address, and a clock that the test turns.
type house struct {
	*Keys
	t      *testing.T
	at     atomic.Int64
	asked  atomic.Int64
	answer atomic.Pointer[func(w http.ResponseWriter)]
	server *httptest.Server
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t}
	h.at.Store(time.Now().UnixMicro())
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h.asked.Add(1)
		(*h.answer.Load())(w)
	}))
	t.Cleanup(h.server.Close)
	h.Keys = New(outward.Internet(time.Second, true), func() time.Time { return time.UnixMicro(h.at.Load()) }, slog.New(slog.DiscardHandler))
	return h
}

func (h *house) pass(d time.Duration) { h.at.Add(d.Microseconds()) }

func (h *house) says(answer func(w http.ResponseWriter)) { h.answer.Store(&answer) }

// publishes lets the address give keys of these ids.
func (h *house) publishes(kids ...string) {
	h.t.Helper()
	set := jose.JSONWebKeySet{}
	for _, kid := range kids {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			h.t.Fatal(err)
		}
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: kid, Algorithm: "ES256", Use: "sig"})
	}
	raw, err := json.Marshal(set)
	if err != nil {
		h.t.Fatal(err)
	}
	h.says(func(w http.ResponseWriter) { _, _ = w.Write(raw) })
}

// party is the client as a registry gives it: another copy with each reading of its metadata.
func (h *house) party() *client.Client {
	return &client.Client{ID: "rp", Authentication: client.Authentication{AuthMethod: client.PrivateKeyJWT}, RemoteKeys: client.RemoteKeys{JWKSURI: h.server.URL + "/keys"}}
}

// has reports whether the client has a key now, and checks how often its address was asked until now.
func (h *house) has(c *client.Client, kid string, asked int64) bool {
	h.t.Helper()
	_, has := h.Of(h.t.Context(), c, kid).Key(kid)
	if got := h.asked.Load(); got != asked {
		h.t.Errorf("the address was asked %d times, not %d", got, asked)
	}
	return has
}

// A client changes its keys at its address: the new one is found at once, the former one ends with the
// next reading.
func TestKeysAtAnAddress(t *testing.T) {
	h := newHouse(t)
	h.publishes("k1")
	c := h.party()
	for _, kid := range []string{"k1", "k1", ""} {
		if !h.has(c, kid, 1) {
			t.Fatal("a key that stands there is not found")
		}
	}
	if !h.has(h.party(), "k1", 1) {
		t.Error("reading the metadata again forgot the keys")
	}
	h.pass(Cooldown)
	h.publishes("k2")
	if !h.has(c, "k2", 2) || h.has(c, "k1", 2) {
		t.Error("a new key is not found, or the former one stays")
	}
	h.publishes("k3")
	h.pass(Fresh)
	if h.has(c, "k2", 3) {
		t.Error("a key that was taken away is good after its time")
	}
	other := h.party()
	other.JWKSURI = h.server.URL + "/elsewhere"
	if !h.has(other, "k3", 4) {
		t.Error("another address was not read")
	}
}

// Security case 44: whoever names keys that do not exist, however often and at once, has the address
// asked once in the time of the cooldown.
func TestUnknownKeysAskOnce(t *testing.T) {
	h := newHouse(t)
	h.publishes("k1")
	c := h.party()
	h.has(c, "k1", 1)
	h.pass(Cooldown)
	var wait sync.WaitGroup
	for i := range 100 {
		wait.Go(func() { h.Of(t.Context(), c, strings.Repeat("x", i+1)) })
	}
	wait.Wait()
	if h.has(c, "nobody's", 2) {
		t.Error("a key that nobody has was found")
	}
	h.pass(Cooldown - time.Second)
	h.has(c, "nobody's", 2)
	h.pass(time.Second)
	h.has(c, "nobody's", 3)
}

// The first who comes may go away: those who wait for the same keys get them.
func TestNobodyIsFailedByAnother(t *testing.T) {
	h := newHouse(t)
	began, on := make(chan struct{}), make(chan struct{})
	h.publishes("k1")
	publish := *h.answer.Load()
	h.says(func(w http.ResponseWriter) { close(began); <-on; publish(w) })
	c := h.party()
	ctx, leave := context.WithCancel(t.Context())
	first, second := make(chan bool), make(chan bool)
	find := func(ctx context.Context, found chan bool) { _, has := h.Of(ctx, c, "k1").Key("k1"); found <- has }
	go find(ctx, first)
	<-began
	go find(t.Context(), second)
	leave()
	if <-first {
		t.Error("found before it was there")
	}
	close(on)
	if !<-second {
		t.Error("failed by another who went away")
	}
}

// The last good keys outlive an outage of the address for a day, and no longer.
func TestTheLastGoodKeysAreKept(t *testing.T) {
	h := newHouse(t)
	h.publishes("k1")
	c := h.party()
	h.has(c, "k1", 1)
	for name, answer := range map[string]func(w http.ResponseWriter){
		"an error":      func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"a redirection": func(w http.ResponseWriter) { w.Header().Set("Location", h.server.URL); w.WriteHeader(http.StatusFound) },
		"no JSON":       func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) },
		"no keys":       func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"keys":[]}`)) },
		"too much":      func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"keys":[` + strings.Repeat(" ", limit) + `]}`)) },
		"a private key": func(w http.ResponseWriter) { _, _ = w.Write([]byte(private)) },
		"a shared key":  func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"keys":[{"kty":"oct","k":"AAAA","kid":"k1"}]}`)) },
		"another's kind": func(w http.ResponseWriter) {
			_, _ = w.Write([]byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"k1"}]}`))
		},
	} {
		h.says(answer)
		h.pass(Fresh)
		if !h.has(c, "k1", h.asked.Load()+1) {
			t.Errorf("%s took good keys away", name)
		}
	}
	h.pass(Kept)
	if h.has(c, "k1", h.asked.Load()+1) {
		t.Error("keys are good for ever while their address is down")
	}
}

// private is the key of RFC 7517, appendix A.2.
const private = `{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","d":"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"}]}`

// One odd key does not spoil the others.
func TestOneOddKeyAmongGoodOnes(t *testing.T) {
	h := newHouse(t)
	h.publishes("k1")
	publish := *h.answer.Load()
	h.says(func(w http.ResponseWriter) {
		rec := httptest.NewRecorder()
		publish(rec)
		_, _ = w.Write([]byte(strings.Replace(rec.Body.String(), `"keys":[`, `"keys":[{"kty":"of the future"},7,{"kty":"oct","k":"AAAA","kid":"k2"},`, 1)))
	})
	if c := h.party(); !h.has(c, "k1", 1) || h.has(c, "k2", 1) {
		t.Error("an odd key took a good one away, or counts")
	}
}

// Security case 39: outside development no address of this machine or of a private network is asked,
// whatever its name says.
func TestKeysOfNoAddressInside(t *testing.T) {
	h := newHouse(t)
	h.publishes("k1")
	h.Keys = New(outward.Internet(time.Second, false), h.now, slog.New(slog.DiscardHandler))
	for _, address := range []string{h.server.URL, strings.Replace(h.server.URL, "127.0.0.1", "localhost", 1), "http://169.254.169.254/keys", "http://[::1]:80/keys"} {
		c := h.party()
		c.ID, c.JWKSURI = address, address
		if h.has(c, "k1", 0) {
			t.Errorf("%s", address)
		}
	}
}
