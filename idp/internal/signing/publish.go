package signing

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/ident"
)

// state is what one refresh gave. It does not change.
type state struct {
	lines     map[jose.SignatureAlgorithm]keys
	byKID     map[string]*living
	withdrawn map[string]bool // by kid
	jwks      []byte
	tag       string // of jwks
}

// keys is the line of one algorithm, stored and opened side by side, oldest first. A withdrawn key is
// not opened.
type keys struct {
	stored []Key
	living []*living
}

// publish opens the keys and makes the set that others see. Without one that does not open nothing is begun,
// but what runs goes on with the others: it must hear of withdrawals.
func (r *Ring) publish(all []Key) error {
	s := &state{lines: map[jose.SignatureAlgorithm]keys{}, byKID: map[string]*living{}, withdrawn: map[string]bool{}}
	var failed error
	usable := make([]Key, 0, len(all))
	for _, k := range all {
		if k.withdrawn() {
			s.withdrawn[k.KID] = true
			usable = append(usable, k)
			continue
		}
		opened, err := r.opened(k)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		s.byKID[k.KID], s.lines[k.Algorithm] = opened, keys{}
		usable = append(usable, k)
	}
	if failed != nil && r.state.Load() == nil {
		return failed
	}
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, alg := range slices.Sorted(maps.Keys(s.lines)) {
		l := keys{stored: line(usable, alg)}
		for i, k := range l.stored {
			l.living = append(l.living, s.byKID[k.KID])
			if public(l.stored, i, r.Now()) {
				set.Keys = append(set.Keys, s.byKID[k.KID].jwk)
			}
		}
		s.lines[alg] = l
	}
	var err error
	if s.jwks, err = json.Marshal(set); err != nil {
		return err
	}
	s.tag = ident.Digest(string(s.jwks))
	r.state.Store(s)
	return failed
}

// JWKS gives the published key set, with a tag that changes when it does.
func (r *Ring) JWKS() (raw []byte, tag string) {
	s := r.state.Load()
	return s.jwks, s.tag
}
