package pairwise

import (
	"context"
	"fmt"
	"io"
	"time"

	"eulogin.example/idp/internal/seal"
	"eulogin.example/proto/kit/fault"
)

// ErrNoSecret says that the store has no secret of this name.
var ErrNoSecret = fault.New(fault.NotFound, "pairwise.no_secret")

// Store keeps sealed secrets by their names.
type Store interface {
	Secret(ctx context.Context, name string) ([]byte, error) // ErrNoSecret
	// AddSecret keeps one unless there is one of that name: of two processes that begin at once one
	// succeeds, and nobody hears which.
	AddSecret(ctx context.Context, at time.Time, name string, sealed []byte) error
}

// secretName is where the secret stands, and what it is sealed under.
const secretName = "pairwise subjects"

// Open reads the secret; the first process of all draws it. One that is there and cannot be opened is
// never drawn again.
func Open(ctx context.Context, store Store, box *seal.Box, now time.Time, random io.Reader) (*Subjects, error) {
	sealed, err := store.Secret(ctx, secretName)
	if fault.KindOf(err) == fault.NotFound {
		secret := make([]byte, 32)
		if _, err := io.ReadFull(random, secret); err != nil {
			return nil, fmt.Errorf("pairwise: random source: %w", err)
		}
		if sealed, err = box.Seal(random, secret, secretName); err != nil {
			return nil, err
		}
		if err := store.AddSecret(ctx, now, secretName, sealed); err != nil {
			return nil, err
		}
		sealed, err = store.Secret(ctx, secretName) // another process may have been faster
	}
	if err != nil {
		return nil, err
	}
	secret, err := box.Open(sealed, secretName)
	if err != nil {
		return nil, fmt.Errorf("pairwise: %w", err)
	}
	return &Subjects{secret}, nil
}
