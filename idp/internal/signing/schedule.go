package signing

import (
	"time"

	"github.com/go-jose/go-jose/v4"
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

// withdrawn says that nobody trusts a key any more, not even for hints.
func (k Key) withdrawn() bool { return !k.WithdrawnAt.IsZero() }

// end is when a key is forgotten.
func (k Key) end() time.Time { return k.ActiveFrom.Add(Active + Kept) }

// line gives the keys of one algorithm that signed, sign, or will sign, oldest first: all but those
// that were withdrawn before their time came.
func line(all []Key, alg jose.SignatureAlgorithm) (out []Key) {
	for _, k := range all {
		if k.Algorithm == alg && !(k.withdrawn() && k.WithdrawnAt.Before(k.ActiveFrom)) {
			out = append(out, k)
		}
	}
	return out
}

// due says whether a line needs a next key, and from when that signs: at once where there is none
// to sign with.
func due(have []Key, now time.Time) (from time.Time, ok bool) {
	if len(have) == 0 || have[len(have)-1].withdrawn() {
		return now, true
	}
	last := have[len(have)-1]
	if now.Before(last.ActiveFrom.Add(Active - Ahead)) {
		return time.Time{}, false
	}
	from = last.ActiveFrom.Add(Active)
	if from.Before(now.Add(Ahead)) {
		from = now.Add(Ahead)
	}
	return from, true
}

// present is the place of the key that signs in a line, or -1: the newest whose time has come. The
// first key signs at once, and so does the one after a withdrawn one, also where a replica's clock is
// behind that of the one that made it; a key that was succeeded never signs again.
func present(have []Key, now time.Time) int {
	for i := len(have) - 1; i >= 0 && !have[i].withdrawn(); i-- {
		if !now.Before(have[i].ActiveFrom) || i == 0 || have[i-1].withdrawn() {
			return i
		}
	}
	return -1
}

// public says whether the key at a place of a line is published: all are but those that were
// withdrawn, or succeeded more than After ago.
func public(have []Key, i int, now time.Time) bool {
	return !have[i].withdrawn() && (i == len(have)-1 || now.Before(have[i+1].ActiveFrom.Add(After)))
}
