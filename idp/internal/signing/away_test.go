package signing_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/sqlstore"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
)

// cabled is a token with keys of Ed25519 that can be unplugged.
type cabled struct {
	keys  map[string]ed25519.PrivateKey
	away  bool
	asked int
}

func (*cabled) Can(jose.SignatureAlgorithm) bool { return true }

func (c *cabled) Make(alg jose.SignatureAlgorithm, kid string) ([]byte, error) {
	if alg != jose.EdDSA {
		return nil, errors.New("not here")
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	c.keys[kid] = private
	return public, err
}

func (c *cabled) Open(_ jose.SignatureAlgorithm, kid string, _ []byte) (crypto.Signer, error) {
	return cable{c, c.keys[kid]}, nil
}

func (c *cabled) Drop(kid string) error { delete(c.keys, kid); return nil }

type cable struct {
	*cabled
	ed25519.PrivateKey
}

func (c cable) Sign(random io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	c.asked++
	if c.away {
		return nil, errors.New("unplugged")
	}
	return c.PrivateKey.Sign(random, message, opts)
}

// While a token is away every request is told before anything is used up; after it has come back the
// first one finds out. A token that answers is not tried beforehand.
func TestATokenThatIsAway(t *testing.T) {
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	if _, err := ring(t, store, time.Now); err != nil { // ES256 lies in the store
		t.Fatal(err)
	}
	token := &cabled{keys: map[string]ed25519.PrivateKey{}}
	r, err := signing.New(t.Context(), signing.Config{Store: store, KEK: kek, Token: token, Needed: func() []jose.SignatureAlgorithm { return []jose.SignatureAlgorithm{jose.EdDSA} }, Now: time.Now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	unavailable := func(err error) bool {
		return errors.Is(err, signing.ErrNotReady) && fault.KindOf(err) == fault.Unavailable
	}
	if r.Ready(jose.EdDSA) != nil || token.asked != 0 {
		t.Errorf("a token that answers was tried %d times", token.asked)
	}
	token.away = true
	if _, err := r.Sign(jose.EdDSA, signing.IDToken, nil); !unavailable(err) {
		t.Errorf("signing: %v", err)
	}
	for range 3 {
		if err := r.Ready(jose.EdDSA); !unavailable(err) {
			t.Errorf("before signing: %v", err)
		}
	}
	if r.Ready(jose.ES256) != nil {
		t.Error("a key in the store is not ready either")
	}
	token.away = false
	if err := r.Ready(jose.EdDSA); err != nil {
		t.Error(err)
	}
	before := token.asked
	if r.Ready(jose.EdDSA) != nil || token.asked != before {
		t.Error("it is still tried beforehand")
	}
	if _, err := r.Sign(jose.EdDSA, signing.IDToken, nil); err != nil {
		t.Error(err)
	}
}

// A process that cannot open a key, here one in a token that it has not, follows an emergency all the same.
func TestAnEmergencyBesideAKeyThatDoesNotOpen(t *testing.T) {
	o := operating(t)
	lost := o.sign(jose.ES256)
	token := &cabled{keys: map[string]ed25519.PrivateKey{}}
	other, err := signing.New(t.Context(), signing.Config{Store: o.store, KEK: kek, Token: token, Needed: func() []jose.SignatureAlgorithm { return []jose.SignatureAlgorithm{jose.EdDSA} }, Now: o.now, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.service.Refresh(t.Context()); err == nil {
		t.Error("nobody is told that a key does not open")
	}
	if again := o.sign(jose.ES256); kidOf(t, again) != kidOf(t, lost) {
		t.Error("the other algorithm is disturbed")
	}
	o.pass(time.Second)
	_, _ = other.Withdraw(t.Context(), kidOf(t, lost)) // no key of ES256 is made in this token
	if err := o.service.Refresh(t.Context()); err == nil {
		t.Error("nobody is told any more")
	}
	if kidOf(t, o.sign(jose.ES256)) == kidOf(t, lost) || published(t, o.service)[kidOf(t, lost)] {
		t.Error("a withdrawn key is used")
	}
	if err := o.service.Verify(lost, signing.IDToken, &struct{}{}); !errors.Is(err, signing.ErrWithdrawn) {
		t.Errorf("a withdrawn key is trusted: %v", err)
	}
}

// muddled keeps keys of another kind than it was asked for.
type muddled struct{ *cabled }

func (m muddled) Make(_ jose.SignatureAlgorithm, kid string) ([]byte, error) {
	return m.cabled.Make(jose.EdDSA, kid)
}

// A key of another kind than its algorithm's never signs in its name.
func TestAKeyThatDoesNotFitItsAlgorithm(t *testing.T) {
	store := sqlstore.New(backendtest.SQLite(t, sqlstore.Migrations()))
	if _, err := ring(t, store, time.Now); err != nil { // ES256 lies in the store
		t.Fatal(err)
	}
	token := muddled{&cabled{keys: map[string]ed25519.PrivateKey{}}}
	r, err := signing.New(t.Context(), signing.Config{Store: store, KEK: kek, Token: token, Needed: func() []jose.SignatureAlgorithm { return []jose.SignatureAlgorithm{jose.PS256} }, Now: time.Now, Random: rand.Reader})
	if err != nil {
		return // it does not start, and says why
	}
	if err := r.Ready(jose.PS256); err == nil {
		t.Error("a key of Ed25519 is ready for PS256")
	}
	if token, err := r.Sign(jose.PS256, signing.IDToken, map[string]string{}); err == nil {
		t.Errorf("it signed %s", token)
	}
}
