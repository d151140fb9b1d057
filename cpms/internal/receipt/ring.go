package receipt

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/cpms/internal/ident"
	"eulogin.example/proto/kit/fault"
)

// Life is how long a key signs before the next one does.
const Life = 365 * 24 * time.Hour

// Key is a key as stores keep it. Only the newest can still sign: the private halves of the
// others are gone.
type Key struct {
	Generation int64 // 1, 2, …; unique, so that of two replicas one makes the next key
	KID        string
	Sealed     []byte // private half (PKCS #8), sealed under KID
	Public     []byte // PKIX
	ActiveFrom time.Time
}

// ErrGeneration says that another replica made this generation.
var ErrGeneration = fault.New(fault.Conflict, "receipt.generation_exists")

// Store keeps keys.
type Store interface {
	ReceiptKeys(ctx context.Context) ([]Key, error) // oldest first
	// AddReceiptKey adds a key and forgets the private halves of all before it; ErrGeneration.
	AddReceiptKey(ctx context.Context, k Key) error
}

// Ring signs receipts and publishes the keys to check them with.
type Ring struct {
	store  Store
	box    *box
	now    func() time.Time
	random io.Reader
	state  atomic.Pointer[state]
}

type state struct {
	signer jose.Signer
	jwks   []byte
}

// New makes a ring with a key-encryption key of 32 bytes, and the first key when there is
// none.
func New(ctx context.Context, store Store, kek []byte, now func() time.Time, random io.Reader) (*Ring, error) {
	b, err := newBox(kek)
	if err != nil {
		return nil, err
	}
	r := &Ring{store: store, box: b, now: now, random: random}
	return r, r.Refresh(ctx)
}

// Refresh reads the keys again and makes the next one when it is time. Run it every hour: a
// replica that signs with the former key meanwhile does no harm, that key stays published.
func (r *Ring) Refresh(ctx context.Context) error {
	keys, err := r.store.ReceiptKeys(ctx)
	if err != nil {
		return err
	}
	if n := len(keys); n == 0 || !r.now().Before(keys[n-1].ActiveFrom.Add(Life)) {
		next, err := r.make(int64(n) + 1)
		if err != nil {
			return err
		}
		if err := r.store.AddReceiptKey(ctx, next); err != nil && !errors.Is(err, ErrGeneration) {
			return err
		}
		if keys, err = r.store.ReceiptKeys(ctx); err != nil {
			return err
		}
	}
	return r.publish(keys)
}

func (r *Ring) make(generation int64) (Key, error) {
	k := Key{Generation: generation, KID: ident.NewID(r.random), ActiveFrom: r.now()}
	private, err := ecdsa.GenerateKey(elliptic.P256(), r.random)
	if err != nil {
		return k, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return k, err
	}
	if k.Public, err = x509.MarshalPKIXPublicKey(private.Public()); err != nil {
		return k, err
	}
	k.Sealed, err = r.box.seal(r.random, der, k.KID)
	return k, err
}

// publish opens the newest key and makes the set that everybody may check with.
func (r *Ring) publish(keys []Key) error {
	var set jose.JSONWebKeySet
	for _, k := range keys {
		public, err := x509.ParsePKIXPublicKey(k.Public)
		if err != nil {
			return fmt.Errorf("receipt: key %s: %w", k.KID, err)
		}
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: public, KeyID: k.KID, Algorithm: string(jose.ES256), Use: "sig"})
	}
	newest := keys[len(keys)-1]
	der, err := r.box.open(newest.Sealed, newest.KID)
	if err != nil {
		return err
	}
	private, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return err
	}
	s := &state{}
	as := jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: private, KeyID: newest.KID}}
	if s.signer, err = jose.NewSigner(as, (&jose.SignerOptions{}).WithType(Type)); err != nil {
		return err
	}
	if s.jwks, err = json.Marshal(set); err != nil {
		return err
	}
	r.state.Store(s)
	return nil
}

// JWKS gives every key that ever signed, to check receipts with.
func (r *Ring) JWKS() []byte { return r.state.Load().jwks }

// Sign makes the receipt's compact JWS.
func (r *Ring) Sign(receipt Receipt) (string, error) {
	payload, err := receipt.canonical()
	if err != nil {
		return "", err
	}
	jws, err := r.state.Load().signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}
