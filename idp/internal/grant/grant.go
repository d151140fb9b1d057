package grant

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// CodeLife is how long an authorization code is good.
const CodeLife = time.Minute

// Grace is how long after a rotation the old refresh token is refused without ending its
// family: a client that sent twice at once is no thief. Nothing is given in that time.
const Grace = 10 * time.Second

// ErrInvalid says that a code or token is not, or no longer, good: `invalid_grant`.
var ErrInvalid = fault.New(fault.Denied, "grant.invalid")

// Approval is what a sign-in gave to a client.
type Approval struct {
	Client   string          `json:"client"`
	Account  ident.AccountID `json:"account"`
	SID      string          `json:"sid"`
	Scopes   []string        `json:"scopes"`
	ACR      string          `json:"acr"`
	AMR      []string        `json:"amr"`
	AuthTime time.Time       `json:"auth_time"`
}

// Has reports whether a scope was granted.
func (a Approval) Has(scope string) bool { return slices.Contains(a.Scopes, scope) }

// Code is what stands behind an authorization code.
type Code struct {
	Approval
	RedirectURI string    `json:"redirect_uri"`
	Challenge   string    `json:"challenge"` // S256
	Nonce       string    `json:"nonce,omitempty"`
	Expires     time.Time `json:"expires"`
}

// Access is what stands behind an access token.
type Access struct {
	Approval
	Secret  string    `json:"secret"` // digest
	Issued  time.Time `json:"issued"`
	Expires time.Time `json:"expires"`
}

// Family is a line of refresh tokens from one sign-in.
type Family struct {
	ID string
	Approval
	Current, Previous string // digests
	RotatedAt         time.Time
	ExpiresAt         time.Time
	RevokedAt         time.Time
}

// Families keeps refresh families.
type Families interface {
	AddFamily(ctx context.Context, at time.Time, f Family) error
	FamilyByID(ctx context.Context, id string) (Family, error) // ErrInvalid
	// RotateFamily sets the new digest if current is still the presented one and the family
	// lives; ErrInvalid otherwise.
	RotateFamily(ctx context.Context, at time.Time, id, presented, next string) error
	RevokeFamily(ctx context.Context, at time.Time, id, why string) error
	// RevokeFamilies ends the families of an account, or of one session of it.
	RevokeFamilies(ctx context.Context, at time.Time, account ident.AccountID, sid, why string) error
}

// Service issues and redeems.
type Service struct {
	KV       kv.Store
	Families Families
	Now      func() time.Time
	Random   io.Reader
}

// IssueCode makes an authorization code.
func (s *Service) IssueCode(ctx context.Context, c Code) (string, error) {
	c.Expires = s.Now().Add(CodeLife)
	code := ident.NewToken(s.Random)
	return code, kv.PutJSON(ctx, s.KV, codeKey(code), c, 2*CodeLife)
}

