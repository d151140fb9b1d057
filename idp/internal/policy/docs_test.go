package policy

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// docs/acr.md shows the table of methods; the two must not drift apart.
func TestDocsShowTheTable(t *testing.T) {
	raw, err := os.ReadFile("../../docs/acr.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, r := range methods {
		var amr []string
		for _, a := range r.amr {
			amr = append(amr, "`"+a+"`")
		}
		reached := "–"
		if r.strength.Level > None {
			reached = r.strength.Level.String()
		}
		line := "| `" + string(r.method) + "` | " + categoryNames[r.kind] + " | " + strings.Join(amr, " ") + " | " + reached + " | " + resistanceNames[r.strength.Resistance] + " |"
		if !strings.Contains(text, line) {
			t.Errorf("docs/acr.md lacks %q", line)
		}
	}
	n := 0
	for _, c := range categoryNames {
		n += strings.Count(text, "` | "+c+" |")
	}
	if n != len(methods) {
		t.Errorf("docs/acr.md has %d methods, the code %d", n, len(methods))
	}
	for _, a := range acrs {
		line := "| `" + a.value + "` | " + a.strength.Level.String() + " | " + resistanceNames[a.strength.Resistance] + " |"
		if !strings.Contains(text, line) {
			t.Errorf("docs/acr.md lacks %q", line)
		}
	}
}

func TestDocsShowTheAges(t *testing.T) {
	raw, err := os.ReadFile("../../docs/acr.md")
	if err != nil {
		t.Fatal(err)
	}
	for l, age := range maxAges {
		name := map[Level]string{None: "recovery code"}[l]
		if l > None {
			name = l.String()
		}
		if line := fmt.Sprintf("| %s | %d minutes |", name, int(age.Minutes())); !strings.Contains(string(raw), line) {
			t.Errorf("docs/acr.md lacks %q", line)
		}
	}
}

var resistanceNames = map[Resistance]string{Phishable: "–", PhishingResistant: "phishing-resistant", HardwareProtected: "hardware-protected"}
