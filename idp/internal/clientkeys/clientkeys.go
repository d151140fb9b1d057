package clientkeys

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/outward"
)

// How long what was read counts, and how much is read.
const (
	Fresh    = 10 * time.Minute // then it is read again: a key that a client took away ends within this time
	Cooldown = 30 * time.Second // between two readings of one address, whatever anybody asks for
	Kept     = 24 * time.Hour   // the last good keys, while the address does not answer

	timeout = 5 * time.Second
	limit   = 64 << 10 // bytes
)

// Keys holds the keys of all clients that have them at an address. It is safe for concurrent use.
type Keys struct {
	call *http.Client
	now  func() time.Time
	log  *slog.Logger

	mu   sync.Mutex
	sets map[string]*set // by the id of the client
}

// set is what was read for one client.
type set struct {
	of      *client.Client // as registered
	with    *client.Client // the same with its keys; nil: it has none
	raw     []byte         // what was read; nil: nothing yet
	read    time.Time      // when
	tried   time.Time
	reading chan struct{} // is closed when the reading ends that is under way; nil: none is
}

// New makes one that calls by this client (outward.Internet).
func New(call *http.Client, now func() time.Time, log *slog.Logger) *Keys {
	return &Keys{call: call, now: now, log: log, sets: map[string]*set{}}
}

// Of gives a client with the keys that it has now, where one of them is to have this id. A client with
// keys of its own metadata is given as it is; so is one whose keys cannot be had.
func (k *Keys) Of(ctx context.Context, c *client.Client, kid string) *client.Client {
	if c.JWKSURI == "" {
		return c
	}
	return k.wait(ctx, c, func(c *client.Client) bool { _, has := c.Key(kid); return has })
}

// Encrypting gives a client with the keys that it has now, where one of them is to be for encryption by an
// algorithm (client.EncryptionKey).
func (k *Keys) Encrypting(ctx context.Context, c *client.Client, alg jose.KeyAlgorithm) *client.Client {
	if enough := encrypts(alg); !enough(c) && c.JWKSURI != "" {
		return k.wait(ctx, c, enough)
	}
	return c
}

// EncryptingAtOnce is Encrypting without waiting: where nothing is known yet, that is given, and read
// for the next time.
func (k *Keys) EncryptingAtOnce(c *client.Client, alg jose.KeyAlgorithm) *client.Client {
	if enough := encrypts(alg); !enough(c) && c.JWKSURI != "" {
		c, _ = k.look(c, enough)
	}
	return c
}

func encrypts(alg jose.KeyAlgorithm) func(*client.Client) bool {
	return func(c *client.Client) bool { _, has := c.EncryptionKey(alg); return has }
}

// wait gives a client whose keys are to be enough, after a reading where they are not.
func (k *Keys) wait(ctx context.Context, c *client.Client, enough func(*client.Client) bool) *client.Client {
	known, reading := k.look(c, enough)
	if reading == nil {
		return known
	}
	select {
	case <-reading:
		known, _ = k.look(c, enough)
	case <-ctx.Done():
	}
	return known
}

// look gives what is known of a client's keys, and begins a reading where that is not enough.
func (k *Keys) look(c *client.Client, enough func(*client.Client) bool) (known *client.Client, reading chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.sets[c.ID]
	if s == nil || s.of.JWKSURI != c.JWKSURI {
		s = &set{of: c}
		k.sets[c.ID] = s
	}
	now := k.now()
	if now.Sub(s.read) > Kept {
		s.raw, s.with = nil, nil
	}
	if s.of != c { // its other metadata were read again
		s.of, s.with = c, nil
		if s.raw != nil {
			s.with, _ = c.WithKeys(s.raw) // none of the keys suits any more: it is read again
		}
	}
	known, has := c, false
	if s.with != nil {
		known = s.with
		has = enough(known)
	}
	if has && now.Sub(s.read) < Fresh {
		return known, nil
	}
	if s.reading == nil && now.Sub(s.tried) >= Cooldown {
		s.tried, s.reading = now, make(chan struct{})
		go k.renew(s, c) // not in the name of the one who asked: others wait for it too
	}
	return known, s.reading
}

// renew reads a set again. With a failure the former one stays.
func (k *Keys) renew(s *set, c *client.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	raw, err := k.fetch(ctx, c.JWKSURI)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		var with *client.Client
		if with, err = s.of.WithKeys(raw); err == nil {
			s.with, s.raw, s.read = with, raw, k.now()
		}
	}
	if err != nil {
		k.log.WarnContext(ctx, "the keys of a client cannot be read", "client", c.ID, "error", err)
	}
	close(s.reading)
	s.reading = nil
}

func (k *Keys) fetch(ctx context.Context, address string) ([]byte, error) {
	return outward.Get(ctx, k.call, address, "application/jwk-set+json, application/json", limit)
}
