package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/jobs"
	"eulogin.example/cpms/internal/notify"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/signoff"
	"eulogin.example/cpms/internal/sqlstore"
)

var errKilled = errors.New("killed")

// mortal is a store whose process dies at its nth step: before a call, or after a write that
// is stored and whose answer never arrives.
type mortal struct {
	*sqlstore.Store
	dies, steps int
}

func (m *mortal) step() error {
	if m.steps++; m.steps >= m.dies {
		return errKilled
	}
	return nil
}

func (m *mortal) write(do func() error) error {
	if err := m.step(); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return m.step()
}

func (m *mortal) ApplyChange(ctx context.Context, c access.Change) error {
	return m.write(func() error { return m.Store.ApplyChange(ctx, c) })
}

func (m *mortal) NoticeGrant(ctx context.Context, at time.Time, id string, n access.Notice, e []audit.Event, mails []notify.Mail, out ...signoff.Message) error {
	return m.write(func() error { return m.Store.NoticeGrant(ctx, at, id, n, e, mails, out...) })
}

func (m *mortal) RequestsOf(ctx context.Context, id string) ([]access.Request, error) {
	if err := m.step(); err != nil {
		return nil, err
	}
	return m.Store.RequestsOf(ctx, id)
}

func (m *mortal) RequestByID(ctx context.Context, id string) (access.Request, error) {
	if err := m.step(); err != nil {
		return access.Request{}, err
	}
	return m.Store.RequestByID(ctx, id)
}

func (m *mortal) CoordinatorsOf(ctx context.Context, slug string, at time.Time) ([]person.Person, error) {
	if err := m.step(); err != nil {
		return nil, err
	}
	return m.Store.CoordinatorsOf(ctx, slug, at)
}

func (m *mortal) PersonByID(ctx context.Context, id string) (person.Person, error) {
	if err := m.step(); err != nil {
		return person.Person{}, err
	}
	return m.Store.PersonByID(ctx, id)
}

// goOn is what a person does after a crash: looks at the home page and goes on from what is
// there.
func (w *world) goOn(p person.Person) access.Request {
	w.t.Helper()
	f := form()
	for _, r := range w.requests(p) {
		if r.State == access.Submitted {
			return r
		}
		f.ID, f.Version = r.ID, r.Version
	}
	return w.submit(p, f)
}

// A crash at every step of a submission: the person goes on, and there is one request, one
// confirmation and one word to the coordinator.
func TestKilledAtEachStepOfASubmission(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.coordinator("elena", "ern-eye")
		survived := false
		for dies := 1; !survived; dies++ {
			p := w.person(name("p", dies))
			_, err := w.service(&mortal{Store: w.store, dies: dies}).Submit(t.Context(), p, form(), true, w.strong(), "medium")
			if survived = err == nil; !survived && !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			r := w.goOn(p)
			told, list := w.mails(p.Email)["received"], w.requests(p)
			if len(list) != 1 || r.State != access.Submitted || told != 1 || w.mails(c.Email)["new_request"] != dies {
				t.Fatalf("killed at step %d: %d requests, %s, %d confirmations, %v", dies, len(list), r.State, told, w.mails(c.Email))
			}
			if survived && dies < 7 {
				t.Fatalf("only %d steps were seen", dies-1)
			}
		}
	})
}

// A crash at every step of an approval: the coordinator looks again, and there is one grant
// and one mail.
func TestKilledAtEachStepOfAnApproval(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c := w.coordinator("elena", "ern-eye")
		approve := access.Decision{Do: access.Approve}
		survived := false
		for dies := 1; !survived; dies++ {
			p := w.person(name("p", dies))
			r := w.submit(p, form())
			_, err := w.service(&mortal{Store: w.store, dies: dies}).Decide(t.Context(), c, p, r.ID, r.Version, approve, w.strong(), "medium")
			if survived = err == nil; !survived && !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			if now := w.stored(r.ID); now.State == access.Submitted {
				_, err = w.access.Decide(t.Context(), c, p, r.ID, now.Version, approve, w.strong(), "medium")
				w.must(err)
			}
			if g := w.grants(p); len(g) != 1 || w.stored(r.ID).State != access.Approved || w.mails(p.Email)["approved"] != 1 {
				t.Fatalf("killed at step %d: %d grants, %v", dies, len(g), w.mails(p.Email))
			}
			if survived && dies < 4 {
				t.Fatalf("only %d steps were seen", dies-1)
			}
		}
	})
}

// A worker that dies between its steps leaves nothing undone and nothing done twice.
func TestKilledAtEachStepOfTheClock(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var people []person.Person
		for i := range 4 {
			p, _ := w.granted(name("p", i), 90)
			people = append(people, p)
		}
		for _, at := range []time.Duration{76 * day, 11 * day, 3 * day} {
			w.pass(at)
			survived := false
			for dies := 1; !survived; dies++ {
				j := w.clock()
				j.Store = &mortal{Store: w.store, dies: dies}
				survived = j.Grants(t.Context()) == nil
			}
		}
		for _, p := range people {
			if m := w.mails(p.Email); m["expiring"] != 2 || m["expired"] != 1 {
				t.Errorf("%v", m)
			}
		}
	})
}

var _ jobs.Store = (*mortal)(nil)
