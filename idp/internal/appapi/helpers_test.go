package appapi_test

import (
	"sync"
	"testing"

	"eulogin.example/proto/kit/fault"
)

// race runs f many times at once and counts how often it had no error.
func race(t testing.TB, n int, f func() error) (won int) {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	start := make(chan struct{})
	for range n {
		all.Go(func() {
			<-start
			if f() == nil {
				mu.Lock()
				won++
				mu.Unlock()
			}
		})
	}
	close(start)
	all.Wait()
	return won
}

func hasField(err error, name string) bool {
	f := fault.As(err)
	if f == nil {
		return false
	}
	_, ok := f.Fields[name]
	return ok
}
