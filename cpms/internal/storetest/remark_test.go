package storetest

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/inbox"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/sqlstore"
)

func (w *world) remark(p person.Person, r access.Request, text string) error {
	_, err := w.access.Remark(context.Background(), p, r.ID, w.access.NewRemarkID(), text)
	return err
}

func (w *world) remarkAtDesk(by, p person.Person, r access.Request, text string, private bool) error {
	_, err := w.access.RemarkAtDesk(context.Background(), by, p, r.ID, w.access.NewRemarkID(), text, private, access.Strength{Medium: true}, "medium")
	return err
}

type mailKey struct {
	id  string
	due int64
}

// remarkMails gives the mails about remarks as they stand in the outbox.
func (w *world) remarkMails() map[mailKey]string {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), `SELECT id, due_at, payload FROM outbox`)
	w.must(err)
	defer func() { _ = rows.Close() }()
	out := map[mailKey]string{}
	for rows.Next() {
		var k mailKey
		var raw []byte
		w.must(rows.Scan(&k.id, &k.due, &raw))
		if strings.Contains(string(raw), `"remark_`) {
			out[k] = string(raw)
		}
	}
	w.must(rows.Err())
	return out
}

// said gives the texts that the requester sees, and those that somebody at the desk sees.
func (w *world) said(p, by person.Person, r access.Request) (person, desk string) {
	w.t.Helper()
	join := func(list []access.Remark, err error) string {
		w.must(err)
		var out []string
		for _, m := range list {
			out = append(out, m.Text)
		}
		return strings.Join(out, "|")
	}
	list, _, err := w.access.DeskConversation(w.t.Context(), by, r)
	return join(w.access.Conversation(w.t.Context(), p, r)), join(list, err)
}

// Requester and desk talk; a note for the desk stays there, a question and its answer stand
// between the remarks, and every part is an event.
func TestAConversation(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c, other := w.person("anna"), w.coordinator("elena", "ern-eye"), w.coordinator("lars", "ern-lung")
		r := w.submit(p, form())
		w.must(w.remark(p, r, "one"))
		w.pass(time.Minute)
		w.must(w.remarkAtDesk(c, p, r, "part two", false))
		w.pass(time.Minute)
		w.must(w.remarkAtDesk(c, p, r, "hidden", true))
		for _, again := range []string{"first?", "second?"} {
			w.pass(time.Minute)
			_, err := w.decide(c, p, w.stored(r.ID), access.Decision{Do: access.AskMore, Text: again})
			w.must(err)
			w.pass(time.Minute)
			_, err = w.access.Answer(t.Context(), p, r.ID, w.stored(r.ID).Version, "answer to "+again)
			w.must(err)
		}
		seen, desk := w.said(p, c, r)
		if seen != "one|part two|first?|answer to first?|second?|answer to second?" || desk != "one|part two|hidden|first?|answer to first?|second?|answer to second?" {
			t.Errorf("%s\n%s", seen, desk)
		}
		for action, n := range map[string]int{"remark.requester": 1, "remark.desk": 1, "remark.private": 1} {
			if w.events(action) != n {
				t.Errorf("%s: %d", action, w.events(action))
			}
		}
		if n := w.count(`SELECT COUNT(*) FROM audit_events WHERE detail LIKE '%hidden%' OR detail LIKE '%part two%'`); n != 0 {
			t.Errorf("%d events hold a text", n)
		}
		for _, payload := range w.remarkMails() {
			if strings.Contains(payload, "hidden") || strings.Contains(payload, "part two") {
				t.Errorf("a mail holds a text: %s", payload)
			}
		}
		events, err := w.store.Timeline(t.Context(), r.ID)
		if err != nil || len(events) != 5 {
			t.Errorf("%+v %v", events, err)
		}
		if err := w.remarkAtDesk(other, p, r, "x", false); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("another network: %v", err)
		}
		if _, _, err := w.access.DeskConversation(t.Context(), other, r); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("another network reads: %v", err)
		}
		if err := w.remark(c, r, "x"); !errors.Is(err, access.ErrUnknown) {
			t.Errorf("somebody else's request: %v", err)
		}
	})
}

