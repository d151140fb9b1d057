package profile

import (
	"regexp"
	"strings"
	"unicode"
)

// orphaShape is one ORPHA code: up to seven digits (Orphanet nomenclature).
var orphaShape = regexp.MustCompile(`^[0-9]{1,7}$`)

// Orpha splits typed ORPHA codes, with or without "ORPHA:" before them; false when one is
// none. Nothing typed is no code.
func Orpha(typed string) ([]string, bool) {
	var out []string
	for _, f := range strings.FieldsFunc(typed, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }) {
		f = strings.TrimPrefix(strings.ToUpper(f), "ORPHA:")
		if !orphaShape.MatchString(f) {
			return nil, false
		}
		out = append(out, f)
	}
	return out, true
}
