package assurance_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/assurance"
	"eulogin.example/cpms/internal/person"
)

// counted answers with how often it was asked.
type counted struct {
	mu    sync.Mutex
	calls int
	err   error
}

func (c *counted) Get(context.Context, person.Person) (access.Known, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	return access.Known{Active: true, Level: c.calls}, c.err
}

func TestRecentRemembersForHalfAMinute(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	of := &counted{}
	r := &assurance.Recent{Of: of, Now: func() time.Time { return at }}
	get := func(id string) int {
		t.Helper()
		k, err := r.Get(t.Context(), person.Person{ID: id})
		if err != nil {
			t.Fatal(err)
		}
		return k.Level
	}
	for i, want := range []int{1, 1, 2, 1} {
		if got := get([]string{"a", "a", "b", "a"}[i]); got != want {
			t.Fatalf("answer %d came from call %d", i, got)
		}
	}
	at = at.Add(assurance.MaxAge)
	if get("a") != 3 {
		t.Fatal("an old answer")
	}
	// A failure is not remembered, and does not give out what was said before.
	at = at.Add(assurance.MaxAge)
	of.err = errors.New("no answer")
	if _, err := r.Get(t.Context(), person.Person{ID: "a"}); err == nil {
		t.Fatal("an answer from nowhere")
	}
	of.err = nil
	if get("a") != 5 {
		t.Fatal("the failure was remembered")
	}
}

// The memory is bounded, and many may use it at once.
func TestRecentForgets(t *testing.T) {
	of := &counted{}
	r := &assurance.Recent{Of: of, Now: time.Now}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 3000 {
				if _, err := r.Get(context.Background(), person.Person{ID: fmt.Sprint(i)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	asked := of.calls
	if _, err := r.Get(t.Context(), person.Person{ID: "0"}); err != nil || of.calls != asked+1 {
		t.Errorf("3000 people are all remembered: %d, then %d calls, %v", asked, of.calls, err)
	}
}
