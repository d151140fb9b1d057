package jobs

import (
	"errors"
	"fmt"

	"eulogin.example/cpms/internal/access"
)

// each does what is due, batch after batch. One that fails does not hold up the others; one that
// another worker, or a person, was faster with is done.
func each[T any](due func() ([]T, error), id func(T) string, do func(T) error) error {
	for {
		list, err := due()
		if err != nil {
			return err
		}
		var failed error
		done := 0
		for _, one := range list {
			switch err := do(one); {
			case err == nil, errors.Is(err, access.ErrChanged):
				done++
			default:
				failed = errors.Join(failed, fmt.Errorf("%s: %w", id(one), err))
			}
		}
		if failed != nil || done == 0 || len(list) < batch {
			return failed
		}
	}
}
