package registration

import (
	"context"
	"slices"
	"time"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
)

// ErrToken says that an initial access token is unknown, used up, too old or revoked.
var ErrToken = fault.New(fault.Unauthenticated, "client.initial_token")

// The most that an initial access token may be good for.
const (
	MaxUses = 1000
	MaxDays = 365
)

// InitialToken lets somebody register clients (RFC 7591 §1.2) without being an operator.
type InitialToken struct {
	ID        string
	Digest    string
	Policy    Policy
	Left      int64 // clients that it can still register
	CreatedAt time.Time
	CreatedBy string
	EndsAt    time.Time
	RevokedAt time.Time
}

// Policy is what the clients that were registered with a token may have.
type Policy struct {
	Scopes   []string `json:"scopes"`
	Hosts    []string `json:"hosts,omitempty"`    // of all their addresses; none: any
	Approval bool     `json:"approval,omitempty"` // an operator approves each of them, and each change
}

// Tokens keeps initial access tokens.
type Tokens interface {
	AddInitialToken(ctx context.Context, t InitialToken, event audit.Event) error
	InitialTokens(ctx context.Context) ([]InitialToken, error)
	InitialTokenByDigest(ctx context.Context, digest string) (InitialToken, error) // ErrToken
	InitialTokenByID(ctx context.Context, id string) (InitialToken, error)         // ErrToken
	// RevokeInitialToken ends one; ErrToken when there is none, or it was ended.
	RevokeInitialToken(ctx context.Context, at time.Time, id string, event audit.Event) error
}

// IssueToken makes an initial access token for so many clients and days, and gives it in plain, once.
func (s *Service) IssueToken(ctx context.Context, by string, uses, days int64, p Policy) (InitialToken, string, error) {
	bad := ErrInvalid
	if uses < 1 || uses > MaxUses {
		bad = bad.WithField("uses", "client.uses")
	}
	if days < 1 || days > MaxDays {
		bad = bad.WithField("days", "client.days")
	}
	if !slices.Contains(p.Scopes, "openid") || slices.ContainsFunc(p.Scopes, func(scope string) bool { return !slices.Contains(client.Scopes, scope) && !client.APIScope(scope) }) {
		bad = bad.WithField("scopes", "client.scopes")
	}
	if slices.ContainsFunc(p.Hosts, func(h string) bool { return !client.IsHost(h) }) {
		bad = bad.WithField("hosts", "client.hosts")
	}
	if err := bad.Or(); err != nil {
		return InitialToken{}, "", err
	}
	plain, now := ident.NewToken(s.Random), s.Now()
	t := InitialToken{ID: ident.NewID(s.Random), Digest: ident.Digest(plain), Policy: p, Left: uses, CreatedAt: now, CreatedBy: by, EndsAt: now.AddDate(0, 0, int(days))}
	return t, plain, s.Tokens.AddInitialToken(ctx, t, audit.InitialTokenIssued(t.ID, by))
}

// RevokeToken ends an initial access token. Clients that were registered with it stay.
func (s *Service) RevokeToken(ctx context.Context, by, id string) error {
	return s.Tokens.RevokeInitialToken(ctx, s.Now(), id, audit.InitialTokenRevoked(id, by))
}

// Good reports whether something can be registered with a token at a moment.
func (t InitialToken) Good(now time.Time) bool {
	return t.Left > 0 && t.RevokedAt.IsZero() && now.Before(t.EndsAt)
}
