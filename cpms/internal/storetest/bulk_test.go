package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/receipt"
	"eulogin.example/proto/kit/outbox"
)

// choose keeps a choice of requests.
func (w *world) choose(by person.Person, do access.Command, list ...access.Request) access.Bulk {
	w.t.Helper()
	versions := map[string]int64{}
	for _, r := range list {
		versions[r.ID] = r.Version
	}
	b, err := w.access.Choose(w.t.Context(), by, do, versions)
	w.must(err)
	return b
}

func (w *world) carry(by person.Person, b access.Bulk, text string) map[string]string {
	w.t.Helper()
	done, err := w.access.Carry(w.t.Context(), by, b.ID, text, w.strong(), "medium")
	w.must(err)
	return results(done)
}

func results(b access.Bulk) map[string]string {
	out := map[string]string{}
	for _, i := range b.Items {
		out[i.RequestID] = i.Result
	}
	return out
}

// leaving counts the mails to somebody that are due at this moment.
func (w *world) leaving() int {
	w.t.Helper()
	return w.count(`SELECT COUNT(*) FROM outbox WHERE due_at <= $1`, w.now().UnixMicro())
}

// Each request gets its own result and its own receipt, whatever becomes of the others; what
// was refused stays as it was.
func TestSeveralDecisionsEachWithItsResult(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena, ada := w.coordinator("elena", "ern-eye"), w.coordinator("ada", "*")
		anna, bert, cleo := w.person("anna"), w.person("bert"), w.person("cleo")
		good, gone, two, own := w.submit(anna, form()), w.submit(bert, form()), w.submit(cleo, power(access.Researcher)), w.submit(elena, form())
		b := w.choose(elena, access.Approve, good, gone, two, own)
		_, err := w.access.Withdraw(t.Context(), bert, gone.ID, gone.Version)
		w.must(err)
		for _, i := range b.Items {
			_, err := w.access.Foresee(t.Context(), elena, b, i)
			want := map[string]error{gone.ID: access.ErrChanged, own.ID: access.ErrOwn}[i.RequestID]
			if !errors.Is(err, want) {
				t.Errorf("%s is foreseen as %v, not %v", i.RequestID, err, want)
			}
		}
		if _, err := w.access.Carry(t.Context(), elena, b.ID, "", access.Strength{AuthTime: w.now()}, "basic"); !errors.Is(err, access.ErrLevel) {
			t.Fatalf("%v", err)
		}
		before := w.leaving()
		got := w.carry(elena, b, "")
		want := map[string]string{good.ID: access.BulkDone, gone.ID: "request.state", two.ID: access.BulkFirst, own.ID: "request.own"}
		for id := range want {
			if got[id] != want[id] {
				t.Errorf("%q, want %q", got[id], want[id])
			}
		}
		if w.stored(gone.ID).State != access.Withdrawn || w.stored(own.ID).State != access.Submitted {
			t.Error("what was refused did not stay")
		}
		proofs, err := w.access.Proofs(t.Context(), anna, good.ID)
		w.must(err)
		if r, err := receipt.Verify(proofs[0].JWS, w.receipts.JWKS()); err != nil || r.Decision != "approve" || r.By != elena.ID {
			t.Errorf("%+v %v", r, err)
		}
		// Nothing opens and no mail leaves for ten minutes; then both do, by themselves.
		g := w.grants(anna)[0]
		if g.Opens(w.now()) || g.Status(w.now()) != access.Pending || w.leaving() != before || w.mails(anna.Email)["approved"] != 1 {
			t.Errorf("%s, %d mails leave instead of %d", g.Status(w.now()), w.leaving(), before)
		}
		w.pass(access.UndoFor)
		if !g.Opens(w.now()) {
			t.Error("not open after the time")
		}
		w.pass(2 * time.Minute)
		if n := w.leaving(); n != before+2 { // anna's, and the one to the second coordinator
			t.Errorf("%d mails leave, want %d", n, before+2)
		}
		if w.mails(ada.Email)["second_needed"] != 1 {
			t.Errorf("%v", w.mails(ada.Email))
		}
		if _, err := w.access.Undo(t.Context(), elena, b.ID, good.ID, w.strong(), "medium"); !errors.Is(err, access.ErrNoUndo) {
			t.Errorf("undone after the time: %v", err)
		}
	})
}

