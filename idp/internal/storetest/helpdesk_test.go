package storetest

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor/webauthn"
	"eulogin.example/idp/internal/helpdesk"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/idp/internal/webauthntest"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/sqldb"
)

// desk is a helpdesk with two agents and somebody who is none, on real stores.
type desk struct {
	*losses
	*helpdesk.Service
	maker             *webauthntest.Maker
	keys              *webauthn.Service
	eva, finn, nobody ident.AccountID
}

func newDesk(t *testing.T, db *sqldb.DB) *desk {
	d := &desk{losses: newLosses(t, db), maker: webauthntest.NewMaker(t, "Trusted Keys")}
	var err error
	d.keys, err = webauthn.New(webauthn.Config{
		Issuer: accounttest.Issuer, Product: "EU Login", Roots: webauthntest.Pool(d.maker), Store: sqlstore.NewKeys(d.losses.Store, d.losses.Store), KV: d.KV, Limits: d.World.Limits,
		People: d.devices, Journal: d.World.Journal, Now: d.Clock.Now, Rand: rand.Reader,
	})
	ok(t, err)
	keepers := d.lost.Keepers
	keepers[policy.SecurityKey] = webauthn.Keeper{Store: sqlstore.NewKeys(d.losses.Store, d.losses.Store)}
	d.Service = &helpdesk.Service{
		Store: d.losses.Store, Accounts: d.losses.Store, Keepers: keepers, Losses: d.lost, Keys: d.keys, Mailer: d.Recover, Tickets: d.World.Tickets,
		Limits: d.World.Limits, Issuer: accounttest.Issuer, Now: d.Clock.Now, Rand: rand.Reader,
	}
	d.eva, d.finn, d.nobody = d.Person(t, "Eva", "eva@desk.example").ID, d.Person(t, "Finn", "finn@desk.example").ID, d.Person(t, "Nobody", "nobody@example.org").ID
	for _, id := range []ident.AccountID{d.eva, d.finn} {
		ok(t, d.losses.Store.SetAgent(t.Context(), id, true, d.Clock.Now()))
	}
	return d
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// begun is an open case of Eva's for Anna.
func (d *desk) begun(t *testing.T) string {
	t.Helper()
	ok(t, d.Open(t.Context(), d.eva, d.anna, helpdesk.Reset, "", "seen in a video call"))
	all, err := d.Service.Store.Cases(t.Context(), time.Time{}, 10)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d cases, %v", len(all), err)
	}
	return all[0].ID
}

// Two different agents, neither the person, open the way; of a hundred who confirm at once one does.
func TestTwoAgentsVouchTogether(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db)
		id := d.begun(t)
		if err := d.Confirm(t.Context(), d.eva, id); !errors.Is(err, helpdesk.ErrSame) {
			t.Errorf("alone: %v", err)
		}
		if v, _ := d.lost.Vouched(t.Context(), d.anna); v {
			t.Fatal("one agent is enough")
		}
		if n := race(t, helpdesk.ErrOver, func() error { return d.Confirm(t.Context(), d.finn, id) }); n != 1 {
			t.Fatalf("%d confirmed", n)
		}
		if v, err := d.lost.Vouched(t.Context(), d.anna); !v || err != nil {
			t.Fatalf("vouched %v, %v", v, err)
		}
		if n := d.told(t, notify.LossIsWaiting); n != 1 {
			t.Errorf("the person was told %d times", n)
		}
		ok(t, d.lost.Confirm(t.Context(), d.opened(t), "browser"))
		if v, _ := d.lost.Vouched(t.Context(), d.anna); v || d.guarded(t) {
			t.Error("it works twice")
		}
		if n := count(t, db, "audit_events WHERE action IN ('helpdesk.opened', 'helpdesk.confirmed')"); n != 2 {
			t.Errorf("%d events", n)
		}
	}, sqlstore.Migrations())
}

// A person's own request that waits is replaced, and only when the second agent wins.
func TestTheHelpdeskReplacesAWaitingRequest(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db)
		id := d.begun(t)
		d.lost.Delay = 72 * time.Hour
		first := d.ask(t)
		if n := race(t, helpdesk.ErrOver, func() error { return d.Confirm(t.Context(), d.finn, id) }); n != 1 {
			t.Fatalf("%d confirmed", n)
		}
		now, err := d.lost.Waits(t.Context(), d.anna)
		if err != nil || now.ID == "" || now.ID == first.ID {
			t.Errorf("%+v %v", now, err)
		}
	}, sqlstore.Migrations())
}

