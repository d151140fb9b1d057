package session

import (
	"context"
	"slices"
	"time"

	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// RevokeAll ends all sessions of an account but one ("" = really all) and gives them. Proofs
// from before this moment make no new session.
func (s *Service) RevokeAll(ctx context.Context, account ident.AccountID, except string) ([]Session, error) {
	if err := kv.PutJSON(ctx, s.store, endedKey(account), s.now(), Absolute); err != nil {
		return nil, err
	}
	living, err := s.List(ctx, account)
	if err != nil {
		return nil, err
	}
	var ended []Session
	for _, sess := range living {
		if sess.ID == except {
			continue
		}
		switch gone, err := s.Revoke(ctx, sess.ID); {
		case err == nil:
			ended = append(ended, gone)
		case fault.KindOf(err) != fault.Unauthenticated:
			return ended, err
		}
	}
	return ended, nil
}

// EndedAt says when all sessions of an account were ended last; the zero time when that is
// too long ago for any proof to matter.
func (s *Service) EndedAt(ctx context.Context, account ident.AccountID) (time.Time, error) {
	at, err := kv.GetJSON[time.Time](ctx, s.store, endedKey(account))
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
		r, err := s.at(ctx, sid)
		switch {
		case err == nil && r.Account == account:
			out = append(out, r.Session)
		case err != nil && fault.KindOf(err) != fault.Unauthenticated:
			return nil, err
		}
	}
	return out, nil
}
