package signing

import (
	"context"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/proto/kit/fault"
)

// The types of tokens that are made here, as their header says.
const (
	IDToken     = "JWT"
	LogoutToken = "logout+jwt"
	AccessToken = "at+jwt" // RFC 9068 §2.1
	// Introspection is an answer about a token (RFC 9701 §5).
	Introspection = "token-introspection+jwt"
	// UserInfo is an answer about a person (OpenID Connect Core §5.3.2); it says what it is, so that nobody
	// takes it for an ID token (RFC 8725 §3.11).
	UserInfo = "userinfo+jwt"
)

var types = []string{IDToken, LogoutToken, AccessToken, Introspection, UserInfo}

// The longest token that is looked at, and the longest signature that is made, in bytes.
const (
	tokenLimit     = 16 << 10
	signatureLimit = RSABits / 6
)

// ErrNotReady says that there is no key of an algorithm yet, which the next refresh makes, or that the
// key does not sign now.
var ErrNotReady = fault.New(fault.Unavailable, "signing.not_ready")

// ErrWithdrawn says that a token names a key that was withdrawn: anybody may have signed it.
var ErrWithdrawn = fault.New(fault.Invalid, "signing.withdrawn")

// living is a key that signs and verifies, with its headers encoded once.
type living struct {
	scheme
	signer crypto.Signer
	jwk    jose.JSONWebKey   // public
	header map[string]string // by typ
	doubt  atomic.Bool       // the last signature failed: a token may be away
}

// opened gives a key ready to use; what an earlier refresh opened is not opened again.
func (r *Ring) opened(k Key) (*living, error) {
	if s := r.state.Load(); s != nil && s.byKID[k.KID] != nil {
		return s.byKID[k.KID], nil
	}
	keeper := r.keepers[k.Keeper]
	if keeper == nil {
		return nil, errKeeper(k)
	}
	signer, err := keeper.Open(k.Algorithm, k.KID, k.Kept)
	if err != nil {
		return nil, err
	}
	scheme, ok := schemes[k.Algorithm]
	if !ok || !scheme.fits(signer.Public()) {
		return nil, fmt.Errorf("signing: the key %s is none for %q", k.KID, k.Algorithm)
	}
	l := &living{scheme: scheme, signer: signer, header: map[string]string{}}
	l.jwk = jose.JSONWebKey{Key: signer.Public(), KeyID: k.KID, Algorithm: string(k.Algorithm), Use: "sig"}
	for _, typ := range types {
		raw, err := json.Marshal(map[string]string{"alg": string(k.Algorithm), "kid": k.KID, "typ": typ})
		if err != nil {
			return nil, err
		}
		l.header[typ] = base64.RawURLEncoding.EncodeToString(raw) + "."
	}
	return l, nil
}

// Ready says ErrNotReady where an algorithm has no key yet, or where the last signature failed and a
// trial one does too.
func (r *Ring) Ready(alg jose.SignatureAlgorithm) error {
	k, err := r.present(alg)
	if err != nil || !k.doubt.Load() {
		return err
	}
	_, err = r.signed(k, []byte("trial"))
	return err
}

// signed gives the signature of a message, and remembers whether there was one.
func (r *Ring) signed(k *living, message []byte) ([]byte, error) {
	signature, err := k.sign(r.Random, k.signer, message)
	k.doubt.Store(err != nil)
	if err != nil {
		return nil, ErrNotReady.WithArgs(k.jwk.Algorithm).Because(err)
	}
	return signature, nil
}

// present is the key that signs.
func (r *Ring) present(alg jose.SignatureAlgorithm) (*living, error) {
	l := r.state.Load().lines[alg]
	i := present(l.stored, r.Now())
	if i < 0 {
		return nil, ErrNotReady.WithArgs(string(alg))
	}
	return l.living[i], nil
}

// Prepare refreshes where an algorithm that clients need has no key yet. Without such a one it costs
// nothing: run it whenever clients may have changed.
func (r *Ring) Prepare(ctx context.Context) error {
	if !slices.ContainsFunc(r.needed(), func(alg jose.SignatureAlgorithm) bool { return r.Can(alg) && r.Ready(alg) != nil }) {
		return nil
	}
	return r.Refresh(ctx)
}

// Sign makes a compact JWS of claims with the present key of an algorithm (RFC 7515 §7.1).
func (r *Ring) Sign(alg jose.SignatureAlgorithm, typ string, claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	k, err := r.present(alg)
	if err != nil {
		return "", err
	}
	header, ok := k.header[typ]
	if !ok {
		return "", fmt.Errorf("signing: no token of type %q is made here", typ)
	}
	token := make([]byte, 0, len(header)+base64.RawURLEncoding.EncodedLen(len(payload))+1+signatureLimit)
	token = base64.RawURLEncoding.AppendEncode(append(token, header...), payload)
	signature, err := r.signed(k, token)
	if err != nil {
		return "", err
	}
	return string(base64.RawURLEncoding.AppendEncode(append(token, '.'), signature)), nil
}

// Verify opens a token that this ring signed, of the given typ, whatever its age. The algorithm is
// that of the key, and no other (RFC 8725 §3.1).
func (r *Ring) Verify(token, typ string, claims any) error {
	if len(token) > tokenLimit {
		return errors.New("signing: too long")
	}
	jws, err := jose.ParseSignedCompact(token, slices.Collect(maps.Keys(schemes)))
	if err != nil {
		return err
	}
	header := jws.Signatures[0].Header
	if got, _ := header.ExtraHeaders[jose.HeaderType].(string); got != typ {
		return fmt.Errorf("signing: typ %q", got)
	}
	s := r.state.Load()
	if s.withdrawn[header.KeyID] {
		return ErrWithdrawn
	}
	k := s.byKID[header.KeyID]
	if k == nil || header.Algorithm != k.jwk.Algorithm {
		return errors.New("signing: unknown key, or another algorithm than the key's")
	}
	payload, err := jws.Verify(k.jwk)
	if err != nil {
		return err
	}
	return json.Unmarshal(payload, claims)
}
