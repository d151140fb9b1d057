//go:build cgo

package pkcs11

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"github.com/go-jose/go-jose/v4"
	"github.com/miekg/pkcs11"
)

// label is what a key is called in the token, beside its id, which is the kid.
func label(alg jose.SignatureAlgorithm) string { return "idp " + string(alg) }

// Can reports whether the token has the mechanisms of an algorithm.
func (t *Token) Can(alg jose.SignatureAlgorithm) bool {
	m, ok := mechanisms[alg]
	return ok && t.can[m.generate] && t.can[m.sign]
}

// Make makes a pair of keys in the token, of which the private one cannot be taken out; kept is the
// public one (PKIX).
func (t *Token) Make(alg jose.SignatureAlgorithm, kid string) (kept []byte, err error) {
	m, ok := mechanisms[alg]
	if !ok {
		return nil, fmt.Errorf("pkcs11: no mechanism for %q", alg)
	}
	both := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_ID, []byte(kid)), pkcs11.NewAttribute(pkcs11.CKA_LABEL, label(alg)),
	}
	public := slices.Concat(both, m.params, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_VERIFY, true), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, false)})
	private := slices.Concat(both, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_SIGN, true), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true),
		pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false),
	})
	var key crypto.PublicKey
	err = t.with(func(s pkcs11.SessionHandle) error {
		if _, _, err := t.ctx.GenerateKeyPair(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(m.generate, nil)}, public, private); err != nil {
			return err
		}
		key, err = t.public(s, alg, kid)
		return err
	})
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKIXPublicKey(key)
}

// Open gives a key of the token. It must be the one whose public half is kept.
func (t *Token) Open(alg jose.SignatureAlgorithm, kid string, kept []byte) (crypto.Signer, error) {
	k := &key{token: t, alg: alg, kid: kid, how: mechanisms[alg]}
	err := t.with(func(s pkcs11.SessionHandle) (err error) {
		if _, err = k.find(s); err == nil {
			k.public, err = t.public(s, alg, kid)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s key %s: %w", alg, kid, err)
	}
	if der, err := x509.MarshalPKIXPublicKey(k.public); err != nil || !slices.Equal(der, kept) {
		return nil, fmt.Errorf("pkcs11: the key %s of the token is another than that of the database", kid)
	}
	return k, nil
}

// Drop destroys both halves of a key.
func (t *Token) Drop(kid string) error {
	return t.with(func(s pkcs11.SessionHandle) error {
		found, err := t.objects(s, pkcs11.NewAttribute(pkcs11.CKA_ID, []byte(kid)))
		for _, o := range found {
			err = errors.Join(err, t.ctx.DestroyObject(s, o))
		}
		return err
	})
}

// objects finds at most two objects that have these attributes.
func (t *Token) objects(s pkcs11.SessionHandle, like ...*pkcs11.Attribute) ([]pkcs11.ObjectHandle, error) {
	if err := t.ctx.FindObjectsInit(s, like); err != nil {
		return nil, err
	}
	found, _, err := t.ctx.FindObjects(s, 2)
	return found, errors.Join(err, t.ctx.FindObjectsFinal(s))
}

// object finds one half of a key.
func (t *Token) object(s pkcs11.SessionHandle, class uint, alg jose.SignatureAlgorithm, kid string) (pkcs11.ObjectHandle, error) {
	found, err := t.objects(s, pkcs11.NewAttribute(pkcs11.CKA_CLASS, class), pkcs11.NewAttribute(pkcs11.CKA_ID, []byte(kid)), pkcs11.NewAttribute(pkcs11.CKA_LABEL, label(alg)))
	if err != nil {
		return 0, err
	}
	if len(found) != 1 {
		return 0, fmt.Errorf("%d such keys in the token", len(found))
	}
	return found[0], nil
}

// public reads the public half of a key.
func (t *Token) public(s pkcs11.SessionHandle, alg jose.SignatureAlgorithm, kid string) (crypto.PublicKey, error) {
	o, err := t.object(s, pkcs11.CKO_PUBLIC_KEY, alg, kid)
	if err != nil {
		return nil, err
	}
	m := mechanisms[alg]
	var wanted []*pkcs11.Attribute
	for _, p := range m.points {
		wanted = append(wanted, pkcs11.NewAttribute(p, nil))
	}
	got, err := t.ctx.GetAttributeValue(s, o, wanted)
	if err != nil {
		return nil, err
	}
	var values [][]byte
	for _, a := range got {
		values = append(values, a.Value)
	}
	return m.public(values)
}

// key is a private key of a token; it implements crypto.Signer.
type key struct {
	how    mechanism
	token  *Token
	alg    jose.SignatureAlgorithm
	kid    string
	public crypto.PublicKey
	handle atomic.Uint64 // in the token, 0: not known (any more)
}

// Public gives the public half.
func (k *key) Public() crypto.PublicKey { return k.public }

// Sign signs a digest, or for Ed25519 a message, in the token, by the key's one algorithm; randomness
// is the token's.
func (k *key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) (signature []byte, err error) {
	if opts.HashFunc() != k.how.hash {
		return nil, fmt.Errorf("pkcs11: a key of %s does not sign by %v", k.alg, opts.HashFunc())
	}
	err = k.token.with(func(s pkcs11.SessionHandle) error {
		signature, err = k.sign(s, slices.Concat(k.how.prefix, digest))
		if err != nil {
			k.handle.Store(0)
		}
		return err
	})
	if err == nil && k.how.signed != nil {
		signature, err = k.how.signed(signature)
	}
	return signature, err
}

func (k *key) sign(s pkcs11.SessionHandle, message []byte) ([]byte, error) {
	o, err := k.find(s)
	if err != nil {
		return nil, err
	}
	if err := k.token.ctx.SignInit(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(k.how.sign, k.how.with)}, o); err != nil {
		return nil, err
	}
	return k.token.ctx.Sign(s, message)
}

// find gives the private half's handle, looked up once.
func (k *key) find(s pkcs11.SessionHandle) (pkcs11.ObjectHandle, error) {
	if o := k.handle.Load(); o != 0 {
		return pkcs11.ObjectHandle(o), nil
	}
	o, err := k.token.object(s, pkcs11.CKO_PRIVATE_KEY, k.alg, k.kid)
	if err == nil {
		k.handle.Store(uint64(o))
	}
	return o, err
}
