package session

import (
	"context"
	"slices"

	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// most is how many sessions a list holds; the oldest of more than these end, so that there is
// none that a list does not know.
const most = 100

// index lists the sessions of one idp session or one person, by their keys.
type index struct {
	Keys []string `json:"keys"`
}

// End ends the session of a cookie; one that is gone is no error.
func (s *Service) End(ctx context.Context, token string) error {
	return s.KV.Drop(ctx, sessionKey(token))
}

// EndBySID ends the sessions that came from one session at idp, which never comes back: none
// begins from it any more. The mark is written before the list is read, and Start reads it
// after the list is written, so that one of the two sees the other.
func (s *Service) EndBySID(ctx context.Context, issuer, sid string) error {
	if err := s.KV.Put(ctx, endedKey(issuer, sid), []byte("1"), Absolute); err != nil {
		return err
	}
	return s.endAll(ctx, sidKey(issuer, sid))
}

// EndBySubject ends all sessions of a person.
func (s *Service) EndBySubject(ctx context.Context, issuer, sub string) error {
	return s.endAll(ctx, subKey(issuer, sub))
}

// endAll ends the sessions first and takes them off the list after: a crash in between leaves
// a list to try again with, and a session that begins in between stays on it.
func (s *Service) endAll(ctx context.Context, listKey string) error {
	list, err := kv.GetJSON[index](ctx, s.KV, listKey)
	if fault.KindOf(err) == fault.NotFound || err == nil && len(list.Keys) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.KV.Drop(ctx, list.Keys...); err != nil {
		return err
	}
	_, err = kv.Update(ctx, s.KV, listKey, Absolute, func(i *index) error {
		i.Keys = slices.DeleteFunc(i.Keys, func(k string) bool { return slices.Contains(list.Keys, k) })
		return nil
	})
	return err
}

// enlist puts a session on a list.
func (s *Service) enlist(ctx context.Context, listKey, key string) error {
	var over []string
	if _, err := kv.Update(ctx, s.KV, listKey, Absolute, func(i *index) error {
		i.Keys = append(i.Keys, key)
		over = i.Keys[:max(0, len(i.Keys)-most)]
		i.Keys = i.Keys[len(over):]
		return nil
	}); err != nil || len(over) == 0 {
		return err
	}
	return s.KV.Drop(ctx, over...)
}

// refuseEnded takes a session back that came from one that idp has ended.
func (s *Service) refuseEnded(ctx context.Context, sess Session, key string) error {
	if sess.SID == "" {
		return nil
	}
	_, err := s.KV.Get(ctx, endedKey(sess.Issuer, sess.SID))
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.KV.Drop(ctx, key); err != nil {
		return err
	}
	return ErrNone
}

func indexes(sess Session) []string {
	keys := []string{subKey(sess.Issuer, sess.Subject)}
	if sess.SID != "" {
		keys = append(keys, sidKey(sess.Issuer, sess.SID))
	}
	return keys
}
