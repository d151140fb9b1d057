package journal

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/factor"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

var (
	// ErrLink: there is no such link, or it is older than seven days.
	ErrLink = fault.New(fault.Gone, "undo.unknown")
	// ErrUndone: the change was undone before.
	ErrUndone = fault.New(fault.Gone, "undo.done")
	// ErrMoot: the method is not as the change left it, so that nothing is left to undo.
	ErrMoot = fault.New(fault.Gone, "undo.moot")
)

// Changes keeps changes with the digests of their links.
type Changes interface {
	// Change finds a change by the digest of its link, or factor.ErrUnknown.
	Change(ctx context.Context, digest string) (factor.Change, error)
}

// Ender ends every session and refresh token of an account.
type Ender interface {
	EndAll(ctx context.Context, id ident.AccountID) error
}

// Undo answers "this wasn't me"; every field is required.
type Undo struct {
	Journal
	Changes Changes
	Keepers map[policy.Method]factor.Keeper
	Ender   Ender
}

// Look gives the change that a link is about. It consumes nothing: scanners of mails open
// links too.
func (u Undo) Look(ctx context.Context, token string) (factor.Change, error) {
	if !ident.IsToken(token) {
		return factor.Change{}, ErrLink
	}
	c, err := u.Changes.Change(ctx, ident.Digest(token))
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return c, ErrLink
	case err != nil:
		return c, err
	case u.Now().Sub(c.At) > factor.KeptFor:
		return c, ErrLink
	case !c.UndoneAt.IsZero():
		return c, ErrUndone
	}
	return c, nil
}

// Do undoes the change: what was added goes, what was removed comes back. Whoever made it may
// be signed in, so every session and refresh token of the account ends first; a crash in
// between leaves a link that works still. Of any number that try at once one does it.
func (u Undo) Do(ctx context.Context, token string) (factor.Change, error) {
	c, err := u.Look(ctx, token)
	if err != nil {
		return c, err
	}
	keeper, ok := u.Keepers[c.Method]
	if !ok {
		return c, ErrMoot
	}
	people, err := u.People(ctx, c.Account)
	if err != nil {
		return c, err
	}
	if err := u.Ender.EndAll(ctx, c.Account); err != nil {
		return c, err
	}
	rec := factor.Record{At: u.Now(), Undoes: c.ID, Events: []audit.Event{audit.FactorChangeUndone(c.Account, string(c.Method), c.Factor, string(c.Action))}}
	for _, p := range people {
		rec.Notices = append(rec.Notices, notify.FactorUndone(p, string(c.Method), c.Name, rec.At, u.Issuer+"/password/lost"))
	}
	if c.Action == factor.Added {
		err = keeper.Remove(ctx, c.Account, c.Factor, rec)
	} else {
		err = keeper.Restore(ctx, c.Account, c.Factor, rec)
	}
	switch {
	case errors.Is(err, factor.ErrUndone):
		return c, ErrUndone
	case fault.KindOf(err) == fault.NotFound:
		return c, ErrMoot
	}
	return c, err
}