// A coordinator who asks for something is a requester like others, and so is their deputy.
func TestNobodyReadsNotesAboutThemselves(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		c, all := w.coordinator("elena", "ern-eye"), w.coordinator("ada", "*")
		dora := w.member("dora", c)
		r := w.submit(c, form())
		_, err := w.access.NameDeputy(t.Context(), c, w.away(dora), w.strong(), "medium")
		w.must(err)
		w.pass(day)
		w.must(w.remarkAtDesk(all, c, r, "a note", true))
		w.must(w.remarkAtDesk(all, c, r, "hello", false))
		w.pass(time.Minute)
		for name, by := range map[string]person.Person{"oneself": c, "one's deputy": dora} {
			list, whole, err := w.access.DeskConversation(t.Context(), by, r)
			if err != nil || whole || len(list) != 1 || list[0].Text != "hello" {
				t.Errorf("%s: %v %+v %v", name, whole, list, err)
			}
			if err := w.remarkAtDesk(by, c, r, "x", true); !errors.Is(err, access.ErrOwn) && !errors.Is(err, access.ErrOwnAbsent) {
				t.Errorf("%s writes: %v", name, err)
			}
		}
		if _, err := w.access.RemarkAtDesk(t.Context(), all, c, r.ID, w.access.NewRemarkID(), "x", false, access.Strength{AuthTime: w.now()}, "basic"); !errors.Is(err, access.ErrLevel) {
			t.Errorf("by password: %v", err)
		}
	})
}

// Ten remarks of an hour are two mails: one at once, one when the hour is over.
func TestMailsAboutRemarks(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c, all := w.person("anna"), w.coordinator("elena", "ern-eye"), w.coordinator("ada", "*")
		r, first := w.submit(p, form()), w.now()
		for range 10 {
			w.must(w.remark(p, r, "to the desk"))
			w.must(w.remarkAtDesk(c, p, r, "to anna", false))
			w.must(w.remarkAtDesk(c, p, r, "to the desk alone", true))
			w.pass(5 * time.Minute)
		}
		want := map[string]int{p.Email: 2, c.Email: 2, all.Email: 2}
		for to, n := range want {
			if m := w.mails(to); m["remark_desk"]+m["remark_person"] != n {
				t.Errorf("%s: %v", to, m)
			}
		}
		waiting := 0
		for key := range w.remarkMails() {
			if key.due == first.Add(access.RemarkMailEvery).UnixMicro() {
				waiting++
			}
		}
		if waiting != 3 {
			t.Errorf("%d mails wait until the hour is over", waiting)
		}
		w.pass(3 * time.Hour)
		w.must(w.remark(p, r, "much later"))
		if m := w.mails(c.Email); m["remark_desk"] != 3 {
			t.Errorf("%v", m)
		}
	})
}

// A form that is sent ten times at once is one remark; of 130 remarks at once a hundred are kept.
func TestRemarksAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
		r, id := w.submit(p, form()), w.access.NewRemarkID()
		for _, err := range atOnce(10, func(int) error {
			_, err := w.access.Remark(context.Background(), p, r.ID, id, "once")
			return err
		}) {
			w.must(err)
		}
		if n := w.count(`SELECT COUNT(*) FROM remarks`); n != 1 || w.mails(c.Email)["remark_desk"] != 1 || w.events("remark.requester") != 1 {
			t.Errorf("%d remarks, %v", n, w.mails(c.Email))
		}
		if _, err := w.access.RemarkAtDesk(t.Context(), c, p, r.ID, id, "mine", false, w.strong(), "medium"); !errors.Is(err, access.ErrChanged) {
			t.Errorf("another's id: %v", err)
		}
		refused := 0
		for _, err := range atOnce(129, func(i int) error {
			if i%2 == 0 {
				return w.remark(p, r, "a")
			}
			return w.remarkAtDesk(c, p, r, "b", i%3 == 0)
		}) {
			if errors.Is(err, access.ErrRemarks) {
				refused++
			} else {
				w.must(err)
			}
		}
		if n := w.count(`SELECT COUNT(*) FROM remarks`); n != access.RemarksMost || refused != 30 {
			t.Errorf("%d remarks, %d refused", n, refused)
		}
	})
}

