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

// line gives the keys of one algorithm, oldest first.
func line(all []Sealed, alg jose.SignatureAlgorithm) (out []Sealed) {
	for _, k := range all {
		if k.Algorithm == alg {
			out = append(out, k)
		}
	}
	return out
}

// due says whether a line needs a next key, and from when that signs: at once where there is none
// to sign with.
func due(have []Sealed, now time.Time) (from time.Time, ok bool) {
	if len(have) == 0 {
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

// over says that not even a hint is read with a key any more.
func over(k Sealed, now time.Time) bool { return now.After(k.ActiveFrom.Add(Active + Kept)) }

// present is the place of the key that signs in a line: the newest whose time has come. The very
// first key signs at once, also where a replica's clock is behind that of the one that made it.
func present(have []Sealed, now time.Time) int {
	for i := len(have) - 1; i > 0; i-- {
		if !now.Before(have[i].ActiveFrom) {
			return i
		}
	}
	return 0
}

// public says whether the key at a place of a line is published: all are but those that were
// succeeded more than After ago.
func public(have []Sealed, i int, now time.Time) bool {
	return i == len(have)-1 || now.Before(have[i+1].ActiveFrom.Add(After))
}
