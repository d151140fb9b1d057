package challenge_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor/challenge"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/kv"
)

const anna, code = "n00anna", "AB3KX92MP"

func book(s kv.Store, kind string) (*challenge.Book, *accounttest.Clock) {
	clock := accounttest.NewClock()
	return challenge.NewBook(kind, s, clock.Now, rand.Reader), clock
}

func TestAQuestionIsForOneAccountOfOneKindAndEndsOnce(t *testing.T) {
	backendtest.KV(t, func(t *testing.T, s kv.Store) {
		b, clock := book(s, "one")
		other, _ := book(s, "two")
		q, err := b.Open(t.Context(), anna, "number-1", code)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := s.Get(t.Context(), "question.one:"+q.ID)
		if err != nil || strings.Contains(string(raw), code) {
			t.Errorf("the code is kept in clear, or nothing is kept: %s %v", raw, err)
		}
		for name, try := range map[string]func() (challenge.Question, error){
			"another account": func() (challenge.Question, error) { return b.Try(t.Context(), q.ID, "n00bob") },
			"nobody":          func() (challenge.Question, error) { return b.Try(t.Context(), q.ID, "") },
			"another kind":    func() (challenge.Question, error) { return other.Try(t.Context(), q.ID, anna) },
			"another id":      func() (challenge.Question, error) { return b.Try(t.Context(), strings.Repeat("0", 26), anna) },
			"no id":           func() (challenge.Question, error) { return b.Try(t.Context(), "../../x", anna) },
		} {
			if _, err := try(); !errors.Is(err, challenge.ErrOver) {
				t.Errorf("%s: %v", name, err)
			}
		}
		clock.Pass(challenge.ValidFor)
		got, err := b.Try(t.Context(), q.ID, anna)
		if err != nil || got.About != "number-1" || got.Left() != 4 || !got.Is(code) || got.Is("AB3KX92MQ") || got.Is("") {
			t.Errorf("at 10:00: %+v %v", got, err)
		}
		if err := b.Close(t.Context(), q.ID); err != nil {
			t.Error(err)
		}
		if err := b.Close(t.Context(), q.ID); !errors.Is(err, challenge.ErrOver) {
			t.Errorf("closed twice: %v", err)
		}
		if _, err := b.Try(t.Context(), q.ID, anna); !errors.Is(err, challenge.ErrOver) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestAQuestionExpires(t *testing.T) {
	b, clock := book(kv.NewEmbedded(backendtest.SQLite(t), time.Now), "one")
	q, _ := b.Open(t.Context(), anna, "", "")
	if q.Is("") {
		t.Error("a question without a code is met by nothing")
	}
	clock.Pass(challenge.ValidFor + time.Second)
	if _, err := b.Try(t.Context(), q.ID, anna); !errors.Is(err, challenge.ErrOver) {
		t.Errorf("at 10:01: %v", err)
	}
}

// A hundred at once get five tries between them, and one of them ends the question.
func TestAHundredAtOnceGetFiveTriesAndOneEnd(t *testing.T) {
	backendtest.KV(t, func(t *testing.T, s kv.Store) {
		b, _ := book(s, "one")
		q, _ := b.Open(t.Context(), anna, "", code)
		var tries, ends atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if _, err := b.Try(t.Context(), q.ID, anna); err == nil {
					tries.Add(1)
				} else if !errors.Is(err, challenge.ErrOver) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for range 100 {
			wg.Go(func() {
				if b.Close(t.Context(), q.ID) == nil {
					ends.Add(1)
				}
			})
		}
		wg.Wait()
		if tries.Load() != challenge.MaxTries || ends.Load() != 1 {
			t.Errorf("%d tries, %d ends", tries.Load(), ends.Load())
		}
	})
}
