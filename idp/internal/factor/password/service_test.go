package password_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/factor/password"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/proto/kit/fault"
)

func TestVerify(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	for _, tt := range []struct {
		name, plain string
		unknown, ok bool
	}{
		{"right", accounttest.Secret, false, true},
		{"wrong", "correct horse 7", false, false},
		{"empty", "", false, false},
		{"a megabyte", strings.Repeat("x", 1<<20), false, false},
		{"unknown account", accounttest.Secret, true, false},
	} {
		id := anna.ID
		if tt.unknown {
			id = ""
		}
		if ok, err := w.Passwords.Verify(t.Context(), id, tt.plain); err != nil || ok != tt.ok {
			t.Errorf("%s: %v %v", tt.name, ok, err)
		}
	}
}

// The same password typed with composed and decomposed letters is one password.
func TestUnicodeForms(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	if err := w.Passwords.Set(t.Context(), anna.ID, "Crème Brûlée 4", password.About{}, nil, nil); err != nil {
		t.Fatal(err)
	}
	if ok, err := w.Passwords.Verify(t.Context(), anna.ID, "Cre\u0300me Bru\u0302le\u0301e 4"); err != nil || !ok {
		t.Errorf("%v %v", ok, err)
	}
}

// counting sees how many hashes the pool computes.
type counting struct{ computed int }

func (c *counting) HashQueue(int)              {}
func (c *counting) HashWaited(time.Duration)   {}
func (c *counting) HashComputed(time.Duration) { c.computed++ }
func (c *counting) HashRefused()               {}

func service(t *testing.T, w *accounttest.World, p password.Params, log *bytes.Buffer) (*password.Service, *counting) {
	t.Helper()
	seen := &counting{}
	pool, err := password.NewPool(password.PoolConfig{
		Params: p, Workers: 1, Queue: 1, MaxWait: time.Second, Now: time.Now, Rand: rand.Reader, Observer: seen,
	})
	if err != nil {
		t.Fatal(err)
	}
	rule, _ := password.RuleOf("guide")
	s, err := password.New(context.Background(), password.Config{
		Store: w.Store, Pool: pool, Rule: rule, Now: w.Clock.Now, Rand: rand.Reader, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	seen.computed = 0
	return s, seen
}

// An unknown account costs one hash, like a known one; a megabyte costs none.
func TestWorkIsTheSame(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	s, seen := service(t, w, accounttest.Cheap(), &bytes.Buffer{})
	for _, tt := range []struct {
		name   string
		id     string
		plain  string
		hashes int
	}{
		{"known, wrong", string(anna.ID), "Wrong Horse 7", 1},
		{"unknown", "", "Wrong Horse 7", 1},
		{"unknown with an id", "n00nobody", "Wrong Horse 7", 1},
		{"a megabyte", string(anna.ID), strings.Repeat("x", 1<<20), 0},
	} {
		seen.computed = 0
		_, err := s.Verify(t.Context(), ident.AccountID(tt.id), tt.plain)
		if err != nil || seen.computed != tt.hashes {
			t.Errorf("%s: %d hashes, %v", tt.name, seen.computed, err)
		}
	}
}

func TestRehashWithNewParameters(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	before, err := w.Store.PasswordHash(t.Context(), anna.ID)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	s, _ := service(t, w, password.Params{MemoryKiB: 16, Passes: 1, Lanes: 1}, &log)
	if ok, _ := s.Verify(t.Context(), anna.ID, "wrong"); ok {
		t.Fatal("wrong password accepted")
	}
	if now, _ := w.Store.PasswordHash(t.Context(), anna.ID); now != before {
		t.Error("a wrong password must not change the hash")
	}
	for range 2 {
		if ok, err := s.Verify(t.Context(), anna.ID, accounttest.Secret); err != nil || !ok {
			t.Fatalf("%v %v", ok, err)
		}
	}
	after, _ := w.Store.PasswordHash(t.Context(), anna.ID)
	if after == before || !strings.Contains(after, "m=16,") {
		t.Errorf("not renewed: %q", after)
	}
	if log.Len() > 0 {
		t.Errorf("logged: %s", log.String())
	}
}

func TestSetKeepsToTheRule(t *testing.T) {
	w := accounttest.New(t)
	anna := w.Anna(t)
	err := w.Passwords.Set(t.Context(), anna.ID, "Password1!", password.About{}, nil, nil)
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
	if err := w.Passwords.Set(t.Context(), "n00nobody", "Kvlr tzm 4qd", password.About{}, nil, nil); fault.CodeOf(err) != "password.none" {
		t.Errorf("%v", err)
	}
}
