package signing

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
)

// The types of tokens that are made here, as their header says.
const (
	IDToken     = "JWT"
	LogoutToken = "logout+jwt"
)

// tokenLimit is the longest token that is looked at, in bytes.
const tokenLimit = 16 << 10

// prepare makes the signers, whose headers are encoded once.
func (k *key) prepare() (err error) {
	for _, typ := range []string{IDToken, LogoutToken} {
		as := jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: k.private, KeyID: k.KID}}
		if k.signer[typ], err = jose.NewSigner(as, (&jose.SignerOptions{}).WithType(jose.ContentType(typ))); err != nil {
			return err
		}
	}
	return nil
}

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

// present is the newest key whose time has come. The very first key signs at once, also where
// a replica's clock is behind that of the one that made it.
func (r *Ring) present() (*key, error) {
	now := r.now()
	s := r.state.Load()
	for i := len(s.keys) - 1; i >= 0; i-- {
		if i == 0 || !now.Before(s.keys[i].ActiveFrom) {
			return &s.keys[i], nil
		}
	}
	return nil, errors.New("signing: there is no key")
}

// Verify opens a token that this ring signed, of the given typ, whatever its age.
func (r *Ring) Verify(token, typ string, claims any) error {
	if len(token) > tokenLimit {
		return errors.New("signing: too long")
	}
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
