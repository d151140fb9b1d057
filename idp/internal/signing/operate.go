package signing

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/proto/kit/fault"
)

// ErrNoKey says that there is no such key, or none of such an algorithm.
var ErrNoKey = fault.New(fault.NotFound, "signing.no_such_key")

// Rotate makes the next key of an algorithm now, a day before it signs. Where one waits already, that
// one is given and made is false.
func (r *Ring) Rotate(ctx context.Context, alg jose.SignatureAlgorithm) (next Key, made bool, err error) {
	r.one.Lock()
	defer r.one.Unlock()
	for err = ErrGeneration; errors.Is(err, ErrGeneration); {
		var all []Key
		if all, err = r.Store.Keys(ctx); err != nil {
			return next, false, err
		}
		have, now := line(all, alg), r.Now()
		i := present(have, now)
		if i < 0 {
			return next, false, ErrNoKey
		}
		if i < len(have)-1 {
			return have[len(have)-1], false, nil
		}
		next, err = r.add(ctx, Key{Generation: after(all), Algorithm: alg, ActiveFrom: now.Add(Ahead)})
	}
	if err != nil {
		return next, false, err
	}
	return next, true, r.refresh(ctx)
}

// Withdraw ends all trust in keys at once: they leave the key set, sign nothing more, and tokens that
// they signed are no hints. what is an algorithm (all its keys), a kid (with the present key goes the
// one that was to follow it), or "" for every key there is. A new key of each algorithm that lost
// its own signs at once; other processes follow at their next refresh. What lies elsewhere than in the store
// is there until Destroy.
func (r *Ring) Withdraw(ctx context.Context, what string) (gone []Key, err error) {
	r.one.Lock()
	defer r.one.Unlock()
	all, err := r.Store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	at := r.Now()
	if gone = chosen(all, what, at); len(gone) == 0 {
		return nil, ErrNoKey
	}
	var kids []string
	var events []audit.Event
	for _, k := range gone {
		kids, events = append(kids, k.KID), append(events, audit.SigningKeyWithdrawn(k.KID, string(k.Algorithm)))
	}
	if err := r.Store.WithdrawKeys(ctx, at, kids, events); err != nil {
		return nil, err
	}
	return gone, r.refresh(ctx)
}

// Destroy ends what keepers have of withdrawn keys. Processes that have not followed yet cannot sign
// with them any more, and fail: give them the time of a refresh first.
func (r *Ring) Destroy(gone []Key) (err error) {
	for _, k := range gone {
		err = errors.Join(err, r.drop(k))
	}
	return err
}

// chosen gives the keys that Withdraw means.
func chosen(all []Key, what string, now time.Time) (out []Key) {
	for _, k := range all {
		have := line(all, k.Algorithm)
		i := present(have, now)
		follows := i >= 0 && have[i].KID == what && slices.ContainsFunc(have[i+1:], func(n Key) bool { return n.KID == k.KID })
		if !k.withdrawn() && (what == "" || what == k.KID || what == string(k.Algorithm) || follows) {
			out = append(out, k)
		}
	}
	return out
}

// States of a key.
const (
	Next      = "next"       // published, and signs from its time on
	Signing   = "signing"    // published
	Published = "published"  // succeeded, and still trusted
	HintsOnly = "hints only" // succeeded, and trusted by nobody but us
	Withdrawn = "withdrawn"  // trusted by nobody
)

// Entry is a key with its state, and how long that lasts.
type Entry struct {
	Key
	State string
	Until time.Time
}

// List says of all keys what they are at a moment.
func List(all []Key, now time.Time) (out []Entry) {
	for _, k := range all {
		e := Entry{Key: k, State: Withdrawn, Until: k.end()}
		if !k.withdrawn() {
			have := line(all, k.Algorithm)
			e.State, e.Until = stateOf(have, slices.IndexFunc(have, func(h Key) bool { return h.KID == k.KID }), now)
		}
		out = append(out, e)
	}
	return out
}

func stateOf(have []Key, i int, now time.Time) (string, time.Time) {
	at := present(have, now)
	switch {
	case i > at:
		return Next, have[i].ActiveFrom
	case i == at && i < len(have)-1:
		return Signing, have[i+1].ActiveFrom
	case i == at:
		return Signing, have[i].ActiveFrom.Add(Active)
	case public(have, i, now):
		return Published, have[i+1].ActiveFrom.Add(After)
	}
	return HintsOnly, have[i].end()
}
