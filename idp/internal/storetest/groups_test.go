package storetest

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/sqldb"
)

func TestGroupsOfPeople(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		for _, a := range []account.Account{someone("n00anna", "anna@example.org"), someone("n00bert", "bert@example.org")} {
			if err := s.Create(t.Context(), a, "hash", event, message); err != nil {
				t.Fatal(err)
			}
		}
		join := func(a account.Account, names ...string) error {
			var err error
			if a.Groups, err = account.Joined(a.Groups, names...); err != nil {
				return err
			}
			return s.SetGroups(t.Context(), at, a, audit.GroupsChanged(a.ID, names, nil))
		}
		anna, err := s.ByID(t.Context(), "n00anna")
		if err != nil || anna.Groups != nil {
			t.Fatalf("%+v %v", anna, err)
		}
		if err := join(anna, "staff", "ern.board", "staff"); err != nil {
			t.Fatal(err)
		}
		if err := join(anna, "late"); !errors.Is(err, account.ErrChanged) {
			t.Errorf("on what was changed meanwhile: %v", err)
		}
		anna, err = s.ByEmailKey(t.Context(), "anna@example.org")
		if err != nil || !slices.Equal(anna.Groups, []string{"ern.board", "staff"}) {
			t.Errorf("%v %v", anna.Groups, err)
		}
		for _, odd := range []string{"", "two words", "a,b", "-x", "é", string(make([]byte, 65))} {
			if err := join(anna, odd); !errors.Is(err, account.ErrGroup) {
				t.Errorf("%q: %v", odd, err)
			}
		}
		got, err := s.Members(t.Context(), "staff")
		if err != nil || len(got) != 1 || got[0].ID != anna.ID {
			t.Errorf("members: %+v %v", got, err)
		}
		if got, _ := s.Members(t.Context(), "sta"); len(got) != 0 {
			t.Errorf("members of a group that is part of another's name: %+v", got)
		}
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if join(anna, "raced") == nil {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d changes of one version", won.Load())
		}
		if err := s.Erase(t.Context(), at, anna.ID, audit.AccountErased(anna.ID)); err != nil {
			t.Fatal(err)
		}
		if gone, err := s.ByID(t.Context(), anna.ID); err != nil || gone.Groups != nil || join(gone, "staff") == nil {
			t.Errorf("an erased account: %+v %v", gone, err)
		}
	})
}
