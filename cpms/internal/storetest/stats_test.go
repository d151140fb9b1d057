package storetest

import (
	"errors"
	"testing"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/person"
)

// The numbers of one's own networks, month by month in the zone of the desk.
func TestStatisticsOfADesk(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		eye, pneu, all := w.coordinator("elena", "ern-eye"), w.coordinator("lars", "ern-lung"), w.coordinator("ada", "*")
		w.at.Store(time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC).UnixMicro()) // November in Brussels
		anna, bert, cleo := w.person("anna"), w.person("bert"), w.person("cleo")
		a, b, c := w.submit(anna, form()), w.submit(bert, lung()), w.submit(cleo, form())
		w.pass(2 * time.Hour)
		w.approve(eye, anna, a)
		w.pass(30 * time.Hour)
		_, err := w.decide(eye, cleo, c, access.Decision{Do: access.Reject, Text: "no"})
		w.must(err)
		w.at.Store(time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
		_, err = w.decide(all, bert, b, approve)
		w.must(err)
		zone, err := time.LoadLocation("Europe/Brussels")
		w.must(err)
		w.pass(time.Hour)
		s, err := w.access.Stats(t.Context(), all, "", zone)
		w.must(err)
		if len(s.Months) != access.StatMonths {
			t.Fatalf("%d months", len(s.Months))
		}
		nov, dec := s.Months[10], s.Months[11]
		if nov.Submitted != 3 || nov.Approved != 1 || nov.Rejected != 1 || dec.Submitted != 0 || dec.Approved != 1 || dec.From.Month() != time.December {
			t.Errorf("%+v %+v", nov, dec)
		}
		if len(s.Roles) != 1 || s.Roles[0] != (access.Share{Key: access.HP, Approved: 2, Rejected: 1}) || len(s.Networks) != 2 {
			t.Errorf("%+v %+v", s.Roles, s.Networks)
		}
		if s.Decisions != 3 || s.Median != 32*time.Hour || s.InTime != 33 {
			t.Errorf("%+v", s)
		}
		for name, tt := range map[string]struct {
			got access.Stats
			err error
			n   int
		}{"one's own": statsOf(w, pneu, "", zone), "one of all": statsOf(w, all, "ern-lung", zone), "another's": statsOf(w, pneu, "ern-eye", zone)} {
			if tt.err != nil || tt.got.Months[10].Submitted != tt.n || tt.got.Decisions != 1 {
				t.Errorf("%s: %+v %v", name, tt.got, tt.err)
			}
		}
		if _, err := w.access.Stats(t.Context(), anna, "", zone); !errors.Is(err, access.ErrNoDesk) {
			t.Errorf("%v", err)
		}
	})
}

func statsOf(w *world, by person.Person, only string, zone *time.Location) (out struct {
	got access.Stats
	err error
	n   int
}) {
	out.got, out.err = w.access.Stats(w.t.Context(), by, only, zone)
	out.n = 1
	return out
}

// An export is what the filter means and no more, with a fresh proof, and written down for
// each person concerned.
func TestAnExportIsWrittenDown(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		eye, anna, bert := w.coordinator("elena", "ern-eye"), w.person("anna"), w.person("bert")
		r := w.submit(anna, form())
		w.submit(bert, lung())
		w.submit(eye, form())
		if _, err := w.access.Export(t.Context(), eye, access.Filter{}, access.Strength{AuthTime: w.now()}, "basic"); !errors.Is(err, access.ErrLevel) {
			t.Errorf("by password: %v", err)
		}
		if _, err := w.access.Export(t.Context(), anna, access.Filter{}, w.strong(), "medium"); !errors.Is(err, access.ErrNoDesk) {
			t.Errorf("without a desk: %v", err)
		}
		if n := w.events("desk.export"); n != 0 {
			t.Fatalf("%d refused exports were written down", n)
		}
		rows, err := w.access.Export(t.Context(), eye, access.Filter{}, w.strong(), "medium")
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		trail, err := w.store.Trail(t.Context(), anna.ID, w.now().Add(time.Second), 10)
		if err != nil || len(trail) != 1 || trail[0].Action != "desk.exported" || trail[0].Actor != eye.ID || trail[0].Object != r.ID {
			t.Errorf("%+v %v", trail, err)
		}
		if w.events("desk.export") != 1 || w.events("desk.exported") != 1 { // one's own is no event
			t.Errorf("%d, %d", w.events("desk.export"), w.events("desk.exported"))
		}
		if steps, err := w.store.Timeline(t.Context(), r.ID); err != nil || len(steps) != 1 {
			t.Errorf("the timeline tells of it: %+v %v", steps, err)
		}
		if none, err := w.access.Export(t.Context(), eye, access.Filter{Network: "ern-lung"}, w.strong(), "medium"); err != nil || len(none) != 0 {
			t.Errorf("%v %v", none, err)
		}
	})
}
