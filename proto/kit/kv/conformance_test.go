package kv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

const long = time.Minute

// race runs f a hundred times at once and counts the nil errors.
func race(t *testing.T, f func(i int) error) (winners int64) {
	t.Helper()
	var wg sync.WaitGroup
	var won atomic.Int64
	start := make(chan struct{})
	for i := range 100 {
		wg.Go(func() {
			<-start
			if f(i) == nil {
				won.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	return won.Load()
}

func TestConformance(t *testing.T) {
	backendtest.KV(t, func(t *testing.T, s kv.Store) {
		ctx := context.Background()
		t.Run("put, get, replace, drop", func(t *testing.T) {
			must(t, s.Put(ctx, "a:1", []byte("x"), long))
			must(t, s.Put(ctx, "a:1", []byte{0, 255, '\n'}, long))
			got, err := s.Get(ctx, "a:1")
			if err != nil || !bytes.Equal(got, []byte{0, 255, '\n'}) {
				t.Fatalf("%q %v", got, err)
			}
			must(t, s.Drop(ctx, "a:1", "a:never"))
			if _, err := s.Get(ctx, "a:1"); !errors.Is(err, kv.ErrNotFound) || fault.KindOf(err) != fault.NotFound {
				t.Fatalf("after drop: %v", err)
			}
		})
		t.Run("taken once by 100 racers", func(t *testing.T) {
			must(t, s.Put(ctx, "take:1", []byte("x"), long))
			if n := race(t, func(int) error { _, err := s.Take(ctx, "take:1"); return err }); n != 1 {
				t.Fatalf("%d took it", n)
			}
		})
		t.Run("made once by 100 racers", func(t *testing.T) {
			if n := race(t, func(i int) error { return s.Swap(ctx, "new:1", nil, []byte(fmt.Sprint(i)), long) }); n != 1 {
				t.Fatalf("%d made it", n)
			}
		})
		t.Run("swapped once by 100 racers", func(t *testing.T) {
			must(t, s.Put(ctx, "swap:1", []byte("old"), long))
			if n := race(t, func(i int) error { return s.Swap(ctx, "swap:1", []byte("old"), []byte(fmt.Sprint("v", i)), long) }); n != 1 {
				t.Fatalf("%d swapped it", n)
			}
			if err := s.Swap(ctx, "swap:1", []byte("old"), []byte("x"), long); !errors.Is(err, kv.ErrChanged) {
				t.Fatalf("swap of a changed value: %v", err)
			}
			if err := s.Swap(ctx, "swap:absent", []byte("old"), []byte("x"), long); !errors.Is(err, kv.ErrChanged) {
				t.Fatalf("swap of an absent key: %v", err)
			}
		})
		t.Run("once by 100 racers with one mark, and then the key is left alone", func(t *testing.T) {
			must(t, s.Put(ctx, "once:1", []byte{0, 255}, long))
			if n := race(t, func(int) error { _, err := s.Once(ctx, kv.Mark{Key: "mark:1", Life: long}, "once:1", true); return err }); n != 1 {
				t.Fatalf("%d took it", n)
			}
			must(t, s.Put(ctx, "once:1", []byte{0, 255}, long))
			if _, err := s.Once(ctx, kv.Mark{Key: "mark:1", Life: long}, "once:1", true); !errors.Is(err, kv.ErrChanged) {
				t.Fatalf("a mark that was there: %v", err)
			}
			if got, err := s.Get(ctx, "mark:1"); err != nil || string(got) != "1" {
				t.Fatalf("the mark is %q %v", got, err)
			}
			if got, err := s.Once(ctx, kv.Mark{Key: "mark:2", Life: long, Val: "v\x00\xff"}, "once:1", false); err != nil || !bytes.Equal(got, []byte{0, 255}) {
				t.Fatalf("%q %v", got, err)
			}
			if _, err := s.Get(ctx, "once:1"); err != nil {
				t.Fatalf("it was only to be read: %v", err)
			}
			if got, err := s.Get(ctx, "mark:2"); err != nil || string(got) != "v\x00\xff" {
				t.Fatalf("a mark with a value: %q %v", got, err)
			}
		})
		t.Run("once by 100 racers with marks of their own", func(t *testing.T) {
			must(t, s.Put(ctx, "once:2", []byte("x"), long))
			if n := race(t, func(i int) error {
				_, err := s.Once(ctx, kv.Mark{Key: fmt.Sprint("own:", i), Life: long}, "once:2", true)
				return err
			}); n != 1 {
				t.Fatalf("%d took it", n)
			}
			if _, err := s.Once(ctx, kv.Mark{Key: "mark:3", Life: 80 * time.Millisecond}, "once:2", true); !errors.Is(err, kv.ErrNotFound) {
				t.Fatalf("an absent key: %v", err)
			}
			if _, err := s.Once(ctx, kv.Mark{Key: "mark:3", Life: long}, "once:2", true); !errors.Is(err, kv.ErrChanged) {
				t.Fatalf("the mark did not stay: %v", err)
			}
			time.Sleep(150 * time.Millisecond)
			if _, err := s.Once(ctx, kv.Mark{Key: "mark:3", Life: long}, "once:2", true); !errors.Is(err, kv.ErrNotFound) {
				t.Fatalf("the mark did not end: %v", err)
			}
		})
		t.Run("100 racers count to 100", func(t *testing.T) {
			if n := race(t, func(int) error { _, err := s.Add(ctx, "count:1", 1, long); return err }); n != 100 {
				t.Fatalf("%d counted", n)
			}
			if sum, err := s.Add(ctx, "count:1", -1, long); err != nil || sum != 99 {
				t.Fatalf("%d %v", sum, err)
			}
		})
		t.Run("a counter's time to live is not extended", func(t *testing.T) {
			_, err := s.Add(ctx, "count:2", 5, 300*time.Millisecond)
			must(t, err)
			time.Sleep(200 * time.Millisecond)
			_, err = s.Add(ctx, "count:2", 1, time.Minute)
			must(t, err)
			time.Sleep(200 * time.Millisecond)
			if sum, err := s.Add(ctx, "count:2", 1, long); err != nil || sum != 1 {
				t.Fatalf("the counter lived on: %d %v", sum, err)
			}
		})
		t.Run("expiry", func(t *testing.T) {
			must(t, s.Put(ctx, "exp:1", []byte("x"), 80*time.Millisecond))
			time.Sleep(150 * time.Millisecond)
			if _, err := s.Get(ctx, "exp:1"); !errors.Is(err, kv.ErrNotFound) {
				t.Fatalf("get: %v", err)
			}
			if _, err := s.Take(ctx, "exp:1"); !errors.Is(err, kv.ErrNotFound) {
				t.Fatalf("take: %v", err)
			}
			must(t, s.Swap(ctx, "exp:1", nil, []byte("new"), long))
			if sweeper, ok := s.(kv.Sweeper); ok {
				must(t, sweeper.Sweep(ctx))
			}
			if got, err := s.Get(ctx, "exp:1"); err != nil || string(got) != "new" {
				t.Fatalf("a living key was swept: %q %v", got, err)
			}
		})
		t.Run("large values", func(t *testing.T) {
			big := bytes.Repeat([]byte("0123456789abcdef"), 16<<10)
			must(t, s.Put(ctx, "big:1", big, long))
			if got, err := s.Take(ctx, "big:1"); err != nil || !bytes.Equal(got, big) {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
		})
		t.Run("100 racers update one record", func(t *testing.T) {
			type record struct{ N int }
			if n := race(t, func(int) error {
				_, err := kv.Update(ctx, s, "rec:1", long, func(r *record) error { r.N++; return nil })
				return err
			}); n != 100 {
				t.Fatalf("%d updated", n)
			}
			if r, err := kv.GetJSON[record](ctx, s, "rec:1"); err != nil || r.N != 100 {
				t.Fatalf("%+v %v", r, err)
			}
		})
		t.Run("a context that is over is an outage, not an absence", func(t *testing.T) {
			must(t, s.Put(ctx, "out:1", []byte("x"), long))
			gone, cancel := context.WithCancel(ctx)
			cancel()
			if _, err := s.Get(gone, "out:1"); fault.KindOf(err) != fault.Unavailable {
				t.Fatalf("%v", err)
			}
		})
	})
}

func TestPrefixesKeepServicesApart(t *testing.T) {
	a, b := backendtest.Redis(t), backendtest.Redis(t)
	must(t, a.Put(t.Context(), "k:1", []byte("a"), long))
	if _, err := b.Get(t.Context(), "k:1"); !errors.Is(err, kv.ErrNotFound) {
		t.Fatalf("one service reads the other's key: %v", err)
	}
}

func TestOutageIsUnavailable(t *testing.T) {
	r, err := kv.NewRedis("redis://127.0.0.1:1/0", "x")
	must(t, err)
	db := backendtest.SQLite(t)
	must(t, db.Close())
	for name, s := range map[string]kv.Store{"redis": r, "embedded": kv.NewEmbedded(db, time.Now)} {
		for verb, call := range map[string]func() error{
			"get":  func() error { _, err := s.Get(t.Context(), "k"); return err },
			"take": func() error { _, err := s.Take(t.Context(), "k"); return err },
			"put":  func() error { return s.Put(t.Context(), "k", nil, long) },
			"once": func() error { _, err := s.Once(t.Context(), kv.Mark{Key: "m", Life: long}, "k", true); return err },
			"swap": func() error { return s.Swap(t.Context(), "k", nil, []byte("x"), long) },
			"add":  func() error { _, err := s.Add(t.Context(), "k", 1, long); return err },
			"drop": func() error { return s.Drop(t.Context(), "k") },
		} {
			if err := call(); fault.KindOf(err) != fault.Unavailable {
				t.Errorf("%s %s: %v", name, verb, err)
			}
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
