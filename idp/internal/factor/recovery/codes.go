package recovery

import (
	"context"
	"time"

	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

const (
	// Count is how many codes are issued together.
	Count = 10
	// Low is the number of codes left from which on the person is asked to get new ones.
	Low = 3
	// size is the number of characters of a code, five random bits each.
	size = 16
)

// What can go wrong, beside challenge.ErrOver.
var (
	// ErrIssued: codes were issued meanwhile; those are the ones that count.
	ErrIssued = fault.New(fault.Conflict, "recoverycodes.issued")
	// ErrNone: the account has no code that is left.
	ErrNone = fault.New(fault.Conflict, "recoverycodes.none")
	// ErrWrong carries the number of tries that are left as its first argument.
	ErrWrong = fault.New(fault.Invalid, "recoverycodes.wrong")
)

// Set is the codes that were issued together.
type Set struct {
	ID         string // also the salt of the digests
	Account    ident.AccountID
	Digests    [Count]string // "" where the code was used
	IssuedAt   time.Time
	LastUsedAt time.Time // zero: none was used
}

// Left counts the codes that were not used.
func (s Set) Left() (n int) {
	for _, d := range s.Digests {
		if d != "" {
			n++
		}
	}
	return n
}

// Factor gives what all kinds of factors have in common; the codes of a set are one factor.
func (s Set) Factor() factor.Factor {
	return factor.Factor{Method: policy.RecoveryCode, ID: s.ID, AddedAt: s.IssuedAt, LastUsedAt: s.LastUsedAt, Usable: s.Left() > 0}
}

// find gives the place of a canonical code, or false. It compares with every digest, each in
// constant time.
func (s Set) find(code string) (place int, ok bool) {
	digest := s.digest(code)
	for i, d := range s.Digests {
		if d != "" && ident.Same(d, digest) {
			place, ok = i, true
		}
	}
	return place, ok
}

func (s Set) digest(code string) string { return ident.Digest(s.ID + " " + code) }

// Store keeps sets. Every write is one transaction with its record.
type Store interface {
	factor.Keeper
	// RecoverySet gives the living set of an account, or factor.ErrUnknown.
	RecoverySet(ctx context.Context, account ident.AccountID) (Set, error)
	// Issue stores a set instead of the living one of the id replaces ("": instead of none),
	// which is forgotten. ErrIssued when another one is living.
	Issue(ctx context.Context, s Set, replaces string, rec factor.Record) error
	// Spend uses the code at a place up and reports whether this call did it.
	Spend(ctx context.Context, s Set, place int, rec factor.Record) (bool, error)
}
