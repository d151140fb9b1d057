package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

func ofClient(id string) registration.Record {
	return registration.Record{
		ID: id, Metadata: []byte(`{"client_id":"` + id + `"}`), State: client.Active, Version: 1, CreatedAt: moment, CreatedBy: "command root", ChangedAt: moment,
		Secrets: []registration.Sealed{{ID: "s-" + id, Secret: []byte{1, 2, 3}, Created: moment}},
	}
}

func changed(id string) audit.Event { return audit.ClientUpdated(id, "command root") }

// What is written is read again, with its audit event; an id is given once, also after a removal.
func TestClientsAreKept(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		ctx := t.Context()
		want := ofClient("c1")
		want.Token, want.Initial = "digest", ""
		must(t, s.AddClient(ctx, want, changed("c1")))
		if err := s.AddClient(ctx, ofClient("c1"), changed("c1")); !errors.Is(err, registration.ErrExists) {
			t.Fatalf("twice: %v", err)
		}
		if n := count(t, db, "audit_events"); n != 1 {
			t.Errorf("%d events of one registration and one refusal", n)
		}
		got, err := s.ClientByID(ctx, "c1")
		must(t, err)
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%+v\n%+v", got, want)
		}
		got, err = s.ChangeClient(ctx, moment.Add(time.Hour), registration.Change{ID: "c1", Version: 1, State: client.Disabled}, changed("c1"))
		must(t, err)
		if got.State != client.Disabled || got.Version != 2 || string(got.Metadata) != string(want.Metadata) || !got.ChangedAt.Equal(moment.Add(time.Hour)) || len(got.Secrets) != 1 {
			t.Errorf("%+v", got)
		}
		f := family("f1", "s1")
		f.Client = "c1"
		must(t, s.AddFamily(ctx, moment, f))
		must(t, s.AddFamily(ctx, moment, family("f2", "s1")))
		_, err = s.ChangeClient(ctx, moment, registration.Change{ID: "c1", State: client.Removed}, changed("c1"))
		must(t, err)
		if lives(t, s, "f1") || !lives(t, s, "f2") {
			t.Error("a removed client's refresh families live, or another's ended")
		}
		if count(t, db, "client_secrets") != 0 || count(t, db, "clients WHERE token <> '' OR metadata <> ''") != 0 {
			t.Error("something of a removed client stays")
		}
		for _, err := range []error{
			second(s.ClientByID(ctx, "c1")), second(s.ClientByID(ctx, "c2")),
			second(s.ChangeClient(ctx, moment, registration.Change{ID: "c1", State: client.Active}, changed("c1"))),
		} {
			if !errors.Is(err, client.ErrUnknown) {
				t.Errorf("%v", err)
			}
		}
		if err := s.AddClient(ctx, ofClient("c1"), changed("c1")); !errors.Is(err, registration.ErrExists) {
			t.Errorf("the id of a removed client was given again: %v", err)
		}
	})
}

// Whoever comes to an id is given nothing that people gave to who had it before: at its removal, and at the registration
// after one of a file. What people ended themselves stays ended for their reason.
func TestConsentsEndWithTheirService(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		l := keep(t, db, store)
		r := asks("email", "name", "offline_access")
		told := l.tell(t, r, nil, true)
		must(t, l.consents.Stop(t.Context(), l.anna.ID, "rp", "email"))
		f := family("f1", "s1")
		f.Client, f.Account = "rp", l.anna.ID
		must(t, l.Store.AddFamily(t.Context(), l.Clock.Now(), f))
		ends := func(what string, told consent.Told, end func() error) {
			t.Helper()
			former := asks("email").Agree(l.Clock.Now(), nil) // on a page of the one that ends
			l.Clock.Pass(time.Second)
			must(t, end())
			have, err := l.consents.Standing(t.Context(), l.anna.ID, "rp")
			must(t, err)
			if !have.Dead(told.At) || len(have.Withheld()) != len(have) || have[consent.Identity].EndedFor != consent.Removed || have["email"].EndedFor != consent.Stopped || lives(t, l.Store, "f1") {
				t.Errorf("%s: %+v", what, have)
			}
			if _, err := l.consents.Tell(t.Context(), l.anna, "rp", asks("email"), nil, true); !errors.Is(err, consent.ErrAsk) {
				t.Errorf("%s: the person is not asked: %v", what, err)
			}
			if _, err := l.consents.Tell(t.Context(), l.anna, "rp", asks("email"), former, true); !errors.Is(err, consent.ErrAsk) {
				t.Errorf("%s: what was agreed to on the former's page counts: %v", what, err)
			}
		}
		next := ofClient("rp")
		next.CreatedAt = l.Clock.Now().Add(time.Second)
		ends("registered after a file", told, func() error { return l.Store.AddClient(t.Context(), next, changed("rp")) })
		l.Clock.Pass(time.Second)
		again := asks("email")
		told = l.tell(t, again, again.Agree(l.Clock.Now(), nil), true)
		if e := l.entry(t, consent.Identity); !e.Given() {
			t.Fatalf("%+v", e)
		}
		ends("removed", told, func() error {
			return second(l.Store.ChangeClient(t.Context(), l.Clock.Now(), registration.Change{ID: "rp", State: client.Removed}, changed("rp")))
		})
	}, sqlstore.Migrations())
}

