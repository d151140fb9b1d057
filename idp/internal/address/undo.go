package address

import (
	"context"
	"errors"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/audit"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/notify"
	"eulogin.example/proto/kit/fault"
)

// UndoPath is where links to take a change back stand.
const UndoPath = "/account/address/undo/"

// Undoable gives the change that a link could take back. It changes nothing.
func (s *Service) Undoable(ctx context.Context, token string) (Change, error) {
	if !ident.IsToken(token) {
		return Change{}, ErrLink
	}
	c, err := s.Store.EmailChange(ctx, ident.Digest(token))
	switch {
	case fault.KindOf(err) == fault.NotFound:
		return Change{}, ErrLink
	case err != nil:
		return Change{}, err
	case s.Now().Sub(c.At) > UndoFor:
		return Change{}, ErrLink
	case !c.UndoneAt.IsZero():
		return c, ErrUndone
	}
	return c, nil
}

// Undo gives the account its former address back, and ends every session: whoever changed it
// may be signed in. That happens first; when it fails, the link works still.
func (s *Service) Undo(ctx context.Context, token string) (Change, error) {
	c, err := s.Undoable(ctx, token)
	if err != nil {
		return c, err
	}
	a, err := s.Store.ByID(ctx, c.Account)
	if err != nil {
		return c, err
	}
	if err := s.Ender.EndAll(ctx, c.Account); err != nil {
		return c, err
	}
	at, former, now := s.Now(), a.Person(), a.Person()
	former.Email = c.OldEmail
	messages := []notify.Message{notify.AddressRestored(former, at, s.Issuer+"/password/lost")}
	if now.Email != c.OldEmail {
		messages = append(messages, notify.AddressRestored(now, at, s.Issuer+"/password/lost"))
	}
	err = s.Store.ChangeEmail(ctx, at, a, c.OldEmail, c.OldKey, Change{}, c.ID, []audit.Event{audit.EmailChangeUndone(c.Account)}, messages)
	if errors.Is(err, account.ErrEmailTaken) {
		return c, ErrTaken
	}
	return c, err
}
