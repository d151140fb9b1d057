package kv

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"eulogin.example/proto/kit/fault"
)

var (
	// ErrNotFound says that the key is absent or expired.
	ErrNotFound = fault.New(fault.NotFound, "kv.not_found")
	// ErrChanged says that a Swap met another value than the expected one.
	ErrChanged = fault.New(fault.Conflict, "kv.changed")
	// ErrUnavailable says that the store does not answer: nothing is known.
	ErrUnavailable = fault.New(fault.Unavailable, "kv.unavailable")
)

// Store is the expiring store. Keys are "<kind>:<id>"; what a user typed never goes into a
// key as it is. All errors but ErrNotFound and ErrChanged are ErrUnavailable.
type Store interface {
	// Put sets a key, whatever was there.
	Put(ctx context.Context, key string, val []byte, ttl time.Duration) error
	// Get reads a key, or ErrNotFound.
	Get(ctx context.Context, key string) ([]byte, error)
	// Take reads and removes a key; of many that try at once one gets it, the others
	// ErrNotFound.
	Take(ctx context.Context, key string) ([]byte, error)
	// Swap sets a key if its value is old (nil: if it is absent), or ErrChanged.
	Swap(ctx context.Context, key string, old, val []byte, ttl time.Duration) error
	// Once sets a mark that must be absent (ErrChanged, and nothing else happens), and in the same
	// trip reads a key, or with take reads and removes it (ErrNotFound; the mark stays).
	Once(ctx context.Context, m Mark, key string, take bool) ([]byte, error)
	// Add adds to a counter and gives the sum. The time to live is set when the counter is
	// made and not extended.
	Add(ctx context.Context, key string, n int64, ttl time.Duration) (int64, error)
	// Drop removes keys; absent ones are no error.
	Drop(ctx context.Context, keys ...string) error
}

// Mark is a key that says that something has come, for as long as it could come again, and what stands
// under it.
type Mark struct {
	Key  string
	Life time.Duration
	Val  string // "" stands for "1": the key alone says all
}

// val is what is written under the key.
func (m Mark) val() string { return cmp.Or(m.Val, "1") }

// Sweeper is a store that has to be told to forget what expired.
type Sweeper interface {
	Sweep(ctx context.Context) error
}

// PutJSON puts a record.
func PutJSON(ctx context.Context, s Store, key string, v any, ttl time.Duration) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("kv: %w", err)
	}
	return s.Put(ctx, key, raw, ttl)
}

// GetJSON reads a record.
func GetJSON[T any](ctx context.Context, s Store, key string) (T, error) {
	raw, err := s.Get(ctx, key)
	return decode[T](raw, err)
}

// TakeJSON reads and removes a record, for one caller only.
func TakeJSON[T any](ctx context.Context, s Store, key string) (T, error) {
	raw, err := s.Take(ctx, key)
	return decode[T](raw, err)
}

// OnceJSON reads a record together with a mark, or takes it; the zero mark is none.
func OnceJSON[T any](ctx context.Context, s Store, m Mark, key string, take bool) (T, error) {
	switch {
	case m == Mark{} && take:
		return TakeJSON[T](ctx, s, key)
	case m == Mark{}:
		return GetJSON[T](ctx, s, key)
	}
	raw, err := s.Once(ctx, m, key, take)
	return decode[T](raw, err)
}

func decode[T any](raw []byte, err error) (v T, _ error) {
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("kv: %w", err)
	}
	return v, nil
}

// swaps is how often Update tries before it gives up: far more than real contention needs.
const swaps = 200

// Update reads a record, changes it and writes it if nobody else did meanwhile; then it
// tries again. An absent key gives change the zero value to start from. The change runs once
// a try and must have no other effect; its error ends the update. The last state is returned.
func Update[T any](ctx context.Context, s Store, key string, ttl time.Duration, change func(*T) error) (T, error) {
	var zero T
	for try := range swaps {
		old, err := s.Get(ctx, key)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return zero, err
		}
		var v T
		if err == nil {
			if err := json.Unmarshal(old, &v); err != nil {
				return zero, fmt.Errorf("kv: %w", err)
			}
		} else {
			old = nil
		}
		if err := change(&v); err != nil {
			return v, err
		}
		raw, err := json.Marshal(v)
		if err != nil {
			return zero, fmt.Errorf("kv: %w", err)
		}
		if bytes.Equal(raw, old) {
			return v, nil
		}
		if err := s.Swap(ctx, key, old, raw, ttl); !errors.Is(err, ErrChanged) {
			return v, err
		}
		if err := pause(ctx, try); err != nil {
			return zero, err
		}
	}
	return zero, ErrChanged
}

// pause lets the others finish: a little longer at each try.
func pause(ctx context.Context, try int) error {
	select {
	case <-ctx.Done():
		return ErrUnavailable.Because(ctx.Err())
	case <-time.After(time.Duration(min(try, 10)) * time.Millisecond / 4):
		return nil
	}
}
