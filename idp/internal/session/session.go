package session

import (
	"slices"
	"strings"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// The limits of a session (domain.md row 25).
const (
	Idle     = time.Hour
	Absolute = 12 * time.Hour
	touch    = 5 * time.Minute // "last seen" is written no more often
	most     = 50              // sessions that are listed for one account
)

// ErrNone says that there is no living session.
var ErrNone = fault.New(fault.Unauthenticated, "session.none")

// Session is one browser's sign-in.
type Session struct {
	ID      string          `json:"id"` // `sid`
	Account ident.AccountID `json:"account"`
	Proofs  []policy.Proof  `json:"proofs"`
	Created time.Time       `json:"created"`
	Seen    time.Time       `json:"seen"`
	Browser string          `json:"browser"` // "Firefox on Windows"
	Address string          `json:"address"`
	Clients []string        `json:"clients,omitempty"` // services that this session signed in to
	// Left says when the session left a service that it had signed in to: what it gave before is dead.
	Left map[string]time.Time `json:"left,omitempty"`
}

// LeftSince reports whether the session left a service at that moment or later.
func (s Session) LeftSince(client string, at time.Time) bool {
	left, ok := s.Left[client]
	return ok && !at.After(left)
}

// Meta is what a sign-in tells about its browser.
type Meta struct {
	Browser, Address string
	New              bool // nobody signed in to this account in this browser before
}

// record is a session as it is kept: under its public id, with the digest of its cookie's
// secret, so that one compare-and-swap changes proofs and cookie together.
type record struct {
	Session
	Digest string `json:"digest"`
}

// alive holds a session against its limits; one that is not there is not alive.
func (r *record) alive(now time.Time) bool {
	return r.ID != "" && now.Sub(r.Seen) <= Idle && now.Sub(r.Created) <= Absolute
}

// merge keeps of each method and factor the newest proof.
func merge(have, more []policy.Proof) []policy.Proof {
	out := slices.Clone(have)
	for _, p := range more {
		out = slices.DeleteFunc(out, func(o policy.Proof) bool {
			return o.Method == p.Method && o.FactorID == p.FactorID && !o.At.After(p.At)
		})
		out = append(out, p)
	}
	return out
}

// split parts a cookie's value, "<sid>.<secret>", into the public id and the secret's digest.
func split(token string) (sid, digest string) {
	sid, secret, _ := strings.Cut(token, ".")
	return sid, ident.Digest(secret)
}

func key(sid string) string                      { return "session:" + sid }
func distrustKey(account ident.AccountID) string { return "distrust:" + string(account) }
func listKey(account ident.AccountID) string     { return "sessions:" + string(account) }