// Undoing leaves everything as it was, but for the version, the receipts and the trail.
func TestUndoWithinTenMinutes(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena := w.coordinator("elena", "ern-eye")
		anna, bert, cleo := w.person("anna"), w.person("bert"), w.person("cleo")
		old := w.approve(elena, anna, w.submit(anna, form()))
		w.at.Store(old.EndsAt.Add(-access.Soon).UnixMicro()) // a renewal: the older grant gives way
		a, r2 := w.submit(anna, form()), w.submit(cleo, power(access.Researcher))
		yes, no := w.choose(elena, access.Approve, a, r2), w.choose(elena, access.Reject, w.submit(bert, form()))
		w.carry(elena, yes, "")
		if _, err := w.access.Carry(t.Context(), elena, no.ID, " ", w.strong(), "medium"); !errors.Is(err, access.ErrInvalid) {
			t.Errorf("rejected with no reason: %v", err)
		}
		w.carry(elena, no, "not a member")
		waiting := w.count(`SELECT COUNT(*) FROM outbox`)
		w.pass(access.UndoFor - time.Second)
		for _, b := range []access.Bulk{yes, no} {
			undone, err := w.access.Undo(t.Context(), elena, b.ID, "", w.strong(), "medium")
			w.must(err)
			for id, result := range results(undone) {
				r := w.stored(id)
				if result != access.BulkUndone || r.State != access.Submitted || r.DecidedBy != "" || !r.DecidedAt.IsZero() || r.Reason != "" {
					t.Errorf("%q %+v", result, r)
				}
				proofs, err := w.store.Proofs(t.Context(), id)
				if err != nil || len(proofs) != 2 {
					t.Errorf("%d receipts, %v", len(proofs), err)
				}
			}
		}
		if n := w.count(`SELECT COUNT(*) FROM outbox`); n != waiting-2 || w.mails(anna.Email)["approved"] != 1 || w.mails(bert.Email)["rejected"] != 0 {
			t.Errorf("%d messages, %v %v", n, w.mails(anna.Email), w.mails(bert.Email))
		}
		if list := w.grants(anna); len(list) != 1 || list[0].ID != old.ID || list[0].Closed {
			t.Errorf("%+v", list)
		}
		if first, err := w.access.First(t.Context(), w.stored(r2.ID)); err != nil || first != nil {
			t.Errorf("a first approval that was undone: %+v %v", first, err)
		}
		if w.events("request.undone") != 3 {
			t.Error("not in the trail")
		}
		w.approve(elena, anna, w.stored(a.ID)) // and it can be decided again
	})
}

// What cannot be undone: somebody else's, twice, by password, and what went on meanwhile.
func TestUndoThatIsRefused(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena, ada := w.coordinator("elena", "ern-eye"), w.coordinator("ada", "*")
		anna, bert, cleo := w.person("anna"), w.person("bert"), w.person("cleo")
		b := w.choose(elena, access.Reject, w.submit(anna, form()), w.submit(bert, form()))
		two := w.choose(elena, access.Approve, w.submit(cleo, power(access.Researcher)))
		w.carry(elena, b, "no")
		w.carry(elena, two, "")
		undo := func(by person.Person, bulk access.Bulk, item string, st access.Strength) error {
			_, err := w.access.Undo(t.Context(), by, bulk.ID, item, st, "medium")
			return err
		}
		item := b.Items[0].RequestID
		if err := undo(ada, b, item, w.strong()); !errors.Is(err, access.ErrNoBulk) {
			t.Errorf("somebody else: %v", err)
		}
		if err := undo(elena, b, item, access.Strength{AuthTime: w.now()}); !errors.Is(err, access.ErrLevel) {
			t.Errorf("by password: %v", err)
		}
		if err := undo(elena, b, two.Items[0].RequestID, w.strong()); !errors.Is(err, access.ErrNoBulk) {
			t.Errorf("another list's: %v", err)
		}
		w.must(undo(elena, b, item, w.strong()))
		if err := undo(elena, b, item, w.strong()); !errors.Is(err, access.ErrNoUndo) {
			t.Errorf("twice: %v", err)
		}
		// A second coordinator approved meanwhile: the first approval is no longer to be undone.
		if _, err := w.decide(ada, cleo, w.stored(two.Items[0].RequestID), approve); err != nil {
			t.Fatal(err)
		}
		if err := undo(elena, two, two.Items[0].RequestID, w.strong()); !errors.Is(err, access.ErrChanged) {
			t.Errorf("after the second approval: %v", err)
		}
		// The person asked anew after the rejection: two open requests there are never.
		other := b.Items[1].RequestID
		p, err := w.store.PersonByID(t.Context(), w.stored(other).PersonID)
		w.must(err)
		w.submit(p, form())
		if err := undo(elena, b, other, w.strong()); !errors.Is(err, access.ErrDuplicate) {
			t.Errorf("beside a new request: %v", err)
		}
		if w.stored(other).State != access.Rejected {
			t.Error("half undone")
		}
	})
}

