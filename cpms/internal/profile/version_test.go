package profile

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

// Every field of both pages is one that versions show: a new one cannot be forgotten.
func TestEveryFieldIsInAVersion(t *testing.T) {
	known := map[string]bool{}
	for _, f := range (Profile{}).Fields() {
		known[f.Name] = true
	}
	n := 0
	for _, page := range []any{Page1{}, Page2{}} {
		for i := range reflect.TypeOf(page).NumField() {
			n++
			if name := reflect.TypeOf(page).Field(i).Tag.Get("json"); !known[name] {
				t.Errorf("%s", name)
			}
		}
	}
	if n != len(known) {
		t.Errorf("%d fields, %d shown", n, len(known))
	}
}

func TestWhatChanged(t *testing.T) {
	old := Profile{Page1: whole1(), Page2: Page2{Networks: []string{"ern-eye", "ern-lung"}, Languages: []string{"de"}}}
	now := old
	now.Phone, now.Page2 = "+32 2 1", Page2{Networks: []string{"ern-lung", "ern-eye"}}
	got := Changes(old.Fields(), now.Fields())
	if want := fmt.Sprintf("[{phone [%s] [+32 2 1]} {languages [de] []}]", old.Phone); fmt.Sprint(got) != want || names(got) != "phone languages" {
		t.Errorf("%v, want %s", got, want)
	}
	if old.Networks[0] != "ern-eye" || now.Networks[0] != "ern-lung" {
		t.Error("comparing changed the profile")
	}
	if got := Changes(old.Fields(), old.Fields()); got != nil {
		t.Errorf("%v", got)
	}
}

func TestTheDocumentTellsTheLimits(t *testing.T) {
	raw, err := os.ReadFile("../../docs/profile.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d on a page", VersionsShown); !strings.Contains(string(raw), want) {
		t.Errorf("%q is not in the document", want)
	}
}
