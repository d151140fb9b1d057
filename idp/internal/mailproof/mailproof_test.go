package mailproof_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"eulogin.example/idp/internal/accounttest"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/proto/kit/backendtest"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/kv"
)

const purpose mailproof.Purpose = "test"

func onStore(t testing.TB, s kv.Store) (*mailproof.Service, *accounttest.Clock) {
	t.Helper()
	clock := accounttest.NewClock()
	m, err := mailproof.New(s, clock.Now, rand.Reader, 5*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return m, clock
}

func fresh(t testing.TB) (*mailproof.Service, *accounttest.Clock) {
	t.Helper()
	return onStore(t, kv.NewEmbedded(backendtest.SQLite(t), time.Now))
}

func open(t testing.TB, m *mailproof.Service) (mailproof.Ticket, mailproof.Secrets) {
	t.Helper()
	ticket, sec, err := m.Open(t.Context(), mailproof.Ticket{
		Purpose: purpose, Account: "n00anna", Email: "anna@example.org", Asker: "desk", Data: json.RawMessage(`{"a":1}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return ticket, sec
}

func want(t testing.TB, what string, err error, sentinel *fault.Error) {
	t.Helper()
	if sentinel == nil && err != nil || sentinel != nil && !errors.Is(err, sentinel) {
		t.Errorf("%s: got %v, want %v", what, err, sentinel)
	}
}

func TestLinkIsValidForFiveMinutes(t *testing.T) {
	m, clock := fresh(t)
	_, first := open(t, m)
	_, second := open(t, m)
	clock.Pass(5 * time.Minute)
	_, err := m.ProveByLink(t.Context(), purpose, first.Token, "desk")
	want(t, "at 5:00", err, nil)
	clock.Pass(time.Second)
	_, err = m.Look(t.Context(), purpose, second.Token, "desk")
	want(t, "look at 5:01", err, mailproof.ErrExpired)
	_, err = m.ProveByLink(t.Context(), purpose, second.Token, "desk")
	want(t, "at 5:01", err, mailproof.ErrExpired)
	_, err = m.ProveByCode(t.Context(), purpose, ticketID(second), "desk", second.Code)
	want(t, "code at 5:01", err, mailproof.ErrExpired)
}

func ticketID(s mailproof.Secrets) string { id, _, _ := strings.Cut(s.Token, "."); return id }

// A mail scanner opens the link as often as it likes; only the button uses it up.
func TestLookingUsesNothingUp(t *testing.T) {
	m, _ := fresh(t)
	_, sec := open(t, m)
	for range 10 {
		_, err := m.Look(t.Context(), purpose, sec.Token, "scanner")
		want(t, "look", err, nil)
	}
	_, err := m.ProveByLink(t.Context(), purpose, sec.Token, "desk")
	want(t, "prove", err, nil)
	_, err = m.ProveByLink(t.Context(), purpose, sec.Token, "desk")
	want(t, "a double click", err, nil)
	_, err = m.ProveByLink(t.Context(), purpose, sec.Token, "phone")
	want(t, "another browser", err, mailproof.ErrUsed)
	_, err = m.Look(t.Context(), purpose, sec.Token, "phone")
	want(t, "look from another browser", err, mailproof.ErrUsed)
}

func TestOneOfAHundredRacersWins(t *testing.T) {
	backendtest.KV(t, func(t *testing.T, s kv.Store) {
		m, _ := onStore(t, s)
		ticket, sec := open(t, m)
		var won, used atomic.Int64
		var winner atomic.Value
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				browser := fmt.Sprint("browser ", i)
				switch _, err := m.ProveByLink(t.Context(), purpose, sec.Token, browser); {
				case err == nil:
					won.Add(1)
					winner.Store(browser)
				case errors.Is(err, mailproof.ErrUsed):
					used.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || used.Load() != 99 {
			t.Fatalf("%d won, %d were told that it is used", won.Load(), used.Load())
		}
		won.Store(0)
		for range 100 {
			wg.Go(func() {
				if _, err := m.Finish(t.Context(), purpose, ticket.ID, winner.Load().(string)); err == nil {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d finished", won.Load())
		}
	})
}

func TestRenewReplaces(t *testing.T) {
	m, clock := fresh(t)
	ticket, old := open(t, m)
	clock.Pass(10 * time.Minute)
	_, fresh, err := m.Renew(t.Context(), purpose, ticket.ID, "phone", func(*mailproof.Ticket) {})
	want(t, "renew", err, nil)
	_, err = m.Look(t.Context(), purpose, old.Token, "desk")
	want(t, "the old link", err, mailproof.ErrReplaced)
	_, err = m.ProveByLink(t.Context(), purpose, old.Token, "desk")
	want(t, "the old link's button", err, mailproof.ErrReplaced)
	_, err = m.ProveByCode(t.Context(), purpose, ticket.ID, "phone", old.Code)
	want(t, "the old code", err, mailproof.ErrWrong)
	_, err = m.ProveByCode(t.Context(), purpose, ticket.ID, "desk", fresh.Code)
	want(t, "the new code where nobody asked for it", err, mailproof.ErrUnknown)
	_, err = m.ProveByLink(t.Context(), purpose, fresh.Token, "desk")
	want(t, "the new link", err, nil)
	_, _, err = m.Renew(t.Context(), purpose, ticket.ID, "", func(*mailproof.Ticket) {})
	want(t, "renew after the proof", err, nil)
	_, err = m.Proved(t.Context(), purpose, ticket.ID, "desk")
	want(t, "the proof made before", err, mailproof.ErrUnknown)
}

func TestCodeHasFiveTries(t *testing.T) {
	m, _ := fresh(t)
	ticket, sec := open(t, m)
	for range mailproof.MaxTries {
		_, err := m.ProveByCode(t.Context(), purpose, ticket.ID, "desk", "0000-0000")
		want(t, "wrong", err, mailproof.ErrWrong)
	}
	_, err := m.ProveByCode(t.Context(), purpose, ticket.ID, "desk", sec.Code)
	want(t, "the right code too late", err, mailproof.ErrTries)
	_, err = m.ProveByLink(t.Context(), purpose, sec.Token, "desk")
	want(t, "the link still works", err, nil)
}

func TestCodeIsForgiving(t *testing.T) {
	m, _ := fresh(t)
	ticket, sec := open(t, m)
	got, err := m.ProveByCode(t.Context(), purpose, ticket.ID, "desk", " "+strings.ToLower(strings.ReplaceAll(sec.Code, "-", ""))+" ")
	want(t, "lower case without hyphen", err, nil)
	if got.ProvedBy != "code" {
		t.Errorf("proved by %q", got.ProvedBy)
	}
	_, err = m.Proved(t.Context(), purpose, ticket.ID, "desk")
	want(t, "proved here", err, nil)
	_, err = m.Proved(t.Context(), purpose, ticket.ID, "phone")
	want(t, "not there", err, mailproof.ErrUnknown)
}

// Security case 28: bound to purpose, ticket, address and browser; nothing works crosswise.
func TestNothingWorksCrosswise(t *testing.T) {
	m, clock := fresh(t)
	a, secA := open(t, m)
	b, secB := open(t, m)
	_, err := m.ProveByLink(t.Context(), "recover", secA.Token, "desk")
	want(t, "another purpose", err, mailproof.ErrUnknown)
	_, err = m.ProveByLink(t.Context(), purpose, a.ID+secB.Token[26:], "desk")
	want(t, "another ticket's secret", err, mailproof.ErrUnknown)
	_, err = m.ProveByCode(t.Context(), purpose, a.ID, "desk", secB.Code)
	want(t, "another ticket's code", err, mailproof.ErrWrong)
	_, err = m.Proved(t.Context(), purpose, b.ID, "")
	want(t, "no proof, no browser", err, mailproof.ErrUnknown)
	_, err = m.Finish(t.Context(), purpose, b.ID, "desk")
	want(t, "finish without a proof", err, mailproof.ErrUnknown)
	_, err = m.ProveByLink(t.Context(), purpose, secA.Token, "desk")
	want(t, "prove", err, nil)
	_, err = m.Finish(t.Context(), "recover", a.ID, "desk")
	want(t, "finish for another purpose", err, mailproof.ErrUnknown)
	clock.Pass(mailproof.UseWithin + time.Second)
	_, err = m.Finish(t.Context(), purpose, a.ID, "desk")
	want(t, "finish too late", err, mailproof.ErrExpired)
}

func TestVoidTicketCannotBeProved(t *testing.T) {
	m, _ := fresh(t)
	ticket, sec, err := m.Open(t.Context(), mailproof.Ticket{Purpose: purpose, Asker: "desk", Void: true})
	want(t, "open", err, nil)
	_, err = m.ProveByLink(t.Context(), purpose, sec.Token, "desk")
	want(t, "link", err, mailproof.ErrUnknown)
	_, err = m.ProveByCode(t.Context(), purpose, ticket.ID, "desk", sec.Code)
	want(t, "code", err, mailproof.ErrWrong)
}

func TestFinishAndRestore(t *testing.T) {
	m, _ := fresh(t)
	ticket, sec := open(t, m)
	_, err := m.ProveByLink(t.Context(), purpose, sec.Token, "desk")
	want(t, "prove", err, nil)
	before, err := m.Finish(t.Context(), purpose, ticket.ID, "desk")
	want(t, "finish", err, nil)
	if string(before.Data) != `{"a":1}` {
		t.Errorf("data %s", before.Data)
	}
	_, err = m.Finish(t.Context(), purpose, ticket.ID, "desk")
	want(t, "finish again", err, mailproof.ErrUsed)
	after, err := m.Look(t.Context(), purpose, sec.Token, "desk")
	want(t, "look", err, mailproof.ErrUsed)
	if after.Data != nil {
		t.Errorf("what was typed is still kept: %s", after.Data)
	}
	want(t, "restore", m.Restore(t.Context(), before), nil)
	_, err = m.Finish(t.Context(), purpose, ticket.ID, "desk")
	want(t, "finish after a write that failed", err, nil)
}

// Only digests are stored.
func TestStoreHoldsNoSecret(t *testing.T) {
	s := kv.NewEmbedded(backendtest.SQLite(t), time.Now)
	m, _ := onStore(t, s)
	ticket, sec := open(t, m)
	raw, err := s.Get(t.Context(), "mailproof:"+ticket.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{sec.Token, sec.Token[27:], sec.Code, strings.ReplaceAll(sec.Code, "-", "")} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("%q is stored", secret)
		}
	}
}

func TestValidityIsAnOperatorsSetting(t *testing.T) {
	s := kv.NewEmbedded(backendtest.SQLite(t), time.Now)
	for d, ok := range map[time.Duration]bool{
		4 * time.Minute: false, 5 * time.Minute: true, 24 * time.Hour: true, 24*time.Hour + 1: false,
	} {
		if _, err := mailproof.New(s, time.Now, rand.Reader, d); (err == nil) != ok {
			t.Errorf("%v: %v", d, err)
		}
	}
}

// No token and no code makes a key of another shape or proves anything.
func FuzzTokenAndCode(f *testing.F) {
	m, _ := fresh(f)
	ticket, sec := open(f, m)
	f.Add(sec.Token+"x", "AAAA-AAAA")
	f.Add("..", "\x00")
	f.Add(ticket.ID+"."+ticket.ID, "ｆｕｌｌ")
	f.Fuzz(func(t *testing.T, token, code string) {
		if token == sec.Token {
			return
		}
		if _, err := m.ProveByLink(t.Context(), purpose, token, "desk"); fault.KindOf(err) != fault.NotFound {
			t.Fatalf("token %q: %v", token, err)
		}
		if _, err := m.ProveByCode(t.Context(), purpose, token, "desk", code); fault.KindOf(err) != fault.NotFound && token != ticket.ID {
			t.Fatalf("ticket %q: %v", token, err)
		}
	})
}
