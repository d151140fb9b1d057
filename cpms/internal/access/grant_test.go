package access

import (
	"testing"
	"time"
)

func TestGrantStatusAndNotices(t *testing.T) {
	g := Grant{StartsAt: noon, EndsAt: noon.AddDate(0, 0, 90)}
	for _, tt := range []struct {
		day    int
		status GrantStatus
		notice Notice
	}{
		{0, Active, NoNotice}, {75, Active, NoNotice}, {76, Expiring, Notice14}, {86, Expiring, Notice14}, {87, Expiring, Notice3}, {89, Expiring, Notice3}, {90, Expired, NoticeEnd}, {91, Expired, NoticeEnd},
	} {
		at := noon.AddDate(0, 0, tt.day)
		if g.Status(at) != tt.status || g.Due(at) != tt.notice || g.Opens(at) != (tt.status != Expired) {
			t.Errorf("day %d: %s, notice %d", tt.day, g.Status(at), g.Due(at))
		}
	}
	if before := noon.Add(-1); g.Status(before) != Pending || g.Opens(before) || g.Due(before) != NoNotice {
		t.Error("pending")
	}
	g.SuspendedAt = noon
	if g.Status(noon) != Suspended || g.Opens(noon) {
		t.Error("suspended")
	}
	g.RevokedAt = noon
	if g.Status(noon) != Revoked || g.Due(noon.AddDate(0, 0, 90)) != NoNotice {
		t.Error("revoked")
	}
}

// After a time without a worker only the latest notice is given, and none that was given.
func TestNoticesAfterAPause(t *testing.T) {
	g := Grant{StartsAt: noon, EndsAt: noon.AddDate(0, 0, 90)}
	at := func(days int) time.Time { return noon.AddDate(0, 0, days) }
	told14 := g
	told14.Warned14 = true
	told3 := told14
	told3.Warned3 = true
	closed := told3
	closed.Closed = true
	for name, tt := range map[string]struct {
		g    Grant
		day  int
		want Notice
	}{
		"never told, one day left": {g, 89, Notice3}, "told at 14, still 10 left": {told14, 80, NoNotice}, "told at 14, 3 left": {told14, 87, Notice3},
		"told twice": {told3, 89, NoNotice}, "told twice, over": {told3, 90, NoticeEnd}, "all told": {closed, 95, NoNotice}, "long over": {g, 400, NoticeEnd},
	} {
		if got := tt.g.Due(at(tt.day)); got != tt.want {
			t.Errorf("%s: %d", name, got)
		}
	}
	for days, want := range map[int][2]Notice{1: {NoNotice, NoticeEnd}, 3: {NoNotice, NoticeEnd}, 4: {NoNotice, NoticeEnd}, 14: {NoNotice, NoticeEnd}, 15: {NoNotice, NoticeEnd}} {
		short := Grant{StartsAt: noon, EndsAt: at(days)}
		if got := [2]Notice{short.Due(noon), short.Due(at(days))}; got != want {
			t.Errorf("%d days: %v", days, got)
		}
	}
}

func TestGrantOfARequest(t *testing.T) {
	member := grantOf(Request{ID: "r", PersonID: "anna", Network: "ern-eye", Role: HP, Hospital: "de-02", DurationDays: 7}, "g", noon)
	if !member.EndsAt.Equal(noon.AddDate(0, 0, MemberDays)) || member.Hospital != "Universitätsklinikum Freiburg" {
		t.Errorf("%+v", member)
	}
	guest := grantOf(Request{Hospital: "guest", Role: GuestUser, DurationDays: 7}, "g", noon)
	if !guest.EndsAt.Equal(noon.AddDate(0, 0, 7)) || guest.Hospital != "" {
		t.Errorf("%+v", guest)
	}
}
