package grant

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// CodeLife is how long an authorization code is good.
const CodeLife = time.Minute

// Code is what stands behind an authorization code.
type Code struct {
	Approval
	RedirectURI string    `json:"redirect_uri"`
	Challenge   string    `json:"challenge"` // S256
	Nonce       string    `json:"nonce,omitempty"`
	Expires     time.Time `json:"expires"`
}

// IssueCode makes an authorization code.
func (s *Service) IssueCode(ctx context.Context, c Code) (string, error) {
	c.Expires = s.Now().Add(CodeLife)
	code := ident.NewToken(s.Random)
	return code, kv.PutJSON(ctx, s.KV, codeKey(code), c, CodeLife)
}

// RedeemCode takes a code, once. A code that is not there was used before, and what it gave
// is revoked; it cannot give anything more either (see Exchange).
//
// With a mark, which may have come before (kv.ErrChanged), nothing is taken then.
func (s *Service) RedeemCode(ctx context.Context, code string, m kv.Mark) (Code, error) {
	if m == (kv.Mark{}) && (len(code) != 43 || !plain(code)) {
		return Code{}, ErrInvalid
	}
	c, err := kv.OnceJSON[Code](ctx, s.KV, m, codeKey(code), true)
	if fault.KindOf(err) == fault.NotFound {
		if err := s.replayed(ctx, code); err != nil {
			return Code{}, err
		}
		return Code{}, ErrInvalid
	}
	if err != nil {
		return Code{}, err
	}
	if !s.Now().Before(c.Expires) {
		return Code{}, ErrInvalid
	}
	return c, nil
}

// ReturnCode puts a code back that could not be exchanged because a store did not answer, so
// that the client may try again. Nothing was given for it. It is put back also where the client did not wait.
func (s *Service) ReturnCode(ctx context.Context, code string, c Code) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return s.KV.Swap(context.WithoutCancel(ctx), codeKey(code), nil, raw, CodeLife)
}

// Prepared are the tokens of a redeemed code before anything is written: what else has to be signed with them is
// signed now, and where that fails nothing was used up.
type Prepared struct {
	Tokens
	code, ref string
	record    []byte // of the access token
	family    Family
	lives     Lives
}

// Prepare makes the tokens of a redeemed code: a refresh family for all that was approved, and an access
// token for what is given of it now, which may be less. They are good after Exchange.
func (s *Service) Prepare(ctx context.Context, code string, c Code, given Approval, l Lives) (Prepared, error) {
	p := Prepared{code: code, ref: reference("access", code), lives: l}
	rec := Access{Approval: given}
	if l.Refresh > 0 {
		secret := ident.NewToken(s.Random)
		p.family = Family{ID: reference("family", code), Approval: c.Approval, Current: ident.Digest(secret), ExpiresAt: s.Now().Add(l.Refresh)}
		rec.Family, p.Refresh = p.family.ID, handle(p.family.ID, secret)
	}
	var err error
	p.Access, p.record, err = s.seal(ctx, p.ref, rec, l.Access)
	return p, err
}

// Exchange makes prepared tokens good. The family is written first and the access
// token last, and only if its place is empty: whenever the replay of the code comes, either
// it finds both, or the access token finds the mark that the replay left. Then what is
// answered is dead already, as it would be had the replay come a moment later.
//
// Nothing is given for a code whose session is over, though a family outlives it afterwards. So hold sets the
// access token as a mark in the trip that asks for the session, and says ErrInvalid where that does not hold:
// whoever ends the session and then its families finds this one, or it finds the end.
func (s *Service) Exchange(ctx context.Context, p Prepared, hold func(context.Context, kv.Mark) error) error {
	if p.Refresh != "" {
		if err := s.Families.AddFamily(ctx, s.Now(), p.family); err != nil {
			return err
		}
	}
	err := hold(ctx, kv.Mark{Key: accessKey(p.ref), Life: p.lives.Access, Val: string(p.record)})
	if fault.KindOf(err) == fault.Conflict {
		err = s.displace(ctx, p, hold)
	}
	if errors.Is(err, ErrInvalid) {
		err = cmp.Or(s.unmake(ctx, p), err)
	}
	return err
}

// displace writes the access token where something stands already. What an interrupted exchange left there was told
// to nobody, for its code was put back, and goes; the mark of a replay stays, and ends the family.
func (s *Service) displace(ctx context.Context, p Prepared, hold func(context.Context, kv.Mark) error) error {
	old, err := s.KV.Get(ctx, accessKey(p.ref))
	if err != nil {
		return err
	}
	var rec Access
	if json.Unmarshal(old, &rec) == nil && rec.Secret != "" {
		err = s.KV.Swap(ctx, accessKey(p.ref), old, p.record, p.lives.Access)
		if err == nil {
			return hold(ctx, kv.Mark{})
		}
	}
	return cmp.Or(err, s.endFamily(ctx, p.code))
}

// unmake ends tokens of which nothing was told.
func (s *Service) unmake(ctx context.Context, p Prepared) error {
	err := s.KV.Drop(ctx, accessKey(p.ref))
	if p.Refresh != "" {
		err = errors.Join(s.Families.RevokeFamily(ctx, s.Now(), p.family.ID, "session_over"), err)
	}
	return err
}

// replayed ends what a code gave, or will have given: the mark outlives every exchange that
// is still under way.
func (s *Service) replayed(ctx context.Context, code string) error {
	if err := kv.PutJSON(ctx, s.KV, accessKey(reference("access", code)), Access{}, CodeLife); err != nil {
		return err
	}
	return s.endFamily(ctx, code)
}

// endFamily ends the refresh family of a code, if there is one. It looks first: most codes
// that are not there never were, and a stranger must not cause writes to what lasts.
func (s *Service) endFamily(ctx context.Context, code string) error {
	f, err := s.Families.FamilyByID(ctx, reference("family", code))
	if err != nil || !f.RevokedAt.IsZero() {
		return ignore(err)
	}
	return s.Families.RevokeFamily(ctx, s.Now(), f.ID, "code_used_twice")
}

func codeKey(code string) string { return "code:" + ident.Digest(code) }
