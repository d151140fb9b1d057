package signin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	keysTTL      = 5 * time.Minute  // a key that idp withdraws is trusted no longer than this
	keysCooldown = 10 * time.Second // a forged kid makes us ask at most this often
	keysLimit    = 64 << 10         // bytes of a key set
)

// keySet holds idp's signing keys. It asks again when they are old or when a token names an
// unknown one, never more often than the cooldown, and keeps the last good set through an
// outage for one more TTL.
type keySet struct {
	url  func(ctx context.Context) (string, error)
	http *http.Client
	now  func() time.Time

	mu     sync.Mutex
	keys   map[string]jose.JSONWebKey
	good   time.Time // when keys were last fetched
	asked  time.Time // when they were last asked for
	broken error
}

// key finds the ES256 key of that id.
func (s *keySet) key(ctx context.Context, kid string) (jose.JSONWebKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, known := s.keys[kid]
	age, since := s.now().Sub(s.good), s.now().Sub(s.asked)
	if (!known || age > keysTTL) && since > keysCooldown {
		s.refresh(ctx)
		k, known = s.keys[kid]
		age = s.now().Sub(s.good)
	}
	switch {
	case known && age <= 2*keysTTL:
		return k, nil
	case s.broken != nil:
		return jose.JSONWebKey{}, ErrProvider.Because(s.broken)
	}
	return jose.JSONWebKey{}, ErrToken.Because(fmt.Errorf("no key %q", kid))
}

// refresh fetches with a context of its own: the caller who gave up must not fail others.
func (s *keySet) refresh(ctx context.Context) {
	s.asked = s.now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	keys, err := s.fetch(ctx)
	s.broken = err
	if err == nil {
		s.keys, s.good = keys, s.now()
	}
}

func (s *keySet) fetch(ctx context.Context) (map[string]jose.JSONWebKey, error) {
	address, err := s.url(ctx)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("keys: %s", resp.Status)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, keysLimit)).Decode(&set); err != nil {
		return nil, err
	}
	return usable(set.Keys), nil
}

// usable keeps the well-formed public ES256 signing keys; one malformed key spoils only
// itself.
func usable(raw []json.RawMessage) map[string]jose.JSONWebKey {
	keys := map[string]jose.JSONWebKey{}
	for _, r := range raw {
		var k jose.JSONWebKey
		if err := k.UnmarshalJSON(r); err != nil || !k.IsPublic() || !k.Valid() {
			continue
		}
		if k.KeyID != "" && (k.Use == "" || k.Use == "sig") && (k.Algorithm == "" || k.Algorithm == string(jose.ES256)) {
			keys[k.KeyID] = k
		}
	}
	return keys
}
