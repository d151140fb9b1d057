package assurance

import (
	"context"
	"sync"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
)

// The memory of Recent: how old an answer may be, and how many are kept.
const (
	MaxAge  = 30 * time.Second
	entries = 2000
)

// Recent answers from what idp said within MaxAge, and asks otherwise. It is for showing
// only: nothing may be decided on it. Failures are not remembered.
type Recent struct {
	Of  access.Assurance
	Now func() time.Time

	mu   sync.Mutex
	said map[string]answer // by id of the person
}

type answer struct {
	known access.Known
	at    time.Time
}

// Get gives what idp said of a person lately.
func (r *Recent) Get(ctx context.Context, p person.Person) (access.Known, error) {
	if k, ok := r.remembered(p.ID); ok {
		return k, nil
	}
	k, err := r.Of.Get(ctx, p)
	if err == nil {
		r.remember(p.ID, k)
	}
	return k, err
}

func (r *Recent) remembered(id string) (access.Known, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, ok := r.said[id]
	return a.known, ok && r.Now().Sub(a.at) < MaxAge
}

func (r *Recent) remember(id string, k access.Known) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.said == nil || len(r.said) >= entries {
		r.said = map[string]answer{} // forgetting everything now and then bounds the memory
	}
	r.said[id] = answer{k, r.Now()}
}