func TestWhoMayDoWhatAtTheHelpdesk(t *testing.T) {
	d := newDesk(t, backendtest.SQLite(t, sqlstore.Migrations()))
	ctx := t.Context()
	id := d.begun(t)
	key := ident.NewID(rand.Reader)
	for name, c := range map[string]struct {
		do   func() error
		want error
	}{
		"no agent sees the desk":     {func() error { _, err := d.Desk(ctx, d.nobody); return err }, helpdesk.ErrAgent},
		"no agent finds":             {func() error { _, err := d.Find(ctx, d.nobody, "anna@example.org"); return err }, helpdesk.ErrAgent},
		"no agent looks":             {func() error { _, err := d.Look(ctx, d.nobody, d.anna); return err }, helpdesk.ErrAgent},
		"no agent sends":             {func() error { return d.SendPassword(ctx, d.nobody, d.anna, "") }, helpdesk.ErrAgent},
		"no agent opens":             {func() error { return d.Open(ctx, d.nobody, d.anna, helpdesk.Reset, "", "x") }, helpdesk.ErrAgent},
		"no agent confirms":          {func() error { return d.Confirm(ctx, d.nobody, id) }, helpdesk.ErrAgent},
		"no agent refuses":           {func() error { return d.Refuse(ctx, d.nobody, id) }, helpdesk.ErrAgent},
		"no agent closes":            {func() error { return d.Close(ctx, d.nobody, d.anna, id) }, helpdesk.ErrAgent},
		"an agent for the own":       {func() error { return d.Open(ctx, d.eva, d.eva, helpdesk.Reset, "", "x") }, helpdesk.ErrOwn},
		"an agent mails the own":     {func() error { return d.SendPassword(ctx, d.eva, d.eva, "") }, helpdesk.ErrOwn},
		"a second case":              {func() error { return d.Open(ctx, d.finn, d.anna, helpdesk.Reset, "", "x") }, helpdesk.ErrOpen},
		"without a reason":           {func() error { return d.Open(ctx, d.finn, d.anna, helpdesk.Reset, "", " ") }, helpdesk.ErrForm},
		"another kind":               {func() error { return d.Open(ctx, d.finn, d.anna, "else", "", "x") }, helpdesk.ErrForm},
		"a key that is none":         {func() error { return d.Open(ctx, d.finn, d.anna, helpdesk.Key, "x", "x") }, helpdesk.ErrForm},
		"a reset of a key":           {func() error { return d.Open(ctx, d.finn, d.anna, helpdesk.Reset, key, "x") }, helpdesk.ErrForm},
		"an unknown account":         {func() error { return d.Open(ctx, d.finn, "n00nobody00", helpdesk.Reset, "", "x") }, account.ErrUnknown},
		"an unknown case":            {func() error { return d.Confirm(ctx, d.finn, key) }, helpdesk.ErrOver},
		"a case that is no id":       {func() error { return d.Confirm(ctx, d.finn, "x'--") }, helpdesk.ErrOver},
		"an address that is none":    {func() error { _, err := d.Find(ctx, d.eva, "anna"); return err }, helpdesk.ErrForm},
		"an address without account": {func() error { _, err := d.Find(ctx, d.eva, "else@example.org"); return err }, helpdesk.ErrForm},
		"somebody who never had any": {func() error { return d.vouchFor(t, d.nobody) }, nil},
	} {
		if err := c.do(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	d.Clock.Pass(helpdesk.CaseLife + time.Second)
	if err := d.Confirm(ctx, d.finn, id); !errors.Is(err, helpdesk.ErrOver) {
		t.Errorf("a day later: %v", err)
	}
	ok(t, d.Open(ctx, d.finn, d.anna, helpdesk.Reset, "", "again")) // the old one stands in nobody's way
	ok(t, d.losses.Store.SetAgent(ctx, d.finn, false, d.Clock.Now()))
	all, err := d.Service.Store.Cases(ctx, d.Clock.Now().Add(-time.Minute), 10)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	if err := d.Confirm(ctx, d.eva, all[0].ID); !errors.Is(err, helpdesk.ErrOver) {
		t.Errorf("of an agent who has left: %v", err)
	}
	ok(t, d.losses.Store.SetStatus(ctx, d.Clock.Now(), d.eva, account.Disabled, audit.AccountDisabled(d.eva)))
	if _, err := d.Look(ctx, d.eva, d.anna); !errors.Is(err, helpdesk.ErrAgent) {
		t.Errorf("an agent whose account is closed: %v", err)
	}
}

// vouchFor opens a case for somebody without a lost factor and finds that nothing can be confirmed.
func (d *desk) vouchFor(t *testing.T, id ident.AccountID) error {
	t.Helper()
	ok(t, d.Open(t.Context(), d.eva, id, helpdesk.Reset, "", "x"))
	all, err := d.Service.Store.Cases(t.Context(), time.Time{}, 10)
	ok(t, err)
	for _, c := range all {
		if c.Account == id {
			if err := d.Confirm(t.Context(), d.finn, c.ID); err == nil || errors.Is(err, helpdesk.ErrOver) {
				t.Errorf("vouched for somebody who lost nothing: %v", err)
			}
			return d.Refuse(t.Context(), d.finn, c.ID)
		}
	}
	return errors.New("no case")
}

// The mail for a new password goes to the person, under the limits of everybody, and the reason of
// a case stands nowhere in the audit.
func TestAnAgentHasTheMailForANewPasswordSent(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db)
		ok(t, d.SendPassword(t.Context(), d.eva, d.anna, "192.0.2.1"))
		if m := d.Last(t); m.Kind != notify.RecoverLink || m.To != "anna@example.org" {
			t.Errorf("%+v", m)
		}
		if err := d.SendPassword(t.Context(), d.eva, d.anna, "192.0.2.1"); fault.KindOf(err) != fault.TooMany {
			t.Errorf("again at once: %v", err)
		}
		d.begun(t)
		if n := count(t, db, "audit_events WHERE detail LIKE '%video%'"); n != 0 {
			t.Error("the reason stands in what is never erased")
		}
		if n := count(t, db, "audit_events WHERE action = 'helpdesk.sent_mail'"); n != 1 {
			t.Errorf("%d events", n)
		}
	}, sqlstore.Migrations())
}

