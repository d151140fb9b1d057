package signing

import (
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/seal"
	"eulogin.example/proto/kit/fault"
)

// The schedule of a key: published a day before it signs, signed with for a month, published
// a day longer (no ID token lives that long), and then kept for hints alone: an id_token_hint
// at sign-out is understood for three months, while nobody else trusts the key any more.
const (
	Ahead  = 24 * time.Hour
	Active = 30 * 24 * time.Hour
	After  = 24 * time.Hour
	Kept   = 90 * 24 * time.Hour
)

// Sealed is a key as stores keep it.
type Sealed struct {
	Generation int64 // 1, 2, …; unique, so that of two replicas one makes the next key
	KID        string
	Private    []byte // AES-256-GCM, bound to KID
	ActiveFrom time.Time
}

// ErrGeneration says that another replica made this generation.
var ErrGeneration = fault.New(fault.Conflict, "signing.generation_exists")

// Store keeps sealed keys.
type Store interface {
	Keys(ctx context.Context) ([]Sealed, error)
	AddKey(ctx context.Context, at time.Time, k Sealed) error // ErrGeneration
	// DropKeys forgets the keys that became active before a moment.
	DropKeys(ctx context.Context, before time.Time) error
}

// Ring is the living set of keys.
type Ring struct {
	store  Store
	box    *seal.Box
	now    func() time.Time
	random io.Reader
	state  atomic.Pointer[state]
}

type key struct {
	Sealed
	private *ecdsa.PrivateKey
	signer  map[string]jose.Signer // by typ
}

type state struct {
	keys []key // oldest first
	jwks []byte
}

// New makes a ring with a key-encryption key of 32 bytes, and the first key when there is
// none.
func New(ctx context.Context, store Store, kek []byte, now func() time.Time, random io.Reader) (*Ring, error) {
	box, err := seal.New(kek)
	if err != nil {
		return nil, err
	}
	r := &Ring{store: store, box: box, now: now, random: random}
	return r, r.Refresh(ctx)
}

// Refresh reads the keys again, makes the next one when it is time, and publishes. Run it
// every minute; replicas agree within that time, and a next key is published a day ahead.
func (r *Ring) Refresh(ctx context.Context) error {
	sealed, err := r.store.Keys(ctx)
	if err != nil {
		return err
	}
	if next, ok := due(sealed, r.now()); ok {
		k, err := r.make(next)
		if err != nil {
			return err
		}
		if err := r.store.AddKey(ctx, r.now(), k); err != nil && !errors.Is(err, ErrGeneration) {
			return err
		}
		if sealed, err = r.store.Keys(ctx); err != nil {
			return err
		}
	}
	if len(sealed) > 0 && r.over(sealed[0]) {
		if err := r.store.DropKeys(ctx, r.now().Add(-Active-Kept)); err != nil {
			return err
		}
	}
	return r.publish(sealed)
}

// over says that not even a hint is read with a key any more.
func (r *Ring) over(k Sealed) bool { return r.now().After(k.ActiveFrom.Add(Active + Kept)) }

// due says whether a next key is to be made, and from when it signs. It is pure.
func due(have []Sealed, now time.Time) (Sealed, bool) {
	if len(have) == 0 {
		return Sealed{Generation: 1, ActiveFrom: now}, true
	}
	last := have[len(have)-1]
	if now.Before(last.ActiveFrom.Add(Active - Ahead)) {
		return Sealed{}, false
	}
	from := last.ActiveFrom.Add(Active)
	if from.Before(now.Add(Ahead)) {
		from = now.Add(Ahead)
	}
	return Sealed{Generation: last.Generation + 1, ActiveFrom: from}, true
}

// publish opens the keys and makes the set that others see: all but those that were succeeded
// more than After ago.
func (r *Ring) publish(sealed []Sealed) error {
	s := &state{}
	var set jose.JSONWebKeySet
	for i, k := range sealed {
		if r.over(k) {
			continue
		}
		private, err := r.open(k)
		if err != nil {
			return err
		}
		living := key{Sealed: k, private: private, signer: map[string]jose.Signer{}}
		if err := living.prepare(); err != nil {
			return err
		}
		s.keys = append(s.keys, living)
		if i == len(sealed)-1 || r.now().Before(sealed[i+1].ActiveFrom.Add(After)) {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: private.Public(), KeyID: k.KID, Algorithm: string(jose.ES256), Use: "sig"})
		}
	}
	raw, err := json.Marshal(set)
	if err != nil {
		return err
	}
	s.jwks = raw
	r.state.Store(s)
	return nil
}

// JWKS gives the published key set.
func (r *Ring) JWKS() []byte { return r.state.Load().jwks }
