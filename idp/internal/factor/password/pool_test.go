package password

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var cheap = Params{MemoryKiB: 8, Passes: 1, Lanes: 1}

func pool(t testing.TB, c PoolConfig) *Pool {
	t.Helper()
	c.Now, c.Rand = time.Now, rand.Reader
	p, err := NewPool(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestHashRoundTrip(t *testing.T) {
	p := pool(t, PoolConfig{Params: cheap, Workers: 1, Queue: 1, MaxWait: time.Second})
	a, err := p.Hash(t.Context(), "Kvlr tzm 4qd")
	if err != nil {
		t.Fatal(err)
	}
	b, _ := p.Hash(t.Context(), "Kvlr tzm 4qd")
	if a == b || !strings.HasPrefix(a, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Errorf("hashes %q %q", a, b)
	}
	for plain, want := range map[string]bool{"Kvlr tzm 4qd": true, "kvlr tzm 4qd": false, "": false} {
		if ok, err := p.Verify(t.Context(), a, plain); err != nil || ok != want {
			t.Errorf("%q: %v %v", plain, ok, err)
		}
	}
	other := pool(t, PoolConfig{Params: Params{16, 1, 1}, Workers: 1, Queue: 1, MaxWait: time.Second})
	if ok, _ := other.Verify(t.Context(), a, "Kvlr tzm 4qd"); !ok || !other.Stale(a) || p.Stale(a) {
		t.Error("a hash with other parameters verifies, and is stale")
	}
}

// gate is an observer that shows what happened and lets the test hold a worker.
type gate struct {
	computed, waited, refused atomic.Int64
	deepest                   atomic.Int64
}

func (g *gate) HashQueue(n int) {
	for {
		was := g.deepest.Load()
		if int64(n) <= was || g.deepest.CompareAndSwap(was, int64(n)) {
			return
		}
	}
}
func (g *gate) HashWaited(time.Duration)   { g.waited.Add(1) }
func (g *gate) HashComputed(time.Duration) { g.computed.Add(1) }
func (g *gate) HashRefused()               { g.refused.Add(1) }

func TestPoolIsBounded(t *testing.T) {
	g := &gate{}
	p := pool(t, PoolConfig{Params: cheap, Workers: 2, Queue: 3, MaxWait: time.Minute, Observer: g})
	hold, entered := make(chan struct{}), make(chan struct{}, 10)
	var running, most atomic.Int64
	var wg sync.WaitGroup
	slow := func() error {
		most.Store(max(most.Load(), running.Add(1)))
		entered <- struct{}{}
		<-hold
		running.Add(-1)
		return nil
	}
	for range 5 {
		wg.Go(func() {
			if err := p.run(context.Background(), slow); err != nil {
				t.Error(err)
			}
		})
	}
	<-entered
	<-entered
	for len(p.admit) < 5 {
		time.Sleep(time.Millisecond)
	}
	if _, err := p.Hash(t.Context(), "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("the sixth is turned away at once: %v", err)
	}
	close(hold)
	wg.Wait()
	if most.Load() != 2 || g.refused.Load() != 1 || g.computed.Load() != 5 || g.waited.Load() != 5 || g.deepest.Load() < 1 {
		t.Errorf("most %d, refused %d, computed %d, waited %d, deepest %d",
			most.Load(), g.refused.Load(), g.computed.Load(), g.waited.Load(), g.deepest.Load())
	}
	if _, err := p.Hash(t.Context(), "x"); err != nil {
		t.Errorf("afterwards there is room again: %v", err)
	}
}

func TestPoolDoesNotWaitForEver(t *testing.T) {
	p := pool(t, PoolConfig{Params: cheap, Workers: 1, Queue: 5, MaxWait: 20 * time.Millisecond})
	hold := make(chan struct{})
	go func() { _ = p.run(context.Background(), func() error { <-hold; return nil }) }()
	for len(p.workers) == 0 {
		time.Sleep(time.Millisecond)
	}
	if _, err := p.Hash(t.Context(), "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("wait: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Hash(ctx, "x"); !errors.Is(err, ErrBusy) {
		t.Errorf("gone: %v", err)
	}
	close(hold)
}

func TestPoolConfigIsChecked(t *testing.T) {
	for _, c := range []PoolConfig{
		{}, {Params: cheap, Queue: 1, MaxWait: 1, Now: time.Now, Rand: rand.Reader},
		{Params: Params{1, 1, 1}, Workers: 1, MaxWait: 1, Now: time.Now, Rand: rand.Reader},
		{Params: cheap, Workers: 1, Now: time.Now, Rand: rand.Reader},
	} {
		if _, err := NewPool(c); err == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}

func FuzzEncodedHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY")
	f.Add("$argon2id$v=19$m=4294967295,t=1,p=255$$")
	f.Add("")
	f.Fuzz(func(t *testing.T, in string) {
		p, salt, key, err := parse(in)
		if err == nil && (!p.valid() || len(salt) < 8 || len(key) < 16) {
			t.Fatalf("%q gave %+v", in, p)
		}
	})
}