// A hardware key that two agents saw gives HIGH from then on.
func TestTwoAgentsConfirmAHardwareKey(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db)
		card := webauthntest.New(t, accounttest.Issuer, "login.test")
		card.Maker = d.maker
		c, err := d.keys.Begin(t.Context(), d.anna, "smart card")
		ok(t, err)
		k, err := d.keys.Finish(t.Context(), d.anna, c.ID, card.Create(t, c.Options))
		ok(t, err)
		ok(t, d.Open(t.Context(), d.eva, d.anna, helpdesk.Key, k.ID, "in her hand, with her identity card"))
		all, err := d.Service.Store.Cases(t.Context(), time.Time{}, 10)
		ok(t, err)
		if n := race(t, helpdesk.ErrOver, func() error { return d.Confirm(t.Context(), d.finn, all[0].ID) }); n != 1 {
			t.Fatalf("%d confirmed", n)
		}
		ask, err := d.keys.Ask(t.Context(), ident.NewID(rand.Reader), "")
		ok(t, err)
		got, err := d.keys.Answer(t.Context(), ask.ID, "", card.Get(t, ask.Options))
		if err != nil || got.Method != policy.IssuedKey || !policy.Fulfils(got.Method, policy.Strength{Level: policy.High, Resistance: policy.HardwareProtected}) {
			t.Errorf("%v %v", got.Method, err)
		}
		if n := d.told(t, notify.KeyWasIssued); n != 1 {
			t.Errorf("%d mails", n)
		}
	}, sqlstore.Migrations())
}

// Who cannot sign in asks by a mailed link, once; every look of an agent is written down.
func TestAskingTheHelpdeskNeedsOnlyTheMailbox(t *testing.T) {
	backendtest.SQL(t, func(t *testing.T, db *sqldb.DB) {
		d := newDesk(t, db)
		ctx := t.Context()
		ok(t, d.Ask(ctx, "anna@example.org", helpdesk.Visitor{Browser: "b", Address: "192.0.2.1", Lang: "en"}))
		token := accounttest.Token(t, d.Last(t))
		if err := d.Write(ctx, token, "b", "  "); !errors.Is(err, helpdesk.ErrForm) {
			t.Errorf("nothing written: %v", err)
		}
		if err := d.Write(ctx, token, "b", strings.Repeat("x", helpdesk.MaxText+1)); !errors.Is(err, helpdesk.ErrForm) {
			t.Errorf("too much: %v", err)
		}
		ok(t, d.Write(ctx, token, "b", "My phone fell into the lake."))
		if err := d.Write(ctx, token, "b", "again"); err == nil {
			t.Error("the link works twice")
		}
		p, err := d.Look(ctx, d.eva, d.anna)
		if err != nil || len(p.Tickets) != 1 || p.Tickets[0].Text != "My phone fell into the lake." {
			t.Fatalf("%+v %v", p.Tickets, err)
		}
		if n := count(t, db, "audit_events WHERE action = 'helpdesk.looked' AND actor = '"+string(d.eva)+"'"); n != 1 {
			t.Errorf("%d looks", n)
		}
		ok(t, d.Close(ctx, d.eva, d.anna, p.Tickets[0].ID))
		ok(t, d.Close(ctx, d.finn, d.anna, p.Tickets[0].ID))
		if p, err = d.Look(ctx, d.eva, d.anna); err != nil || len(p.Tickets) != 0 {
			t.Errorf("%+v %v", p.Tickets, err)
		}
		ok(t, d.Ask(ctx, "stranger@example.org", helpdesk.Visitor{Browser: "b", Address: "192.0.2.1", Lang: "en"}))
		if m := d.Last(t); m.Kind != notify.RecoverUnknown {
			t.Errorf("a stranger gets %s", m.Kind)
		}
	}, sqlstore.Migrations())
}
