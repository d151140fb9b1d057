package grant

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"eulogin.example/idp/internal/claims"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// ErrInvalid says that a code or token is not, or no longer, good: `invalid_grant`.
var ErrInvalid = fault.New(fault.Denied, "grant.invalid")

// Approval is what a sign-in gave to a client, or what a client may do by itself.
type Approval struct {
	Client   string          `json:"client"`
	Account  ident.AccountID `json:"account"`
	SID      string          `json:"sid"`
	Scopes   []string        `json:"scopes"`
	ACR      string          `json:"acr"`
	AMR      []string        `json:"amr"`
	AuthTime time.Time       `json:"auth_time"`
	// Resources are what it is good for (RFC 8707); none means the provider itself.
	Resources []string `json:"resources,omitempty"`
	// At is when the person, or the operators of idp, let the client have it: what is withdrawn later
	// ends it. Zero in what former releases kept.
	At time.Time `json:"at,omitzero"`
	// Details are what the person was shown and agreed to beside the scopes (RFC 9396).
	Details []Detail `json:"authorization_details,omitempty"`
	// Claims are those about the person that were asked for beside the scopes.
	Claims claims.Asked `json:"claims,omitzero"`
	// Withheld is what the person took back since; it is looked up at each use and never kept.
	Withheld []string `json:"-"`
	Binding
}

// Binding is who alone what is given serves: the holder of a key, of a certificate, of both. Nothing in it: anybody.
type Binding struct {
	JKT string `json:"jkt,omitempty"`      // thumbprint of a key (RFC 9449)
	X5T string `json:"x5t#S256,omitempty"` // thumbprint of a certificate (RFC 8705)
}

// OfPerson reports whether a person signed in for it. Else it is a client's own (RFC 6749 §4.4).
func (a Approval) OfPerson() bool { return a.Account != "" }

// Has reports whether a scope was granted.
func (a Approval) Has(scope string) bool { return slices.Contains(a.Scopes, scope) }

// Lives says how long tokens are good; Refresh zero means that none is given.
type Lives struct{ Access, Refresh time.Duration }

// Tokens are handles as a client gets them, once.
type Tokens struct{ Access, Refresh string }

// Families keeps refresh families.
type Families interface {
	// AddFamily begins a family. One of the same id that gave nothing yet is replaced, so that
	// an interrupted exchange can be repeated; any other one is ErrInvalid.
	AddFamily(ctx context.Context, at time.Time, f Family) error
	FamilyByID(ctx context.Context, id string) (Family, error) // ErrInvalid
	// RotateFamily sets the new digest if current is still the presented one and the family
	// lives; ErrInvalid otherwise.
	RotateFamily(ctx context.Context, at time.Time, id, presented, next string) error
	// RevokeFamily ends a family; one that has ended or never was is no error.
	RevokeFamily(ctx context.Context, at time.Time, id, why string) error
}

// Service issues and redeems.
type Service struct {
	KV       kv.Store
	Families Families
	Now      func() time.Time
	Random   io.Reader
	Mint     Mint // nil: all access tokens are handles
}

// reference derives the name of what a code gives, for one use of it. It tells nothing of the
// code, and one name tells nothing of the other.
func reference(use, code string) string { return ident.Digest(use + " " + code)[:26] }

// handle makes what a client gets of a name and a secret.
func handle(ref, secret string) string { return ref + "." + secret }

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

// ignore makes "not good" no error.
func ignore(err error) error {
	if fault.CodeOf(err) == ErrInvalid.Code {
		return nil
	}
	return err
}
