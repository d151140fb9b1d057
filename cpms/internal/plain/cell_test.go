package plain_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"eulogin.example/cpms/internal/plain"
)

func TestNoCellIsAFormula(t *testing.T) {
	for _, bad := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", "＝1", "＠x", " =1", "\u00a0@x", "%0A=1", "|x", `=HYPERLINK("http://x","y")`} {
		if got := plain.Cell(bad); got != "'"+bad {
			t.Errorf("%q became %q", bad, got)
		}
	}
	for _, good := range []string{"", "Anna Kovářová", "O'Brien", "a=b", "1-2", "anna@example.org", "'x", " x"} {
		if got := plain.Cell(good); got != good {
			t.Errorf("%q became %q", good, got)
		}
	}
}

// Whatever is written, what a program reads back begins no formula.
func FuzzCell(f *testing.F) {
	f.Add("=1+1")
	f.Add("a\",=1")
	f.Fuzz(func(t *testing.T, s string) {
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.Write([]string{plain.Cell(s), "x"}); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) == 0 {
			return
		}
		if cell := strings.TrimLeft(rows[0][0], " \u00a0"); cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
			t.Errorf("%q is read as %q", s, rows[0][0])
		}
	})
}
