package access

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"eulogin.example/proto/kit/fault"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// docs/request-lifecycle.md shows the table; every state × side × command is held against it.
func TestTheDocumentedTableIsTheCode(t *testing.T) {
	raw, err := os.ReadFile("../../docs/request-lifecycle.md")
	if err != nil {
		t.Fatal(err)
	}
	allowed := 0
	for _, from := range []State{Draft, Submitted, MoreInfo, Approved, Rejected, Withdrawn} {
		for _, by := range []Who{Requester, Coordinator} {
			for _, do := range []Command{Save, Submit, Answer, Withdraw, Approve, AskMore, Reject} {
				to, ok := Next(from, by, do)
				line := fmt.Sprintf("| %s | %s | %s | ", from, by, do)
				if shown := strings.Contains(string(raw), line); shown != ok {
					t.Errorf("%s: code %v, document %v", line, ok, shown)
				}
				if ok {
					allowed++
					if !strings.Contains(string(raw), line+string(to)+" |") {
						t.Errorf("%s leads to %s", line, to)
					}
				} else if to != from {
					t.Errorf("a refused command moved %s to %s", from, to)
				}
			}
		}
	}
	if allowed != len(Table) {
		t.Errorf("%d transitions, %d lines", allowed, len(Table))
	}
}

func TestDecide(t *testing.T) {
	r := Request{PersonID: "anna", Network: "ern-eye", State: Submitted}
	strong := Strength{Medium: true, AuthTime: noon.Add(-15 * time.Minute)}
	for name, tt := range map[string]struct {
		by       string
		networks []string
		d        Decision
		s        Strength
		state    State
		want     *fault.Error
	}{
		"approve":             {"c", []string{"ern-eye"}, Decision{Approve, ""}, strong, Submitted, nil},
		"of all networks":     {"c", []string{"*"}, Decision{Approve, ""}, strong, Submitted, nil},
		"ask":                 {"c", []string{"ern-eye"}, Decision{AskMore, "Why?"}, strong, Submitted, nil},
		"another network":     {"c", []string{"ern-lung"}, Decision{Approve, ""}, strong, Submitted, ErrNotYours},
		"no network":          {"c", nil, Decision{Approve, ""}, strong, Submitted, ErrNotYours},
		"oneself":             {"anna", []string{"*"}, Decision{Approve, ""}, strong, Submitted, ErrOwn},
		"password only":       {"c", []string{"*"}, Decision{Approve, ""}, Strength{AuthTime: noon}, Submitted, ErrLevel},
		"stale":               {"c", []string{"*"}, Decision{Approve, ""}, Strength{true, noon.Add(-15*time.Minute - time.Second)}, Submitted, ErrLevel},
		"reject without text": {"c", []string{"*"}, Decision{Reject, "  "}, strong, Submitted, ErrInvalid},
		"too long":            {"c", []string{"*"}, Decision{Reject, strings.Repeat("x", 2001)}, strong, Submitted, ErrInvalid},
		"a requester's word":  {"c", []string{"*"}, Decision{Withdraw, ""}, strong, Submitted, ErrInvalid},
		"decided":             {"c", []string{"*"}, Decision{Approve, ""}, strong, Approved, ErrState},
		"ask twice":           {"c", []string{"*"}, Decision{AskMore, "x"}, strong, MoreInfo, ErrState},
	} {
		r.State = tt.state
		to, err := Decide(r, tt.d, tt.by, tt.networks, tt.s, noon)
		if tt.want == nil && (err != nil || to == tt.state) {
			t.Errorf("%s: %s %v", name, to, err)
		}
		if tt.want != nil && (!errors.Is(err, tt.want) || to != tt.state) {
			t.Errorf("%s: %s %v", name, to, err)
		}
	}
}

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
	g.SuspendedAt = noon
	if g.Status(noon) != Suspended || g.Opens(noon) {
		t.Error("suspended")
	}
	g.RevokedAt = noon
	if g.Status(noon) != Revoked || g.Due(noon.AddDate(0, 0, 90)) != NoNotice {
		t.Error("revoked")
	}
}

func TestCheck(t *testing.T) {
	member := Request{Network: "ern-eye", Country: "DE", Hospital: "de-02", Role: HP, Declaration: true, Terms: true}
	guest := Request{
		Network: "ern-eye", Country: "DE", Hospital: "guest", Role: GuestUser, Declaration: true, Terms: true, Justification: strings.Repeat("x", 50),
		SponsorName: "Elena", SponsorEmail: "elena@example.org", DurationDays: 90,
	}
	for name, tt := range map[string]struct {
		r     Request
		spoil func(*Request)
		field string
	}{
		"member": {member, func(*Request) {}, ""}, "guest": {guest, func(*Request) {}, ""},
		"no network": {member, func(r *Request) { r.Network = "" }, "network"}, "unknown network": {member, func(r *Request) { r.Network = "ern-x" }, "network"},
		"other country": {member, func(r *Request) { r.Country = "FR" }, "hospital"}, "not a member": {member, func(r *Request) { r.Network = "ern-lung" }, "hospital"},
		"guest role at a member": {member, func(r *Request) { r.Role = GuestUser }, "role"}, "role of power": {member, func(r *Request) { r.Role = CoordinatorRole }, "role"},
		"no declaration": {member, func(r *Request) { r.Declaration = false }, "declaration"}, "no terms": {member, func(r *Request) { r.Terms = false }, "terms"},
		"short reason": {guest, func(r *Request) { r.Justification = "short" }, "justification"}, "no sponsor": {guest, func(r *Request) { r.SponsorEmail = "" }, "sponsor_email"},
		"two sponsors": {guest, func(r *Request) { r.SponsorEmail = "a@b.eu, c@d.eu" }, "sponsor_email"}, "91 days": {guest, func(r *Request) { r.DurationDays = 91 }, "duration_days"},
		"no days": {guest, func(r *Request) { r.DurationDays = 0 }, "duration_days"}, "guest as HP": {guest, func(r *Request) { r.Role = HP }, "role"},
	} {
		r := tt.r
		tt.spoil(&r)
		err := r.Check()
		if tt.field == "" && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if tt.field != "" && (err == nil || fault.As(err).Fields[tt.field].Key == "") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
