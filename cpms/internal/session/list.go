package session

import (
	"context"

	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// Of gives the living sessions of a person, the oldest first.
func (s *Service) Of(ctx context.Context, issuer, subject string) (out []Session, err error) {
	list, err := kv.GetJSON[index](ctx, s.KV, subKey(issuer, subject))
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	now := s.Now()
	for _, key := range list.Keys {
		one, err := kv.GetJSON[Session](ctx, s.KV, key)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if now.Sub(one.Seen) <= Idle && now.Sub(one.Created) <= Absolute {
			out = append(out, one)
		}
	}
	return out, nil
}
