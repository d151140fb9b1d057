package session

import (
	"context"
	"slices"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// Distrust makes this moment the oldest of which a proof can make a new session of the
// account: a sign-in that was parked with a stolen password ends with it. It gives the
// sessions that live, for the caller to revoke.
func (s *Service) Distrust(ctx context.Context, account ident.AccountID) ([]Session, error) {
	if err := kv.PutJSON(ctx, s.store, distrustKey(account), s.now(), Absolute); err != nil {
		return nil, err
	}
	return s.List(ctx, account)
}

// DistrustedAt says when Distrust was called last; the zero time when that is too long ago
// for any proof to matter.
func (s *Service) DistrustedAt(ctx context.Context, account ident.AccountID) (time.Time, error) {
	at, err := kv.GetJSON[time.Time](ctx, s.store, distrustKey(account))
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return time.Time{}, nil
	}
	return at, err
}

// List gives the living sessions of an account, newest first.
func (s *Service) List(ctx context.Context, account ident.AccountID) ([]Session, error) {
	ids, err := kv.GetJSON[[]string](ctx, s.store, listKey(account))
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return nil, nil
		}
		return nil, err
	}
	var out []Session
	for _, sid := range slices.Backward(ids) {
		r, err := s.at(ctx, kv.Mark{}, sid)
		switch {
		case err == nil && r.Account == account:
			out = append(out, r.Session)
		case err != nil && fault.KindOf(err) != fault.Unauthenticated:
			return nil, err
		}
	}
	return out, nil
}
