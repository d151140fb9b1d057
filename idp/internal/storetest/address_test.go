package storetest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"path"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/address"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/sqldb"
)

// mover is the change of addresses on real stores.
type mover struct {
	*accounttest.World
	*address.Service
	sent  []notify.Message
	ended *ended
	anna  account.Account
}

// Record keeps what is mailed, beside storing it.
func (m *mover) Record(ctx context.Context, at time.Time, events []audit.Event, messages []notify.Message) error {
	m.sent = append(m.sent, messages...)
	return m.World.Store.Record(ctx, at, events, messages)
}

func newMover(t *testing.T, db *sqldb.DB, store kv.Store) *mover {
	w := accounttest.With(t, db, store, accounttest.NewClock())
	m := &mover{World: w, ended: &ended{}, anna: w.Anna(t)}
	tickets, err := mailproof.New(store, w.Clock.Now, rand.Reader, 5*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	m.Service = &address.Service{
		Tickets: tickets, Store: w.Store, Recorder: m, Limits: w.Limits, Ender: m.ended, Issuer: accounttest.Issuer,
		RefusedDomains: []string{"institution.example"}, Now: w.Clock.Now, Rand: rand.Reader,
	}
	return m
}

const here = "digest-of-this-browser"

// link asks for an address and gives the token of the mailed link.
func (m *mover) link(t *testing.T, email string) string {
	t.Helper()
	m.Clock.Pass(2 * time.Minute)
	if err := m.Ask(t.Context(), m.anna.ID, email, email, here); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(m.sent[len(m.sent)-1].Data["url"])
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("t")
}

func (m *mover) email(t *testing.T) string {
	t.Helper()
	a, err := m.World.Store.ByID(t.Context(), m.anna.ID)
	if err != nil {
		t.Fatal(err)
	}
	return a.Email
}

// undoToken reads the link in the mail to the former address.
func (m *mover) undoToken(t *testing.T) string {
	t.Helper()
	for _, msg := range m.World.Sent(t) {
		if msg.Kind == notify.AddressWasLeft {
			return path.Base(msg.Data["other_url"])
		}
	}
	t.Fatal("the former address was not told")
	return ""
}

// Security case 27: the address changes only after its owner, signed in as the same person,
// followed the link; the former address takes it back without a sign-in.
func TestChangingAnAddressAndTakingItBack(t *testing.T) {
	backendtest.Each(t, func(t *testing.T, db *sqldb.DB, store kv.Store) {
		m := newMover(t, db, store)
		bob := m.Person(t, "Bob", "bob@example.org")
		token := m.link(t, "new@example.org")
		if m.email(t) != "anna@example.org" {
			t.Fatal("asking changed it")
		}
		if _, err := m.Look(t.Context(), bob.ID, token, here); !errors.Is(err, mailproof.ErrUnknown) {
			t.Errorf("in Bob's hands: %v", err)
		}
		if err := m.Confirm(t.Context(), bob.ID, token, here); !errors.Is(err, mailproof.ErrUnknown) {
			t.Errorf("Bob confirms: %v", err)
		}
		for range 2 {
			if email, err := m.Look(t.Context(), m.anna.ID, token, here); err != nil || email != "new@example.org" {
				t.Fatalf("%q %v", email, err)
			}
		}
		if err := m.Confirm(t.Context(), m.anna.ID, token, here); err != nil || m.email(t) != "new@example.org" {
			t.Fatalf("%q %v", m.email(t), err)
		}
		if err := m.Confirm(t.Context(), m.anna.ID, token, here); !errors.Is(err, mailproof.ErrUsed) {
			t.Errorf("twice: %v", err)
		}
		undo := m.undoToken(t)
		m.Clock.Pass(address.UndoFor - time.Hour)
		if _, err := m.Undo(t.Context(), undo); err != nil || m.email(t) != "anna@example.org" || m.ended.n.Load() != 1 {
			t.Fatalf("%q %v, ended %d times", m.email(t), err, m.ended.n.Load())
		}
		if _, err := m.Undo(t.Context(), undo); !errors.Is(err, address.ErrUndone) {
			t.Errorf("twice: %v", err)
		}
	}, sqlstore.Migrations())
}

// The answer is the same for an address that another account has; only its owner hears of it.
func TestATakenAddressIsNoNewsToWhoAsks(t *testing.T) {
	db := backendtest.SQLite(t, sqlstore.Migrations())
	m := newMover(t, db, kv.NewEmbedded(db, time.Now))
	m.Person(t, "Bob", "bob@example.org")
	if err := m.Ask(t.Context(), m.anna.ID, "bob@example.org", "bob@example.org", here); err != nil {
		t.Fatal(err)
	}
	if last := m.sent[len(m.sent)-1]; last.Kind != notify.AddressWasTaken || last.To != "bob@example.org" {
		t.Fatalf("%+v", last)
	}
	for field, typed := range map[string][2]string{
		"email": {"nonsense", "nonsense"}, "email_again": {"a@example.org", "b@example.org"},
	} {
		err := m.Ask(t.Context(), m.anna.ID, typed[0], typed[1], here)
		if e := fault.As(err); e == nil || e.Fields[field].Key == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, refused := range []string{"x@institution.example", "anna@example.org"} {
		if err := m.Ask(t.Context(), m.anna.ID, refused, refused, here); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", refused, err)
		}
	}
}

// An address that somebody else took between mail and link stays theirs.
func TestAnAddressTakenMeanwhile(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		m := newMover(t, db, kv.NewEmbedded(db, time.Now))
		token := m.link(t, "new@example.org")
		m.Person(t, "Carl", "new@example.org")
		if err := m.Confirm(t.Context(), m.anna.ID, token, here); !errors.Is(err, account.ErrEmailTaken) || m.email(t) != "anna@example.org" {
			t.Errorf("%v", err)
		}
	}, sqlstore.Migrations())
}

