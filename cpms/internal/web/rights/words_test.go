package rights

import (
	"net/http/httptest"
	"testing"
	"time"

	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/rights"
	"eulogin.example/cpms/internal/web"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/proto/kit/page"
)

// A record is shown in words; what has none is shown as it is stored, and nothing empty is.
func TestARecordInWords(t *testing.T) {
	site, err := page.New(page.Config{Templates: web.Templates, Locales: web.Locales, Static: web.Static, Product: "CPMS 2.0", CookiePrefix: "cpms_"})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/privacy/export", nil)
	r = r.WithContext(guard.With(r.Context(), guard.Visitor{Person: person.Person{ID: "me"}}))
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		table string
		cell  rights.Cell
		want  line
	}{
		{"people", rights.Cell{Column: "id", Value: "me"}, line{"copy.column.id", "me"}},
		{"people", rights.Cell{Column: "subject", Value: "abc"}, line{"copy.column.account", "abc"}},
		{"audit_events", rights.Cell{Column: "subject", Value: "me"}, line{"copy.column.subject", "you"}},
		{"audit_events", rights.Cell{Column: "actor", Value: "clock"}, line{"copy.column.actor", "CPMS, because of a date"}},
		{"audit_events", rights.Cell{Column: "actor", Value: "somebody"}, line{"copy.column.actor", "somebody"}},
		{"audit_events", rights.Cell{Column: "action", Value: "desk.viewed"}, line{"copy.column.action", "Opened your request"}},
		{"audit_events", rights.Cell{Column: "action", Value: "person.signed_in"}, line{"copy.column.action", "person.signed_in"}},
		{"audit_events", rights.Cell{Column: "detail", Value: map[string]any{"b": "2", "a": "1", "c": ""}}, line{"copy.column.detail", "a: 1\nb: 2"}},
		{"profiles", rights.Cell{Column: "person_id", Value: "me"}, line{}},
		{"profiles", rights.Cell{Column: "page2", Value: map[string]any{"networks": []any{"ern-eye", "ern-x"}, "languages": nil}}, line{"copy.column.page2", "Thematic areas: ERN-EYE, ern-x"}},
		{"requests", rights.Cell{Column: "state", Value: "more_info"}, line{"copy.column.state", "More information needed"}},
		{"requests", rights.Cell{Column: "terms", Value: true}, line{"copy.column.terms", "yes"}},
		{"requests", rights.Cell{Column: "decided_at", Value: time.Time{}}, line{}},
		{"requests", rights.Cell{Column: "created_at", Value: at}, line{"copy.column.created_at", page.DateTime("en", at.In(site.Location))}},
		{"requests", rights.Cell{Column: "duration_days", Value: int64(90)}, line{"copy.column.duration_days", "90"}},
		{"requests", rights.Cell{Column: "question", Value: ""}, line{}},
	} {
		got := (&Pages{Site: site}).words(r, tt.table, []rights.Cell{tt.cell})
		if len(got) == 0 {
			got = []line{{}}
		}
		if got[0] != tt.want {
			t.Errorf("%s %v: %q, want %q", tt.table, tt.cell, got[0], tt.want)
		}
	}
}
