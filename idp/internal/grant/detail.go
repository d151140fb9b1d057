package grant

import (
	"encoding/json"
	"slices"
)

// Detail is one object of authorization details (RFC 9396 §2): its type, and fields of the kinds that the type
// defines, each a text, a whole number, or a list of texts in JSON without blanks.
type Detail map[string]json.RawMessage

// Type gives the type.
func (d Detail) Type() string {
	var t string
	_ = json.Unmarshal(d["type"], &t)
	return t
}

// Within reports whether a detail asks for no more than another one does: the same in all fields, but for
// lists, which may hold fewer. A field that is left out could mean "any", so none may be.
func (d Detail) Within(all Detail) bool {
	if len(d) != len(all) {
		return false
	}
	for name, value := range all {
		if string(d[name]) == string(value) {
			continue
		}
		var some, of []string
		if json.Unmarshal(d[name], &some) != nil || json.Unmarshal(value, &of) != nil || len(some) == 0 {
			return false
		}
		if slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(of, s) }) {
			return false
		}
	}
	return true
}
