package signing

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/proto/kit/fault"
)

// Sealed is a key as stores keep it.
type Sealed struct {
	Generation int64 // 1, 2, …; unique, so that of two replicas one makes the next key
	Algorithm  jose.SignatureAlgorithm
	KID        string
	Private    []byte // AES-256-GCM, bound to KID and Algorithm
	ActiveFrom time.Time
}

// ErrGeneration says that another replica made this generation.
var ErrGeneration = fault.New(fault.Conflict, "signing.generation_exists")

// Store keeps sealed keys.
type Store interface {
	// Keys gives all keys, oldest generation first.
	Keys(ctx context.Context) ([]Sealed, error)
	AddKey(ctx context.Context, at time.Time, k Sealed) error // ErrGeneration
	// DropKeys forgets the keys that became active before a moment.
	DropKeys(ctx context.Context, before time.Time) error
}

// Config is what a ring is made of.
type Config struct {
	Store  Store
	KEK    []byte                           // key-encryption key of 32 bytes
	Needed func() []jose.SignatureAlgorithm // those of the registered clients; nil: none but Usual
	Now    func() time.Time
	Random io.Reader
}

// Ring is the living set of keys.
type Ring struct {
	Config
	box   *seal.Box
	one   sync.Mutex // refreshes one after the other
	state atomic.Pointer[state]
}

// New makes a ring, and the first key of each algorithm that is needed and has none.
func New(ctx context.Context, c Config) (*Ring, error) {
	box, err := seal.New(c.KEK)
	if err != nil {
		return nil, err
	}
	r := &Ring{Config: c, box: box}
	return r, r.Refresh(ctx)
}

// Refresh reads the keys again, makes those whose time has come, and publishes. Run it every
// quarter of a minute, and when clients have changed: it takes seconds where RSA keys are made, and
// until then tokens of a new algorithm are not ready. Replicas agree after their next refresh, and a
// next key is published a day ahead.
func (r *Ring) Refresh(ctx context.Context) error {
	r.one.Lock()
	defer r.one.Unlock()
	all, err := r.Store.Keys(ctx)
	if err != nil {
		return err
	}
	for next, ok := r.due(all); ok; next, ok = r.due(all) {
		if err := r.add(ctx, next); err != nil {
			return err
		}
		if all, err = r.Store.Keys(ctx); err != nil {
			return err
		}
	}
	now := r.Now()
	if slices.ContainsFunc(all, func(k Sealed) bool { return over(k, now) }) {
		if err := r.Store.DropKeys(ctx, now.Add(-Active-Kept)); err != nil {
			return err
		}
	}
	return r.publish(all)
}

// due gives the next key that is to be made, of the first algorithm that lacks one.
func (r *Ring) due(all []Sealed) (Sealed, bool) {
	needed := []jose.SignatureAlgorithm{Usual}
	if r.Needed != nil {
		needed = append(needed, r.Needed()...)
	}
	for _, alg := range needed {
		if from, ok := due(line(all, alg), r.Now()); ok {
			return Sealed{Generation: after(all), Algorithm: alg, ActiveFrom: from}, true
		}
	}
	return Sealed{}, false
}

// after is the generation that follows.
func after(all []Sealed) int64 {
	if len(all) == 0 {
		return 1
	}
	return all[len(all)-1].Generation + 1
}

// add makes a key and keeps it; where another replica was faster, that one's stands.
func (r *Ring) add(ctx context.Context, k Sealed) error {
	k.KID = ident.NewID(r.Random)
	var err error
	if k.Private, err = r.make(k); err != nil {
		return err
	}
	if err := r.Store.AddKey(ctx, r.Now(), k); err != nil && !errors.Is(err, ErrGeneration) {
		return err
	}
	return nil
}

// state is what one refresh gave. It does not change.
type state struct {
	lines map[jose.SignatureAlgorithm]*keys
	byKID map[string]*living
	jwks  []byte
	tag   string // of jwks
}

// keys is the line of one algorithm, sealed and opened side by side, oldest first.
type keys struct {
	sealed []Sealed
	living []*living
}

// publish opens the keys and makes the set that others see.
func (r *Ring) publish(all []Sealed) error {
	s := &state{lines: map[jose.SignatureAlgorithm]*keys{}, byKID: map[string]*living{}}
	now := r.Now()
	for _, k := range all {
		if over(k, now) {
			continue
		}
		opened, err := r.opened(k)
		if err != nil {
			return err
		}
		l := s.lines[k.Algorithm]
		if l == nil {
			l = &keys{}
			s.lines[k.Algorithm] = l
		}
		l.sealed, l.living, s.byKID[k.KID] = append(l.sealed, k), append(l.living, opened), opened
	}
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, alg := range slices.Sorted(maps.Keys(s.lines)) {
		l := s.lines[alg]
		for i, k := range l.living {
			if public(l.sealed, i, now) {
				set.Keys = append(set.Keys, k.jwk)
			}
		}
	}
	var err error
	if s.jwks, err = json.Marshal(set); err != nil {
		return err
	}
	s.tag = ident.Digest(string(s.jwks))
	r.state.Store(s)
	return nil
}

// JWKS gives the published key set, with a tag that changes when it does.
func (r *Ring) JWKS() (raw []byte, tag string) {
	s := r.state.Load()
	return s.jwks, s.tag
}
