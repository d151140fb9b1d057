package signing_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/sqldb"
)

// operator is the ring of a command beside that of a running service.
type operator struct {
	*clock
	t             *testing.T
	store         *sqlstore.Store
	db            *sqldb.DB
	ring, service *signing.Ring
}

func operating(t *testing.T, algs ...jose.SignatureAlgorithm) *operator {
	t.Helper()
	o := &operator{t: t, clock: &clock{}, db: backendtest.SQLite(t, sqlstore.Migrations())}
	o.at.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	o.store = sqlstore.New(o.db)
	var err error
	if o.service, err = ring(t, o.store, o.now, algs...); err != nil {
		t.Fatal(err)
	}
	o.command()
	return o
}

// command begins another run of the command, which knows nothing of clients.
func (o *operator) command() {
	o.t.Helper()
	var err error
	if o.ring, err = ring(o.t, o.store, o.now); err != nil {
		o.t.Fatal(err)
	}
}

func (o *operator) refresh() {
	o.t.Helper()
	if err := o.service.Refresh(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

func (o *operator) sign(alg jose.SignatureAlgorithm) string {
	o.t.Helper()
	token, err := o.service.Sign(alg, signing.IDToken, map[string]string{"a": "b"})
	if err != nil {
		o.t.Fatal(err)
	}
	return token
}

// states gives the state of each key, oldest first.
func (o *operator) states() (out []string) {
	o.t.Helper()
	keys, err := o.store.Keys(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	for _, e := range signing.List(keys, o.now()) {
		out = append(out, string(e.Algorithm)+" "+e.State)
	}
	return out
}

func (o *operator) wants(states ...string) {
	o.t.Helper()
	if got := o.states(); !slices.Equal(got, states) {
		o.t.Errorf("%v, want %v", got, states)
	}
}

// What list says of a key in the course of its life.
func TestStatesOfAKey(t *testing.T) {
	o := operating(t)
	for day, want := range map[int][]string{
		0: {"ES256 signing"}, 28: {"ES256 signing"}, 29: {"ES256 signing", "ES256 next"}, 30: {"ES256 published", "ES256 signing"},
		31: {"ES256 hints only", "ES256 signing"}, 119: {"ES256 hints only", "ES256 hints only", "ES256 hints only", "ES256 signing", "ES256 next"},
		121: {"ES256 hints only", "ES256 hints only", "ES256 hints only", "ES256 signing"},
	} {
		o := operating(t)
		for range day {
			o.pass(24 * time.Hour)
			o.refresh()
		}
		if got := o.states(); !slices.Equal(got, want) {
			t.Errorf("day %d: %v", day, got)
		}
	}
	keys, _ := o.store.Keys(t.Context())
	if e := signing.List(keys, o.now())[0]; !e.Until.Equal(o.now().Add(signing.Active)) {
		t.Errorf("signs until %v", e.Until)
	}
}

// A rotation out of turn gives others the same day to learn of the next key, and is asked for once.
func TestRotationByHand(t *testing.T) {
	o := operating(t)
	old := kidOf(t, o.sign(jose.ES256))
	next, made, err := o.ring.Rotate(t.Context(), jose.ES256)
	if err != nil || !made || !next.ActiveFrom.Equal(o.now().Add(signing.Ahead)) {
		t.Fatalf("%+v %v %v", next, made, err)
	}
	if again, made, err := o.ring.Rotate(t.Context(), jose.ES256); err != nil || made || again.KID != next.KID {
		t.Errorf("asked again: %+v %v %v", again, made, err)
	}
	if _, _, err := o.ring.Rotate(t.Context(), jose.PS256); !errors.Is(err, signing.ErrNoKey) {
		t.Errorf("an algorithm without keys: %v", err)
	}
	o.refresh()
	o.wants("ES256 signing", "ES256 next")
	if kid := kidOf(t, o.sign(jose.ES256)); kid != old || !published(t, o.service)[next.KID] {
		t.Error("the next key is not published, or signs already")
	}
	o.pass(signing.Ahead)
	o.refresh()
	o.wants("ES256 published", "ES256 signing")
	if kid := kidOf(t, o.sign(jose.ES256)); kid != next.KID {
		t.Error("the next key does not sign a day later")
	}
	o.pass(28 * 24 * time.Hour)
	o.refresh()
	o.wants("ES256 hints only", "ES256 signing")
}

// In an emergency nobody trusts the present key any more, not even for hints; another one signs at
// once; and nothing of the private half is left.
func TestEmergency(t *testing.T) {
	for name, what := range map[string]func(kid string) string{
		"all": func(string) string { return "" }, "an algorithm": func(string) string { return "EdDSA" }, "a key": func(kid string) string { return kid },
	} {
		t.Run(name, func(t *testing.T) {
			o := operating(t, jose.EdDSA)
			stolen, other := o.sign(jose.EdDSA), o.sign(jose.ES256)
			kid := kidOf(t, stolen)
			if _, _, err := o.ring.Rotate(t.Context(), jose.EdDSA); err != nil { // the next key lay beside it
				t.Fatal(err)
			}
			if _, err := o.ring.Withdraw(t.Context(), what(kid)); err != nil {
				t.Fatal(err)
			}
			o.refresh()
			var claims map[string]string
			if err := o.service.Verify(stolen, signing.IDToken, &claims); !errors.Is(err, signing.ErrWithdrawn) || published(t, o.service)[kid] {
				t.Errorf("the key is still trusted: %v", err)
			}
			fresh := o.sign(jose.EdDSA)
			if kidOf(t, fresh) == kid || !published(t, o.service)[kidOf(t, fresh)] || o.service.Verify(fresh, signing.IDToken, &claims) != nil {
				t.Error("no new key that signs and is published")
			}
			if got := o.service.Verify(other, signing.IDToken, &claims) == nil; got != (name != "all") {
				t.Errorf("the other algorithm's key: trusted %v", got)
			}
			left, err := o.store.Keys(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range left {
				if !k.WithdrawnAt.IsZero() && len(k.Kept) != 0 {
					t.Errorf("the private half of %s was kept", k.KID)
				}
			}
			o.command() // and the next run of the command finds everything in order
			o.pass(29 * 24 * time.Hour)
			o.refresh()
			if got := o.states(); !slices.Contains(got, "EdDSA next") {
				t.Errorf("the schedule ended: %v", got)
			}
		})
	}
}

// A key that was succeeded long ago is withdrawn alone, and a next key alone is replaced in its turn.
func TestEmergencyOfAnotherKey(t *testing.T) {
	o := operating(t)
	old := o.sign(jose.ES256)
	for range 32 {
		o.pass(24 * time.Hour)
		o.refresh()
	}
	present := kidOf(t, o.sign(jose.ES256))
	if gone, err := o.ring.Withdraw(t.Context(), kidOf(t, old)); err != nil || len(gone) != 1 {
		t.Fatalf("%v %v", gone, err)
	}
	o.refresh()
	o.wants("ES256 withdrawn", "ES256 signing")
	if kidOf(t, o.sign(jose.ES256)) != present {
		t.Error("another key signs")
	}
	next, _, err := o.ring.Rotate(t.Context(), jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.ring.Withdraw(t.Context(), next.KID); err != nil {
		t.Fatal(err)
	}
	o.refresh()
	o.wants("ES256 withdrawn", "ES256 signing", "ES256 withdrawn")
	if kidOf(t, o.sign(jose.ES256)) != present {
		t.Error("another key signs")
	}
	for _, what := range []string{"unknown", "PS256", next.KID} {
		if _, err := o.ring.Withdraw(t.Context(), what); !errors.Is(err, signing.ErrNoKey) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The key before a withdrawn one never signs again and never returns to the key set, whatever a
// replica's clock says.
func TestEmergencyBringsNoOldKeyBack(t *testing.T) {
	o := operating(t)
	old := kidOf(t, o.sign(jose.ES256))
	for range 32 {
		o.pass(24 * time.Hour)
		o.refresh()
	}
	if _, err := o.ring.Withdraw(t.Context(), kidOf(t, o.sign(jose.ES256))); err != nil {
		t.Fatal(err)
	}
	behind, err := ring(t, o.store, func() time.Time { return o.now().Add(-time.Minute) })
	if err != nil {
		t.Fatal(err)
	}
	token, err := behind.Sign(jose.ES256, signing.IDToken, nil)
	if err != nil || kidOf(t, token) == old || published(t, behind)[old] || !published(t, behind)[kidOf(t, token)] {
		t.Errorf("%v; the old key signs or is published", err)
	}
}

// One of many processes makes the key after an emergency, and all sign with it.
func TestEmergencyAmongManyProcesses(t *testing.T) {
	o := operating(t)
	var rings []*signing.Ring
	for range 8 {
		r, err := ring(t, o.store, o.now)
		if err != nil {
			t.Fatal(err)
		}
		rings = append(rings, r)
	}
	if _, err := o.db.ExecContext(t.Context(), `UPDATE signing_keys SET withdrawn_at = $1`, sqldb.Micros(o.now())); err != nil {
		t.Fatal(err)
	}
	errs := make(chan error)
	for _, r := range rings {
		go func() { errs <- r.Refresh(t.Context()) }()
	}
	for range rings {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	o.wants("ES256 withdrawn", "ES256 signing")
	kids := map[string]bool{}
	for _, r := range rings {
		token, err := r.Sign(jose.ES256, signing.IDToken, nil)
		if err != nil {
			t.Fatal(err)
		}
		kids[kidOf(t, token)] = true
	}
	if len(kids) != 1 {
		t.Errorf("%d keys sign", len(kids))
	}
}

// A key whose keeper is not set up is named, and not passed over.
func TestAKeyOfAnotherKeeper(t *testing.T) {
	o := operating(t)
	if _, err := o.db.ExecContext(t.Context(), `UPDATE signing_keys SET keeper = 'elsewhere'`); err != nil {
		t.Fatal(err)
	}
	if _, err := ring(t, o.store, o.now); err == nil {
		t.Error("a key that cannot be opened was passed over")
	}
}