func second[T any](_ T, err error) error { return err }

func TestClientsAreListedInPages(t *testing.T) {
	each(t, func(t *testing.T, _ *sqldb.DB, s *sqlstore.Store) {
		for _, id := range []string{"c3", "c1", "c2", "c4"} {
			must(t, s.AddClient(t.Context(), ofClient(id), changed(id)))
		}
		_, err := s.ChangeClient(t.Context(), moment, registration.Change{ID: "c3", State: client.Removed}, changed("c3"))
		must(t, err)
		for after, want := range map[string]string{"": "c1 c2", "c1": "c2 c4", "c3": "c4", "c4": ""} {
			page, err := s.Clients(t.Context(), after, 2)
			must(t, err)
			var ids []string
			for _, r := range page {
				ids = append(ids, r.ID)
			}
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("after %q: %s", after, got)
			}
		}
	})
}

// Replicas read what changed since they read last: nothing is missed and nothing comes twice.
func TestChangesOfClientsComeInOrder(t *testing.T) {
	each(t, func(t *testing.T, _ *sqldb.DB, s *sqlstore.Store) {
		ctx := t.Context()
		must(t, s.AddClient(ctx, ofClient("c1"), changed("c1")))
		must(t, s.AddClient(ctx, ofClient("c2"), changed("c2")))
		read := func(after int64, want string) int64 {
			t.Helper()
			rows, place, err := s.ClientsChanged(ctx, after)
			must(t, err)
			var ids []string
			for _, r := range rows {
				ids = append(ids, fmt.Sprintf("%s:%s:%d", r.ID, r.State, len(r.Secrets)))
			}
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("after %d: %s", after, got)
			}
			return place
		}
		place := read(0, "c1:active:1 c2:active:1")
		read(place, "")
		_, err := s.ChangeClient(ctx, moment, registration.Change{ID: "c1", State: client.Removed}, changed("c1"))
		must(t, err)
		place = read(place, "c1:removed:0")
		read(place, "")
		read(0, "c2:active:1 c1:removed:0")
	})
}

// Of a hundred that change one version, one succeeds.
func TestOneOfAHundredChangesOfAVersion(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		must(t, s.AddClient(t.Context(), ofClient("c1"), changed("c1")))
		var won atomic.Int64
		var wait sync.WaitGroup
		for i := range 100 {
			wait.Go(func() {
				_, err := s.ChangeClient(t.Context(), moment, registration.Change{ID: "c1", Version: 1, Metadata: []byte(fmt.Sprintf(`{"n":%d}`, i))}, changed("c1"))
				switch {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, registration.ErrVersion):
					t.Errorf("%v", err)
				}
			})
		}
		wait.Wait()
		if won.Load() != 1 || count(t, db, "audit_events") != 2 {
			t.Errorf("%d of 100 changes of one version were made", won.Load())
		}
	})
}

