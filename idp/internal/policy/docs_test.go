package policy

import (
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
	kinds := map[category]string{knowledge: "knowledge", possession: "possession"}
	for _, r := range methods {
		var amr []string
		for _, a := range r.amr {
			amr = append(amr, "`"+a+"`")
		}
		line := "| `" + string(r.method) + "` | " + kinds[r.kind] + " | " + strings.Join(amr, " ") + " |"
		if !strings.Contains(text, line) {
			t.Errorf("docs/acr.md lacks %q", line)
		}
	}
	if n := strings.Count(text, "| knowledge |") + strings.Count(text, "| possession |"); n != len(methods) {
		t.Errorf("docs/acr.md has %d methods, the code %d", n, len(methods))
	}
	for _, l := range []Level{Basic, Medium} {
		if !strings.Contains(text, "| "+l.String()+" | `"+l.ACR()+"` |") {
			t.Errorf("docs/acr.md lacks level %v", l)
		}
	}
}
