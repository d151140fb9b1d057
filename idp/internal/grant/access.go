package grant

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// Access is what stands behind an access token.
type Access struct {
	Approval
	Family  string    `json:"family,omitempty"` // the refresh family that it ends with
	Chain   []Link    `json:"chain,omitempty"`  // what it was exchanged for, the first token first: it ends with each
	Secret  string    `json:"secret"`           // digest of a handle's secret, or of a whole JWT
	Issued  time.Time `json:"issued"`
	Expires time.Time `json:"expires"`

	name string // of the record, where it was found by its token
}

// Mint makes an access token that is a JWT and has the name of its record as jti (RFC 9068); "" says
// that it is to be a handle.
type Mint func(ctx context.Context, name string, a Access) (string, error)

// Access finds the record of a living access token, or ErrInvalid. Whether its session lives
// is for the caller to ask. With a mark, which may have come before (kv.ErrChanged), nothing is told then.
func (s *Service) Access(ctx context.Context, token string, m kv.Mark) (Access, error) {
	ref, secret, ok := locate(token)
	switch {
	case !ok && m == kv.Mark{}:
		return Access{}, ErrInvalid
	case !ok:
		ref = "" // nothing has that name, and the mark is set
	}
	a, err := kv.OnceJSON[Access](ctx, s.KV, m, accessKey(ref), false)
	if fault.KindOf(err) == fault.NotFound {
		return Access{}, ErrInvalid
	}
	if err != nil {
		return Access{}, err
	}
	if !ident.Same(a.Secret, ident.Digest(secret)) || !s.Now().Before(a.Expires) {
		return Access{}, ErrInvalid
	}
	a.name = ref
	if err := s.whole(ctx, a.Chain); err != nil {
		return Access{}, err
	}
	if a.Family == "" {
		return a, nil
	}
	f, err := s.Families.FamilyByID(ctx, a.Family)
	if err != nil {
		return Access{}, err
	}
	if !f.RevokedAt.IsZero() {
		return Access{}, ErrInvalid
	}
	return a, nil
}

// RevokeAccess ends an access token of this client; anything else is left alone.
func (s *Service) RevokeAccess(ctx context.Context, token, client string) error {
	a, err := s.Access(ctx, token, kv.Mark{})
	if err != nil || a.Client != client {
		return ignore(err)
	}
	ref, _, _ := locate(token)
	return s.KV.Drop(ctx, accessKey(ref))
}

// IssueOwn makes an access token of a client's own. No session, account or family ends it: that its client
// still may is for the caller to ask at each use.
func (s *Service) IssueOwn(ctx context.Context, a Approval, life time.Duration) (Tokens, error) {
	access, err := s.issueAccess(ctx, Access{Approval: a}, life)
	return Tokens{Access: access}, err
}

// issueAccess makes an access token with a name of its own.
func (s *Service) issueAccess(ctx context.Context, rec Access, life time.Duration) (string, error) {
	ref := ident.NewID(s.Random)
	token, raw, err := s.seal(ctx, ref, rec, life)
	if err != nil {
		return "", err
	}
	return token, s.KV.Put(ctx, accessKey(ref), raw, life)
}

// seal completes a record and gives it with the token of which it holds the digest.
func (s *Service) seal(ctx context.Context, ref string, rec Access, life time.Duration) (token string, raw []byte, err error) {
	rec.Issued, rec.Expires = s.Now(), s.Now().Add(life)
	if s.Mint != nil {
		if token, err = s.Mint(ctx, ref, rec); err != nil {
			return "", nil, err
		}
		rec.Secret = ident.Digest(token)
	}
	if token == "" {
		secret := ident.NewToken(s.Random)
		token, rec.Secret = handle(ref, secret), ident.Digest(secret)
	}
	raw, err = json.Marshal(rec)
	return token, raw, err
}

// jwtLimit is the longest JWT that is looked at, in bytes.
const jwtLimit = 16 << 10

// locate gives the name of an access token's record, and what the record holds the digest of: the secret of a
// handle, or a JWT as a whole. No signature needs to be checked: what has that digest was made here,
// and not a bit of it was changed since (security case 21).
func locate(token string) (ref, secret string, ok bool) {
	if ref, secret, ok = split(token); ok || len(token) > jwtLimit || strings.Count(token, ".") != 2 {
		return ref, secret, ok
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	var claims struct {
		ID string `json:"jti"`
	}
	if err != nil || json.Unmarshal(payload, &claims) != nil || len(claims.ID) != 26 || !plain(claims.ID) {
		return "", "", false
	}
	return claims.ID, token, true
}

func accessKey(ref string) string { return "access:" + ref }
