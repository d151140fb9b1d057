package access

import (
	"context"
	"strings"
	"time"

	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/plain"
	"eulogin.example/cpms/internal/signoff"
)

// RevokeStore is what an operator's revocation needs of the store.
type RevokeStore interface {
	RequestByID(ctx context.Context, id string) (Request, error)
	GrantsOf(ctx context.Context, personID string) ([]Grant, error)
	PersonByID(ctx context.Context, id string) (person.Person, error)
	ApplyChange(ctx context.Context, c Change) error
}

// RevokeByOperator takes back the access that a request led to, on the word of who runs the
// service: for when nobody at the desk can. It leaves an audit event and no receipt; the holder is
// told the reason and signed out everywhere, as after a revocation at the desk. Errors: ErrUnknown,
// ErrNoGrant, ErrInvalid, ErrChanged.
func RevokeByOperator(ctx context.Context, store RevokeStore, now time.Time, requestID, reason, homeURL string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || !plain.Text(reason, TextMax) {
		return ErrInvalid.WithField("reason", "revoke.reason.needed")
	}
	s := &Service{Now: func() time.Time { return now }}
	r, err := store.RequestByID(ctx, requestID)
	if err != nil {
		return err
	}
	grants, err := store.GrantsOf(ctx, r.PersonID)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if _, ok := NextGrant(g.Status(now), Coordinator, Revoke); g.RequestID != r.ID || !ok {
			continue
		}
		holder, err := store.PersonByID(ctx, r.PersonID)
		if err != nil {
			return err
		}
		c := s.ended(r, g, "", reason, signoff.Message{Issuer: holder.Issuer, Subject: holder.Subject, Reason: signoff.AccessRevoked}, "")
		c.Events[0].Actor = audit.Operator
		c.Mails = []notify.Mail{notify.Revoked(holder, r.Network, reason, homeURL)}
		return store.ApplyChange(ctx, c)
	}
	return ErrNoGrant
}
