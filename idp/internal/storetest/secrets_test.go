package storetest

import (
	"bytes"
	"crypto/rand"
	"errors"
	"sync"
	"testing"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/pairwise"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

func kek(t *testing.T, fill byte) *seal.Box {
	t.Helper()
	box, err := seal.New(bytes.Repeat([]byte{fill}, 32))
	must(t, err)
	return box
}

// A sub never changes: of a hundred processes that begin at once one draws the secret, all others use it, and so
// does each that begins later. Where it cannot be opened nobody draws another one.
func TestThePairwiseSecretIsDrawnOnce(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		c := &client.Client{RedirectURIs: []string{"https://rp.example/cb"}, Subjects: client.Subjects{SubjectType: client.PairwiseSubjects}}
		open := func() string {
			p, err := pairwise.Open(t.Context(), s, kek(t, 1), moment, rand.Reader)
			if err != nil {
				t.Error(err)
				return ""
			}
			return p.Subject(c, "n00annaaaaa")
		}
		var mu sync.Mutex
		subs := map[string]bool{}
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				sub := open()
				mu.Lock()
				defer mu.Unlock()
				subs[sub] = true
			})
		}
		wg.Wait()
		if len(subs) != 1 || !subs[open()] {
			t.Fatalf("%d subs of one person", len(subs))
		}
		if _, err := pairwise.Open(t.Context(), s, kek(t, 2), moment, rand.Reader); err == nil {
			t.Error("another key-encryption key opens it")
		}
		if !subs[open()] {
			t.Error("it was drawn again")
		}
		if _, err := s.Secret(t.Context(), "another"); !errors.Is(err, pairwise.ErrNoSecret) {
			t.Errorf("%v", err)
		}
	})
}
