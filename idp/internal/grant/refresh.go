package grant

import (
	"context"
	"errors"
	"time"

	"eulogin.example/idp/internal/ident"
)

// Grace is how long after a rotation the old refresh token of a client that authenticates is
// refused without ending its family: two of its processes that refreshed at once are no
// thieves, and a thief would need the client's key too. Nothing is given in that time. For
// public clients there is no grace: of two that present one token, one is a thief, and nobody
// knows which.
const Grace = 10 * time.Second

// Family is a line of refresh tokens from one sign-in.
type Family struct {
	ID string
	Approval
	Current, Previous string // digests
	RotatedAt         time.Time
	ExpiresAt         time.Time
	RevokedAt         time.Time
}

// Turn is a refresh token that was presented and found good, before it is used up.
type Turn struct {
	Family
	digest        string
	authenticated bool
}

// Present checks a refresh token of a client. One that was rotated before ends its family;
// authenticated says that the client proved who it is, see Grace.
func (s *Service) Present(ctx context.Context, token, client string, authenticated bool) (Turn, error) {
	f, secret, err := s.family(ctx, token)
	if err != nil {
		return Turn{}, err
	}
	now, digest := s.Now(), ident.Digest(secret)
	switch {
	case f.Client != client, !f.RevokedAt.IsZero(), !now.Before(f.ExpiresAt):
		return Turn{}, ErrInvalid
	case ident.Same(digest, f.Current):
		return Turn{Family: f, digest: digest, authenticated: authenticated}, nil
	case authenticated && ident.Same(digest, f.Previous) && now.Sub(f.RotatedAt) < Grace:
		return Turn{}, ErrInvalid
	}
	// The family's name stands in its refresh tokens only: whoever knows it had one of them.
	return Turn{}, s.reused(ctx, f.ID)
}

// reused ends a family of which a token came twice.
func (s *Service) reused(ctx context.Context, family string) error {
	if err := s.Families.RevokeFamily(ctx, s.Now(), family, "refresh_token_used_twice"); err != nil {
		return err
	}
	return ErrInvalid
}

// Renew gives an access token for a presented refresh token, which stays good, for what is given of the
// approval. Of clients whose tokens are bound to a key of theirs that is all, as a stolen one is worth nothing
// (FAPI 2.0 Security Profile §5.3.2.1); of all others Rotate follows.
func (s *Service) Renew(ctx context.Context, t Turn, given Approval, life time.Duration) (Tokens, error) {
	access, err := s.issueAccess(ctx, Access{Approval: given, Family: t.ID}, life)
	return Tokens{Access: access}, err
}

// Rotate uses a presented token up and gives the next one. It is the last thing of a refresh: an outage, or a key
// that does not sign, before it leaves the presented token good, and an access token without it reaches
// nobody. Of many that rotate at once one succeeds.
func (s *Service) Rotate(ctx context.Context, t Turn) (string, error) {
	next := ident.NewToken(s.Random)
	err := s.Families.RotateFamily(ctx, s.Now(), t.ID, t.digest, ident.Digest(next))
	if errors.Is(err, ErrInvalid) && !t.authenticated {
		err = s.reused(ctx, t.ID)
	}
	if err != nil {
		return "", err
	}
	return handle(t.ID, next), nil
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
