package client

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The table of docs/clients.md names every member that is read, each in one row, and no other.
func TestTheDocumentNamesEveryMember(t *testing.T) {
	raw, err := os.ReadFile("../../docs/clients.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(raw), "\n## Metadata\n")
	section, _, _ = strings.Cut(section, "\n## ")
	if !found {
		t.Fatal("there is no section on metadata")
	}
	rows := map[string]int{}
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, name := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(cells[1], -1) {
				rows[name[1]]++
			}
		}
	}
	for _, m := range Members {
		if rows[m] != 1 {
			t.Errorf("%s is in %d rows", m, rows[m])
		}
	}
	for name := range rows {
		if !slices.Contains(Members, name) {
			t.Errorf("%s is no member", name)
		}
	}
}
