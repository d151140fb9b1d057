package terms

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func day(d int) time.Time { return time.Date(2030, 1, d, 0, 0, 0, 0, time.UTC) }

var three = []Edition{
	{"a", day(1), map[Document]Text{OfUse: {"a", 1}, Privacy: {"a", 1}}},
	{"b", day(5), map[Document]Text{OfUse: {"a", 1}, Privacy: {"b", 2}}},
	{"c", day(9), map[Document]Text{OfUse: {"c", 1}, Privacy: {"b", 2}}},
}

func TestWhichEditionIsInForce(t *testing.T) {
	for at, want := range map[time.Time]string{
		day(1).Add(-time.Hour): "a", day(1): "a", day(5).Add(-1): "a", day(5): "b", day(8): "b", day(9): "c", day(30): "c",
	} {
		if got := inForce(three, at).ID; got != want {
			t.Errorf("%v: %s", at, got)
		}
	}
}

func TestTheHistoryOfADocument(t *testing.T) {
	for name, tt := range map[string]struct {
		d    Document
		at   time.Time
		want string
	}{
		"before the first":     {OfUse, day(1).Add(-time.Hour), "a 1-0"},
		"unchanged in between": {OfUse, day(8), "a 1-0"},
		"changed":              {OfUse, day(9), "c 9-0 a 1-9"},
		"not yet":              {Privacy, day(4), "a 1-0"},
		"the other":            {Privacy, day(30), "b 5-0 a 1-5"},
	} {
		var got []string
		for _, s := range history(three, tt.d, tt.at) {
			until := 0
			if !s.Until.IsZero() {
				until = s.Until.Day()
			}
			got = append(got, fmt.Sprintf("%s %d-%d", s.Version, s.From.Day(), until))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", name, got, tt.want)
		}
	}
}

func TestAnAcceptanceIsOfOneEdition(t *testing.T) {
	list := []Acceptance{{"a", day(2)}, {"b", day(6)}}
	if a, ok := Accepted(list, "b"); !ok || !a.At.Equal(day(6)) {
		t.Errorf("%+v %v", a, ok)
	}
	if _, ok := Accepted(list, "c"); ok {
		t.Error("an edition that nobody accepted")
	}
}

// Every paragraph that the data name is in the catalogue, and the catalogue has no others.
func TestTheTextsAreInTheCatalogue(t *testing.T) {
	raw, err := os.ReadFile("../web/locales/en/terms.json")
	if err != nil {
		t.Fatal(err)
	}
	var texts map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for i, e := range Editions {
		if i > 0 && !e.From.After(Editions[i-1].From) {
			t.Errorf("%s is not in its order", e.ID)
		}
		for _, d := range []Document{OfUse, Privacy} {
			text := e.Texts[d]
			if text.Paragraphs < 1 {
				t.Errorf("%s has no %s", e.ID, d)
			}
			for n := range text.Paragraphs {
				want[fmt.Sprintf("text.%s.%s.%d", d, text.Version, n+1)] = true
			}
		}
	}
	for key := range want {
		if texts[key] == "" {
			t.Errorf("%s is no text", key)
		}
	}
	for key := range texts {
		if strings.HasPrefix(key, "text.") && !want[key] {
			t.Errorf("%s is in no edition", key)
		}
	}
}

func TestTheDocumentTellsEveryEdition(t *testing.T) {
	raw, err := os.ReadFile("../../docs/profile.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range Editions {
		line := fmt.Sprintf("| %s | %s | %s | %s |", e.ID, e.From.Format(time.DateOnly), e.Texts[OfUse].Version, e.Texts[Privacy].Version)
		if !strings.Contains(string(raw), line) {
			t.Errorf("%q is not in the document", line)
		}
	}
}
