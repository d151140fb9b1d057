package plain

import (
	"strings"
	"unicode/utf8"
)

// formulas are what a spreadsheet takes for the beginning of a formula or command, in both
// widths (OWASP, CSV Injection).
const formulas = "=+-@\t\r\n|%＝＋－＠"

// Cell makes a text that is only a text in a spreadsheet: one that would begin a formula gets
// an apostrophe before it, blanks in front do not hide it (security case 47). The text is
// otherwise as it was; separators and quotes are the writer's matter.
func Cell(s string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " \u00a0"))
	if strings.ContainsRune(formulas, first) {
		return "'" + s
	}
	return s
}