func TestRemarksEndWithTheRequest(t *testing.T) {
	w := one(t)
	p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
	r := w.path(p, c, access.Rejected)
	w.pass(access.RemarksFor - time.Second)
	w.must(w.remark(p, r, "why?"))
	w.pass(time.Second)
	if err := w.remark(p, r, "why?"); !errors.Is(err, access.ErrSilent) {
		t.Errorf("%v", err)
	}
	if err := w.remarkAtDesk(c, p, r, "because", true); !errors.Is(err, access.ErrSilent) {
		t.Errorf("%v", err)
	}
	draft := w.path(p, c, access.Draft)
	if err := w.remark(p, draft, "x"); !errors.Is(err, access.ErrSilent) {
		t.Errorf("a draft: %v", err)
	}
}

// The texts go with the requester, and those of a writer with the writer; who wrote before the
// erasure wrote nothing after it.
func TestErasureOfConversations(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		p, q, c := w.person("anna"), w.person("bert"), w.coordinator("elena", "ern-eye")
		r, s := w.submit(p, form()), w.submit(q, form())
		for _, x := range []struct {
			who person.Person
			r   access.Request
		}{{p, r}, {q, s}} {
			w.must(w.remark(x.who, x.r, "mine"))
			w.must(w.remarkAtDesk(c, x.who, x.r, "yours", true))
		}
		w.tell(w.event("anna", 1, inbox.Erased))
		if n := w.count(`SELECT COUNT(*) FROM remarks WHERE request_id = $1 AND text <> ''`, r.ID); n != 0 {
			t.Errorf("%d texts are left", n)
		}
		if n := w.count(`SELECT COUNT(*) FROM remark_mails WHERE request_id = $1`, r.ID); n != 0 {
			t.Errorf("%d marks are left", n)
		}
		if err := w.remarkAtDesk(c, p, w.stored(r.ID), "after", true); !errors.Is(err, person.ErrClosed) {
			t.Errorf("about somebody erased: %v", err)
		}
		w.tell(w.event("elena", 1, inbox.Erased))
		if n := w.count(`SELECT COUNT(*) FROM remarks WHERE text <> ''`); n != 1 {
			t.Errorf("%d texts are left, bert's is one", n)
		}
	})
}

// What was asked and answered before conversations were kept is taken over by the migration: of
// each request the latest question and answer.
func TestOlderQuestionsAreTakenOver(t *testing.T) {
	raw, err := fs.ReadFile(sqlstore.Migrations(), "0020_remarks.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, inserts, _ := strings.Cut(string(raw), "INSERT INTO remarks")
	both(t, func(t *testing.T, w *world) {
		p, c := w.person("anna"), w.coordinator("elena", "ern-eye")
		r := w.path(p, c, access.MoreInfo)
		for _, text := range []string{"first?", "second?"} {
			w.pass(time.Minute)
			_, err := w.access.Answer(t.Context(), p, r.ID, w.stored(r.ID).Version, "answer before "+text)
			w.must(err)
			w.pass(time.Minute)
			_, err = w.decide(c, p, w.stored(r.ID), access.Decision{Do: access.AskMore, Text: text})
			w.must(err)
		}
		w.pass(time.Minute)
		_, err := w.access.Answer(t.Context(), p, r.ID, w.stored(r.ID).Version, "the last answer")
		w.must(err)
		_, err = w.db.ExecContext(t.Context(), `DELETE FROM remarks`)
		w.must(err)
		for _, q := range strings.Split("INSERT INTO remarks"+inserts, ";\n") {
			if strings.TrimSpace(q) != "" {
				_, err := w.db.ExecContext(t.Context(), q)
				w.must(err)
			}
		}
		list, err := w.access.Conversation(t.Context(), p, r)
		if err != nil || len(list) != 2 || list[0].Text != "second?" || list[0].ByID != c.ID || list[0].Kind != access.TheQuestion || list[1].Text != "the last answer" || list[1].ByID != p.ID || !list[1].At.Equal(w.now()) {
			t.Errorf("%+v %v", list, err)
		}
	})
}