// RedeemCode takes a code, once. A second arrival revokes what the first one gave.
func (s *Service) RedeemCode(ctx context.Context, code string) (Code, error) {
	c, err := kv.TakeJSON[Code](ctx, s.KV, codeKey(code))
	if fault.KindOf(err) == fault.NotFound {
		ref := reference(code)
		if derr := s.KV.Drop(ctx, accessKey(ref)); derr != nil {
			return Code{}, derr
		}
		if rerr := s.Families.RevokeFamily(ctx, s.Now(), ref, "code_used_twice"); rerr != nil {
			return Code{}, rerr
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

// IssueAccess makes an access token. from is the code that it comes from, or "".
func (s *Service) IssueAccess(ctx context.Context, a Approval, from string, life time.Duration) (string, error) {
	ref := ident.NewID(s.Random)
	if from != "" {
		ref = reference(from)
	}
	secret := ident.NewToken(s.Random)
	rec := Access{Approval: a, Secret: ident.Digest(secret), Issued: s.Now(), Expires: s.Now().Add(life)}
	return ref + "." + secret, kv.PutJSON(ctx, s.KV, accessKey(ref), rec, life)
}

// Access finds the living access token of a handle, or ErrInvalid.
func (s *Service) Access(ctx context.Context, handle string) (Access, error) {
	ref, secret, ok := split(handle)
	if !ok {
		return Access{}, ErrInvalid
	}
	a, err := kv.GetJSON[Access](ctx, s.KV, accessKey(ref))
	if fault.KindOf(err) == fault.NotFound {
		return Access{}, ErrInvalid
	}
	if err != nil {
		return Access{}, err
	}
	if !ident.Same(a.Secret, ident.Digest(secret)) || !s.Now().Before(a.Expires) {
		return Access{}, ErrInvalid
	}
	return a, nil
}

// RevokeAccess ends an access token of this client; anything else is left alone.
func (s *Service) RevokeAccess(ctx context.Context, handle, client string) error {
	a, err := s.Access(ctx, handle)
	if err != nil || a.Client != client {
		return ignore(err)
	}
	ref, _, _ := split(handle)
	return s.KV.Drop(ctx, accessKey(ref))
}

// IssueRefresh begins a family. from is the code that it comes from.
func (s *Service) IssueRefresh(ctx context.Context, a Approval, from string, life time.Duration) (string, error) {
	secret := ident.NewToken(s.Random)
	f := Family{ID: reference(from), Approval: a, Current: ident.Digest(secret), ExpiresAt: s.Now().Add(life)}
	return f.ID + "." + secret, s.Families.AddFamily(ctx, s.Now(), f)
}

// Refresh rotates a refresh token: the presented one is dead, the answer is its successor. A
// token that was rotated before ends the whole family, unless that was a moment ago.
func (s *Service) Refresh(ctx context.Context, token, client string) (Family, string, error) {
	f, secret, err := s.family(ctx, token)
	if err != nil {
		return Family{}, "", err
	}
	now := s.Now()
	switch digest := ident.Digest(secret); {
	case f.Client != client, !f.RevokedAt.IsZero(), !now.Before(f.ExpiresAt):
		return Family{}, "", ErrInvalid
	case ident.Same(digest, f.Current):
		next := ident.NewToken(s.Random)
		if err := s.Families.RotateFamily(ctx, now, f.ID, digest, ident.Digest(next)); err != nil {
			return Family{}, "", err
		}
		return f, f.ID + "." + next, nil
	case ident.Same(digest, f.Previous) && now.Sub(f.RotatedAt) < Grace:
		return Family{}, "", ErrInvalid
	case ident.Same(digest, f.Previous):
		if err := s.Families.RevokeFamily(ctx, now, f.ID, "refresh_token_used_twice"); err != nil {
			return Family{}, "", err
		}
	}
	return Family{}, "", ErrInvalid
}

// RevokeRefresh ends the family of a refresh token of this client.
func (s *Service) RevokeRefresh(ctx context.Context, token, client string) error {
	f, secret, err := s.family(ctx, token)
	if err != nil {
		return ignore(err)
	}
	if f.Client != client || (!ident.Same(ident.Digest(secret), f.Current) && !ident.Same(ident.Digest(secret), f.Previous)) {
		return nil
	}
	return s.Families.RevokeFamily(ctx, s.Now(), f.ID, "revoked_by_client")
}

func (s *Service) family(ctx context.Context, token string) (Family, string, error) {
	id, secret, ok := split(token)
	if !ok {
		return Family{}, "", ErrInvalid
	}
	f, err := s.Families.FamilyByID(ctx, id)
	return f, secret, err
}

// reference derives the public name of what a code gives. It tells nothing of the code.
func reference(code string) string { return ident.Digest("grant " + code)[:26] }

// split takes a handle apart; only the exact shape is one (security case 21).
func split(handle string) (ref, secret string, ok bool) {
	ref, secret, ok = strings.Cut(handle, ".")
	return ref, secret, ok && len(ref) == 26 && len(secret) == 43 && plain(ref) && plain(secret)
}

func plain(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}) < 0
}

func ignore(err error) error {
	if fault.CodeOf(err) == ErrInvalid.Code {
		return nil
	}
	return err
}

func codeKey(code string) string  { return "code:" + ident.Digest(code) }
func accessKey(ref string) string { return "access:" + ref }