func TestLinksForAnAddressEnd(t *testing.T) {
	db := backendtest.SQLite(t, sqlstore.Migrations())
	w := accounttest.NewClock()
	m := newMover(t, db, kv.NewEmbedded(db, w.Now))
	token := m.link(t, "new@example.org")
	m.Clock.Pass(5*time.Minute + time.Second)
	if err := m.Confirm(t.Context(), m.anna.ID, token, here); !errors.Is(err, mailproof.ErrExpired) {
		t.Errorf("at 5:01: %v", err)
	}
	token = m.link(t, "other@example.org")
	if err := m.Confirm(t.Context(), m.anna.ID, token, here); err != nil {
		t.Fatal(err)
	}
	undo := m.undoToken(t)
	for _, forged := range []string{"", "x", undo + "A", token} {
		if _, err := m.Undo(t.Context(), forged); !errors.Is(err, address.ErrLink) {
			t.Errorf("%q: %v", forged, err)
		}
	}
	m.Clock.Pass(address.UndoFor + time.Second)
	if _, err := m.Undo(t.Context(), undo); !errors.Is(err, address.ErrLink) || m.email(t) != "other@example.org" {
		t.Errorf("on day eight: %v", err)
	}
}

func TestOfAHundredWhoTakeAnAddressBackOneDoes(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		m := newMover(t, db, kv.NewEmbedded(db, time.Now))
		if err := m.Confirm(t.Context(), m.anna.ID, m.link(t, "new@example.org"), here); err != nil {
			t.Fatal(err)
		}
		undo := m.undoToken(t)
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				switch _, err := m.Undo(t.Context(), undo); {
				case err == nil:
					won.Add(1)
				case !errors.Is(err, address.ErrUndone) && !errors.Is(err, account.ErrChanged):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || m.email(t) != "anna@example.org" {
			t.Errorf("%d won, address %q", won.Load(), m.email(t))
		}
	}, sqlstore.Migrations())
}