func TestFormerSecretsOfAClient(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		ctx := t.Context()
		must(t, s.AddClient(ctx, ofClient("c1"), changed("c1")))
		rotate := func(id string, at time.Time) registration.Record {
			t.Helper()
			r, err := s.ChangeClient(ctx, at, registration.Change{ID: "c1", Secret: &registration.Sealed{ID: id, Secret: []byte(id), Created: at}, Former: at.Add(time.Hour)}, changed("c1"))
			must(t, err)
			return r
		}
		r := rotate("two", moment.Add(time.Minute))
		if len(r.Secrets) != 2 || r.Secrets[0].ID != "two" || !r.Secrets[0].EndsAt.IsZero() || !r.Secrets[1].EndsAt.Equal(moment.Add(61*time.Minute)) {
			t.Fatalf("%+v", r.Secrets)
		}
		r = rotate("three", moment.Add(30*time.Minute))
		if len(r.Secrets) != 3 || !r.Secrets[2].EndsAt.Equal(moment.Add(61*time.Minute)) {
			t.Fatalf("a second rotation made an old secret live longer: %+v", r.Secrets)
		}
		r = rotate("four", moment.Add(70*time.Minute))
		if len(r.Secrets) != 3 || count(t, db, "client_secrets") != 3 {
			t.Fatalf("a secret that ended is kept: %+v", r.Secrets)
		}
		for i, id := range []string{"five", "six", "seven"} {
			r = rotate(id, moment.Add(time.Duration(71+i)*time.Minute))
		}
		if len(r.Secrets) != registration.SecretsMost || r.Secrets[0].ID != "seven" || r.Secrets[3].ID != "four" {
			t.Fatalf("more than a few are kept, or not the newest: %+v", r.Secrets)
		}
		r, err := s.ChangeClient(ctx, moment, registration.Change{ID: "c1", DropSecrets: true}, changed("c1"))
		must(t, err)
		if len(r.Secrets) != 0 {
			t.Errorf("%+v", r.Secrets)
		}
	})
}

func initial(id string, left int64) registration.InitialToken {
	return registration.InitialToken{
		ID: id, Digest: "digest-" + id, Policy: registration.Policy{Scopes: []string{"openid"}, Hosts: []string{"rp.example"}, Approval: true},
		Left: left, CreatedAt: moment, CreatedBy: "command root", EndsAt: moment.Add(time.Hour),
	}
}

// One use of an initial access token makes one client, whoever comes at once.
func TestOneOfAHundredRegistrations(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		must(t, s.AddInitialToken(t.Context(), initial("t1", 1), audit.InitialTokenIssued("t1", "command root")))
		var won atomic.Int64
		var wait sync.WaitGroup
		for i := range 100 {
			wait.Go(func() {
				r := ofClient(fmt.Sprintf("c%d", i))
				r.Initial = "t1"
				switch err := s.AddClient(t.Context(), r, changed(r.ID)); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, registration.ErrToken):
					t.Errorf("%v", err)
				}
			})
		}
		wait.Wait()
		if won.Load() != 1 || count(t, db, "clients") != 1 {
			t.Errorf("one use made %d clients", count(t, db, "clients"))
		}
	})
}

func TestInitialTokensEnd(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB, s *sqlstore.Store) {
		ctx := t.Context()
		for _, id := range []string{"old", "revoked", "good"} {
			must(t, s.AddInitialToken(ctx, initial(id, 2), audit.InitialTokenIssued(id, "command root")))
		}
		must(t, s.RevokeInitialToken(ctx, moment, "revoked", audit.InitialTokenRevoked("revoked", "command root")))
		if err := s.RevokeInitialToken(ctx, moment, "revoked", audit.InitialTokenRevoked("revoked", "command root")); !errors.Is(err, registration.ErrToken) {
			t.Errorf("revoked twice: %v", err)
		}
		add := func(token string, at time.Time) error {
			r := ofClient(fmt.Sprintf("c%d", at.UnixMicro()))
			r.Initial, r.CreatedAt = token, at
			return s.AddClient(ctx, r, changed(r.ID))
		}
		for i, err := range []error{add("revoked", moment), add("old", moment.Add(time.Hour)), add("unknown", moment)} {
			if !errors.Is(err, registration.ErrToken) {
				t.Errorf("%d: %v", i, err)
			}
		}
		must(t, add("good", moment.Add(time.Microsecond)))
		got, err := s.InitialTokenByDigest(ctx, "digest-good")
		must(t, err)
		want := initial("good", 1)
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%+v\n%+v", got, want)
		}
		all, err := s.InitialTokens(ctx)
		must(t, err)
		if len(all) != 3 || count(t, db, "clients") != 1 {
			t.Errorf("%+v", all)
		}
	})
}
