package access

import (
	"strings"
	"testing"
	"unicode/utf8"

	"eulogin.example/proto/kit/fault"
)

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
		"guest role at a member": {member, func(r *Request) { r.Role = GuestUser }, "role"}, "role of power": {member, func(r *Request) { r.Role = "ADMINISTRATOR" }, "role"},
		"no declaration": {member, func(r *Request) { r.Declaration = false }, "declaration"}, "no terms": {member, func(r *Request) { r.Terms = false }, "terms"},
		"short reason": {guest, func(r *Request) { r.Justification = "short" }, "justification"}, "no sponsor": {guest, func(r *Request) { r.SponsorEmail = "" }, "sponsor_email"},
		"two sponsors": {guest, func(r *Request) { r.SponsorEmail = "a@b.eu, c@d.eu" }, "sponsor_email"}, "91 days": {guest, func(r *Request) { r.DurationDays = 91 }, "duration_days"},
		"NUL": {member, func(r *Request) { r.Justification = "a\x00b" }, "justification"}, "2001 characters": {member, func(r *Request) { r.Justification = strings.Repeat("x", 2001) }, "justification"},
		"49 characters": {guest, func(r *Request) { r.Justification = strings.Repeat("é", 49) }, "justification"}, "50 characters": {guest, func(r *Request) { r.Justification = strings.Repeat("é", 50) }, ""},
		"two lines of a name": {guest, func(r *Request) { r.SponsorName = "a\nb" }, "sponsor_name"}, "a guest at a member hospital": {guest, func(r *Request) { r.Hospital = "de-02" }, "role"},
		"negative days": {guest, func(r *Request) { r.DurationDays = -1 }, "duration_days"}, "unknown hospital": {member, func(r *Request) { r.Hospital = "not-listed" }, "hospital"},
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

func TestAllFaultsOfARequestAtOnce(t *testing.T) {
	if e := fault.As(Request{}.Check()); e == nil || len(e.Fields) != 6 {
		t.Errorf("an empty form: %+v", e)
	}
	if e := fault.As((Request{Hospital: "guest", Role: GuestUser, Network: "ern-eye", Country: "DE", Declaration: true, Terms: true}).Check()); e == nil || len(e.Fields) != 4 {
		t.Errorf("a guest who says nothing: %+v", e)
	}
}

// Whatever is kept can be stored, shown and mailed; whatever is submitted is complete.
func FuzzRequest(f *testing.F) {
	f.Add("ern-eye", "DE", "de-02", "HP", "why", "Elena", "elena@x.eu", 1)
	f.Add("ern-eye", "DE", "guest", "GUEST_USER", strings.Repeat("x", 50), "Elena", "elena@x.eu", 91)
	f.Add("ern-eye\x00", "de", "guest", "COORDINATOR", "\x00", "a\r\nb", "a@b.eu, c@d.eu", -1)
	f.Fuzz(func(t *testing.T, network, country, hospital, role, why, sponsor, email string, days int) {
		r := Request{Network: network, Country: country, Hospital: hospital, Role: role, Justification: why, SponsorName: sponsor, SponsorEmail: email, DurationDays: days, Declaration: true, Terms: true}
		r.Tidy()
		if r.Fits() == nil {
			line := r.Network + r.Country + r.Hospital + r.Role + r.SponsorName + r.SponsorEmail
			if !utf8.ValidString(line+r.Justification) || strings.ContainsAny(line, "\r\n\x00") || strings.Contains(r.Justification, "\x00") || r.DurationDays < 0 || r.DurationDays > GuestDays || r.Role == CoordinatorRole {
				t.Fatalf("%+v", r)
			}
		} else if r.Check() == nil {
			t.Fatalf("complete, and not even a draft: %+v", r)
		}
		if r.Check() == nil && r.Guest() && (r.DurationDays < 1 || r.SponsorEmail == "" || utf8.RuneCountInString(r.Justification) < JustificationMin || r.Role != GuestUser) {
			t.Fatalf("%+v", r)
		}
	})
}
