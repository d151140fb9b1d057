package grant

import (
	"context"
	"encoding/json"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// Access is what stands behind an access token.
type Access struct {
	Approval
	Family  string    `json:"family,omitempty"` // the refresh family that it ends with
	Secret  string    `json:"secret"`           // digest
	Issued  time.Time `json:"issued"`
	Expires time.Time `json:"expires"`
}

// Access finds the living access token of a handle, or ErrInvalid. Whether its session lives
// is for the caller to ask. With a mark, which may have come before (kv.ErrChanged), nothing is told then.
func (s *Service) Access(ctx context.Context, handle string, m kv.Mark) (Access, error) {
	ref, secret, ok := split(handle)
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
func (s *Service) RevokeAccess(ctx context.Context, handle, client string) error {
	a, err := s.Access(ctx, handle, kv.Mark{})
	if err != nil || a.Client != client {
		return ignore(err)
	}
	ref, _, _ := split(handle)
	return s.KV.Drop(ctx, accessKey(ref))
}

// issueAccess makes an access token with a name of its own.
func (s *Service) issueAccess(ctx context.Context, rec Access, life time.Duration) (string, error) {
	secret, raw, err := s.seal(rec, life)
	if err != nil {
		return "", err
	}
	ref := ident.NewID(s.Random)
	return handle(ref, secret), s.KV.Put(ctx, accessKey(ref), raw, life)
}

// seal completes a record and gives it with the secret whose digest it holds.
func (s *Service) seal(rec Access, life time.Duration) (secret string, raw []byte, err error) {
	secret = ident.NewToken(s.Random)
	rec.Secret, rec.Issued, rec.Expires = ident.Digest(secret), s.Now(), s.Now().Add(life)
	raw, err = json.Marshal(rec)
	return secret, raw, err
}

func accessKey(ref string) string { return "access:" + ref }
