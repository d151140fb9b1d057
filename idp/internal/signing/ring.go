package signing

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
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

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
)

// The schedule of a key: signed with for a month, published a day before and three months
// after, so that a hint at sign-out is still understood.
const (
	Ahead  = 24 * time.Hour
	Active = 30 * 24 * time.Hour
	Kept   = 90 * 24 * time.Hour
)

// Sealed is a key as stores keep it.
type Sealed struct {
	Generation int64 // 1, 2, …; unique, so that of two replicas one makes the next key
	KID        string
	Private    []byte // AES-256-GCM, bound to KID
	ActiveFrom time.Time
}

// ErrGeneration says that another replica made this generation.
var ErrGeneration = fault.New(fault.Conflict, "signing.generation_exists")

// Store keeps sealed keys.
type Store interface {
	Keys(ctx context.Context) ([]Sealed, error)
	AddKey(ctx context.Context, at time.Time, k Sealed) error // ErrGeneration
}

// Ring is the living set of keys.
type Ring struct {
	store  Store
	aead   cipher.AEAD
	now    func() time.Time
	random io.Reader
	state  atomic.Pointer[state]
}

type key struct {
	Sealed
	private *ecdsa.PrivateKey
	signer  map[string]jose.Signer // by typ
}

type state struct {
	keys []key // oldest first
	jwks []byte
}

// New makes a ring with a key-encryption key of 32 bytes, and the first key when there is
// none.
func New(ctx context.Context, store Store, kek []byte, now func() time.Time, random io.Reader) (*Ring, error) {
	block, err := aes.NewCipher(kek)
	if err != nil || len(kek) != 32 {
		return nil, errors.New("signing: the key-encryption key must have 32 bytes")
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	r := &Ring{store: store, aead: aead, now: now, random: random}
	return r, r.Refresh(ctx)
}

// Refresh reads the keys again, makes the next one when it is time, and publishes. Run it
// every minute; replicas agree within that time, and a next key is published a day ahead.
func (r *Ring) Refresh(ctx context.Context) error {
	sealed, err := r.store.Keys(ctx)
	if err != nil {
		return err
	}
	if next, ok := due(sealed, r.now()); ok {
		k, err := r.make(next)
		if err != nil {
			return err
		}
		if err := r.store.AddKey(ctx, r.now(), k); err != nil && !errors.Is(err, ErrGeneration) {
			return err
		}
		if sealed, err = r.store.Keys(ctx); err != nil {
			return err
		}
	}
	return r.publish(sealed)
}

// due says whether a next key is to be made, and from when it signs. It is pure.
func due(have []Sealed, now time.Time) (Sealed, bool) {
	if len(have) == 0 {
		return Sealed{Generation: 1, ActiveFrom: now}, true
	}
	last := have[len(have)-1]
	if now.Before(last.ActiveFrom.Add(Active - Ahead)) {
		return Sealed{}, false
	}
	from := last.ActiveFrom.Add(Active)
	if from.Before(now.Add(Ahead)) {
		from = now.Add(Ahead)
	}
	return Sealed{Generation: last.Generation + 1, ActiveFrom: from}, true
}

func (r *Ring) make(k Sealed) (Sealed, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), r.random)
	if err != nil {
		return k, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return k, err
	}
	k.KID = ident.NewID(r.random)
	nonce := make([]byte, r.aead.NonceSize())
	if _, err := io.ReadFull(r.random, nonce); err != nil {
		return k, err
	}
	k.Private = r.aead.Seal(nonce, nonce, der, []byte(k.KID))
	return k, nil
}

func (r *Ring) open(s Sealed) (*ecdsa.PrivateKey, error) {
	n := r.aead.NonceSize()
	if len(s.Private) < n {
		return nil, errors.New("signing: a sealed key is too short")
	}
	der, err := r.aead.Open(nil, s.Private[:n], s.Private[n:], []byte(s.KID))
	if err != nil {
		return nil, fmt.Errorf("signing: key %s does not open: is it the right key-encryption key?", s.KID)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("signing: not an ECDSA key")
	}
	return private, nil
}

func (r *Ring) publish(sealed []Sealed) error {
	s := &state{}
	var set jose.JSONWebKeySet
	for _, k := range sealed {
		if r.now().After(k.ActiveFrom.Add(Active + Kept)) {
			continue
		}
		private, err := r.open(k)
		if err != nil {
			return err
		}
		living := key{Sealed: k, private: private, signer: map[string]jose.Signer{}}
		for _, typ := range []string{"JWT", "logout+jwt"} {
			living.signer[typ], err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: private, KeyID: k.KID}}, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)))
			if err != nil {
				return err
			}
		}
		s.keys = append(s.keys, living)
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: private.Public(), KeyID: k.KID, Algorithm: string(jose.ES256), Use: "sig"})
	}
	raw, err := json.Marshal(set)
	if err != nil {
		return err
	}
	s.jwks = raw
	r.state.Store(s)
	return nil
}

// JWKS gives the published key set.
func (r *Ring) JWKS() []byte { return r.state.Load().jwks }

// Sign makes a compact JWS of claims with the present key.
func (r *Ring) Sign(typ string, claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	k, err := r.present()
	if err != nil {
		return "", err
	}
	signer := k.signer[typ]
	if signer == nil {
		return "", fmt.Errorf("signing: no token of type %q is made here", typ)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return jws.CompactSerialize()
}

// present is the newest key whose time has come.
func (r *Ring) present() (*key, error) {
	now := r.now()
	s := r.state.Load()
	for i := len(s.keys) - 1; i >= 0; i-- {
		if !now.Before(s.keys[i].ActiveFrom) {
			return &s.keys[i], nil
		}
	}
	return nil, errors.New("signing: no key is active")
}

// Verify opens a token that this ring signed, of the given typ, whatever its age.
func (r *Ring) Verify(token, typ string, claims any) error {
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return err
	}
	header := jws.Signatures[0].Header
	if got, _ := header.ExtraHeaders[jose.HeaderType].(string); got != typ {
		return fmt.Errorf("signing: typ %q", got)
	}
	for _, k := range r.state.Load().keys {
		if k.KID != header.KeyID {
			continue
		}
		payload, err := jws.Verify(k.private.Public())
		if err != nil {
			return err
		}
		return json.Unmarshal(payload, claims)
	}
	return errors.New("signing: unknown key")
}
