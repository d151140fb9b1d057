package phone

import (
	"context"
	"slices"
	"time"

	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

// listMax bounds the short lists of ids that go with an account.
const listMax = 40

// list reads a list of ids, none when there is no list.
func (s *Service) list(ctx context.Context, key string) ([]string, error) {
	ids, err := kv.GetJSON[[]string](ctx, s.kv, key)
	if err != nil && fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return ids, err
}

// addToList puts an id at the end of a list that lives ttl from now; the oldest fall out.
func (s *Service) addToList(ctx context.Context, key, id string, ttl time.Duration) error {
	_, err := kv.Update(ctx, s.kv, key, ttl, func(ids *[]string) error {
		*ids = append(slices.DeleteFunc(*ids, func(have string) bool { return have == id }), id)
		if over := len(*ids) - listMax; over > 0 {
			*ids = (*ids)[over:]
		}
		return nil
	})
	return err
}
