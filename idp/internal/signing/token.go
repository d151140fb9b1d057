package signing

import (
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/proto/kit/fault"
)

// The types of tokens that are made here, as their header says.
const (
	IDToken     = "JWT"
	LogoutToken = "logout+jwt"
	AccessToken = "at+jwt" // RFC 9068 §2.1
)

var types = []string{IDToken, LogoutToken, AccessToken}

// The longest token that is looked at, and the longest signature that is made, in bytes.
const (
	tokenLimit     = 16 << 10
	signatureLimit = rsaBits / 6
)

// ErrNotReady says that there is no key of an algorithm yet: the next refresh makes it.
var ErrNotReady = fault.New(fault.Unavailable, "signing.not_ready")

// living is a key that signs and verifies, with its headers encoded once.
type living struct {
	scheme
	signer crypto.Signer
	jwk    jose.JSONWebKey   // public
	header map[string]string // by typ
}

// opened gives a key ready to use; what an earlier refresh opened is not opened again.
func (r *Ring) opened(k Sealed) (*living, error) {
	if s := r.state.Load(); s != nil && s.byKID[k.KID] != nil {
		return s.byKID[k.KID], nil
	}
	signer, err := r.open(k)
	if err != nil {
		return nil, err
	}
	l := &living{scheme: schemes[k.Algorithm], signer: signer, header: map[string]string{}}
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

// Ready says ErrNotReady where an algorithm has no key yet.
func (r *Ring) Ready(alg jose.SignatureAlgorithm) error {
	if r.state.Load().lines[alg] == nil {
		return ErrNotReady.WithArgs(string(alg))
	}
	return nil
}

// Sign makes a compact JWS of claims with the present key of an algorithm (RFC 7515 §7.1).
func (r *Ring) Sign(alg jose.SignatureAlgorithm, typ string, claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	if err := r.Ready(alg); err != nil {
		return "", err
	}
	l := r.state.Load().lines[alg]
	k := l.living[present(l.sealed, r.Now())]
	header, ok := k.header[typ]
	if !ok {
		return "", fmt.Errorf("signing: no token of type %q is made here", typ)
	}
	token := make([]byte, 0, len(header)+base64.RawURLEncoding.EncodedLen(len(payload))+1+signatureLimit)
	token = base64.RawURLEncoding.AppendEncode(append(token, header...), payload)
	signature, err := k.sign(r.Random, k.signer, token)
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
	k := r.state.Load().byKID[header.KeyID]
	if k == nil || header.Algorithm != k.jwk.Algorithm {
		return errors.New("signing: unknown key, or another algorithm than the key's")
	}
	payload, err := jws.Verify(k.jwk)
	if err != nil {
		return err
	}
	return json.Unmarshal(payload, claims)
}
