package signing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/proto/kit/fault"
)

// Key is a key as stores keep it.
type Key struct {
	Generation  int64 // 1, 2, …; unique, so that of two replicas one makes the next key
	Algorithm   jose.SignatureAlgorithm
	KID         string
	Keeper      string // who opens it
	Kept        []byte // what the keeper needs for that; empty once the key is withdrawn
	ActiveFrom  time.Time
	WithdrawnAt time.Time // zero: it is trusted
}

// ErrGeneration says that another replica made this generation.
var ErrGeneration = fault.New(fault.Conflict, "signing.generation_exists")

// Store keeps keys.
type Store interface {
	// Keys gives all keys, oldest generation first.
	Keys(ctx context.Context) ([]Key, error)
	AddKey(ctx context.Context, at time.Time, k Key, e audit.Event) error // ErrGeneration
	// WithdrawKeys withdraws keys and forgets what is kept of them; those that were before stay so.
	WithdrawKeys(ctx context.Context, at time.Time, kids []string, events []audit.Event) error
	// DropKeys forgets the keys that became active before a moment.
	DropKeys(ctx context.Context, before time.Time) error
}

// Config is what a ring is made of.
type Config struct {
	Store  Store
	KEK    []byte                           // key-encryption key of 32 bytes
	Token  Keeper                           // makes the keys; nil: they are sealed and lie in the store
	Needed func() []jose.SignatureAlgorithm // those of the registered clients; nil: none but Usual
	Now    func() time.Time
	Random io.Reader
}

// Ring is the living set of keys.
type Ring struct {
	Config
	keepers map[string]Keeper
	makes   string     // the keeper of new keys
	one     sync.Mutex // changes one after the other
	state   atomic.Pointer[state]
}

// New makes a ring, and the first key of each algorithm that is needed and has none. It succeeds where
// Usual has a key: that of another algorithm may fail. Where there are keys that do not open, the ring
// is given with the error: Withdraw mends it.
func New(ctx context.Context, c Config) (*Ring, error) {
	box, err := seal.New(c.KEK)
	if err != nil {
		return nil, err
	}
	r := &Ring{Config: c, keepers: map[string]Keeper{InStore: sealed{box, c.Random}}, makes: InStore}
	if c.Token != nil {
		r.keepers[InToken], r.makes = c.Token, InToken
	}
	err = r.Refresh(ctx)
	if err != nil && r.state.Load() != nil && r.Ready(Usual) == nil {
		err = nil // an algorithm of single clients, which the next refresh tells of again
	}
	return r, err
}

// Can reports whether keys of an algorithm can be made.
func (r *Ring) Can(alg jose.SignatureAlgorithm) bool { return r.keepers[r.makes].Can(alg) }

// Refresh reads the keys again, makes those whose time has come, and publishes. Run it every
// quarter of a minute: it takes seconds where RSA keys are made, and until then tokens of a new
// algorithm are not ready (see Prepare). Replicas agree after their next refresh, and a
// next key is published a day ahead.
func (r *Ring) Refresh(ctx context.Context) error {
	r.one.Lock()
	defer r.one.Unlock()
	return r.refresh(ctx)
}

func (r *Ring) refresh(ctx context.Context) error {
	all, err := r.Store.Keys(ctx)
	if err != nil {
		return err
	}
	failed := map[jose.SignatureAlgorithm]error{} // one does not hold up the others
	for next, ok := r.due(all, failed); ok; next, ok = r.due(all, failed) {
		if _, err := r.add(ctx, next); err != nil && !errors.Is(err, ErrGeneration) {
			failed[next.Algorithm] = err
			continue
		}
		if all, err = r.Store.Keys(ctx); err != nil {
			return err
		}
	}
	all, err = r.forget(ctx, all)
	for _, one := range failed {
		err = errors.Join(err, one)
	}
	return errors.Join(err, r.publish(all))
}

// due gives the next key that is to be made: of the first algorithm that lacks one and that somebody
// needs, or that lost its key. Those that failed are passed over.
func (r *Ring) due(all []Key, failed map[jose.SignatureAlgorithm]error) (Key, bool) {
	needed := r.needed()
	for _, k := range all {
		if k.withdrawn() {
			needed = append(needed, k.Algorithm)
		}
	}
	for _, alg := range needed {
		if from, ok := due(line(all, alg), r.Now()); ok && failed[alg] == nil {
			return Key{Generation: after(all), Algorithm: alg, ActiveFrom: from}, true
		}
	}
	return Key{}, false
}

// needed are the algorithms of the registered clients, and Usual.
func (r *Ring) needed() []jose.SignatureAlgorithm {
	out := []jose.SignatureAlgorithm{Usual}
	if r.Needed != nil {
		out = append(out, r.Needed()...)
	}
	return out
}

// after is the generation that follows.
func after(all []Key) int64 {
	if len(all) == 0 {
		return 1
	}
	return all[len(all)-1].Generation + 1
}

// add makes a key and keeps it; ErrGeneration where another replica was faster.
func (r *Ring) add(ctx context.Context, k Key) (Key, error) {
	if !r.Can(k.Algorithm) {
		return k, fmt.Errorf("signing: no key of %q can be made in %s", k.Algorithm, r.makes)
	}
	k.KID, k.Keeper = ident.NewID(r.Random), r.makes
	var err error
	if k.Kept, err = r.keepers[k.Keeper].Make(k.Algorithm, k.KID); err != nil {
		return k, err
	}
	err = r.Store.AddKey(ctx, r.Now(), k, audit.SigningKeyMade(k.KID, string(k.Algorithm), k.ActiveFrom))
	if err != nil {
		err = errors.Join(err, r.keepers[k.Keeper].Drop(k.KID))
	}
	return k, err
}

// forget drops the keys with which not even a hint is read any more, and gives the others.
func (r *Ring) forget(ctx context.Context, all []Key) (left []Key, err error) {
	now := r.Now()
	for _, k := range all {
		switch {
		case !now.After(k.end()):
			left = append(left, k)
		case !k.withdrawn() || r.keepers[k.Keeper] != nil: // a keeper may have been given up in an emergency
			err = errors.Join(err, r.drop(k))
		}
	}
	if err != nil || len(left) == len(all) {
		return left, err // what cannot be dropped now is dropped another time
	}
	return left, r.Store.DropKeys(ctx, now.Add(-Active-Kept))
}

// drop destroys what a keeper has of a key.
func (r *Ring) drop(k Key) error {
	keeper := r.keepers[k.Keeper]
	if keeper == nil {
		return errKeeper(k)
	}
	return keeper.Drop(k.KID)
}

func errKeeper(k Key) error {
	return fmt.Errorf("signing: the key %s lies in %s, which is not set up here", k.KID, k.Keeper)
}