// Ten windows carry out the same choice and ten undo it: each request is decided once and
// undone once.
func TestTheSameChoiceInTenWindows(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		elena := w.coordinator("elena", "ern-eye")
		var list []access.Request
		for i := range 5 {
			list = append(list, w.submit(w.person(name("p", i)), form()))
		}
		b := w.choose(elena, access.Approve, list...)
		for _, err := range atOnce(10, func(int) error {
			_, err := w.access.Carry(context.Background(), elena, b.ID, "", w.strong(), "medium")
			return err
		}) {
			w.must(err)
		}
		if n := w.events("request.approved"); n != 5 || w.count(`SELECT COUNT(*) FROM grants`) != 5 || w.count(`SELECT COUNT(*) FROM bulk_items WHERE result = 'done'`) != 5 {
			t.Fatalf("%d decisions, %d done", n, w.count(`SELECT COUNT(*) FROM bulk_items WHERE result = 'done'`))
		}
		for _, err := range atOnce(10, func(int) error {
			_, err := w.access.Undo(context.Background(), elena, b.ID, "", w.strong(), "medium")
			return err
		}) {
			w.must(err)
		}
		if n := w.events("request.undone"); n != 5 || w.count(`SELECT COUNT(*) FROM grants`) != 0 {
			t.Fatalf("%d undone", n)
		}
	})
}

// What was chosen must be at one's desk; a choice is nobody else's; old ones that led to
// nothing go, and an erased person's leave no text.
func TestChoices(t *testing.T) {
	w := one(t)
	elena, lars, anna := w.coordinator("elena", "ern-eye"), w.coordinator("lars", "ern-lung"), w.person("anna")
	r := w.submit(anna, form())
	for what, versions := range map[string]map[string]int64{"nothing": {}, "too much": func() map[string]int64 {
		m := map[string]int64{}
		for i := range access.BulkMost + 1 {
			m[name("r", i)] = 1
		}
		return m
	}()} {
		if _, err := w.access.Choose(t.Context(), elena, access.Approve, versions); !errors.Is(err, access.ErrBulk) {
			t.Errorf("%s: %v", what, err)
		}
	}
	mine := map[string]int64{r.ID: r.Version}
	if _, err := w.access.Choose(t.Context(), elena, access.AskMore, mine); !errors.Is(err, access.ErrBulk) {
		t.Errorf("a question to many: %v", err)
	}
	if _, err := w.access.Choose(t.Context(), lars, access.Approve, mine); !errors.Is(err, access.ErrUnknown) {
		t.Errorf("another network's: %v", err)
	}
	old := w.choose(elena, access.Approve, r)
	if _, err := w.access.BulkOf(t.Context(), lars, old.ID); !errors.Is(err, access.ErrNoBulk) {
		t.Errorf("somebody else's: %v", err)
	}
	w.pass(25 * time.Hour)
	fresh := w.choose(elena, access.Reject, r)
	if _, err := w.access.BulkOf(t.Context(), elena, old.ID); !errors.Is(err, access.ErrNoBulk) {
		t.Errorf("an old choice: %v", err)
	}
	w.carry(elena, fresh, "a reason")
	w.tell(w.event("anna", 1, inbox.Erased))
	if n := w.count(`SELECT COUNT(*) FROM bulks WHERE text <> ''`); n != 0 {
		t.Errorf("%d texts", n)
	}
	if s, err := outbox.Read(t.Context(), w.db, w.now()); err != nil || s.Dead != 0 {
		t.Errorf("%+v %v", s, err)
	}
}
