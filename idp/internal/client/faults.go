package client

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Fault is one thing that is wrong with metadata.
type Fault struct {
	Member string // that it is about, "" for several together
	Text   string
}

// Faults is all that is wrong with the metadata of a client.
type Faults struct {
	Client string
	List   []Fault
}

// Error gives a line for each.
func (f *Faults) Error() string {
	lines := make([]string, len(f.List))
	for i, one := range f.List {
		lines[i] = fmt.Sprintf("client %q: %s", f.Client, one.Text)
	}
	return strings.Join(lines, "\n")
}

// Members are the names of all metadata that a client can have.
var Members = membersOf(reflect.TypeFor[Client]())

func membersOf(t reflect.Type) (out []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			out = append(out, membersOf(f.Type)...)
		case name != "-":
			out = append(out, name)
		}
	}
	return out
}

// memberOf finds the member that a rule is about: its text names it before any other.
func memberOf(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if i := slices.IndexFunc(words, func(w string) bool { return slices.Contains(Members, w) }); i >= 0 {
		return words[i]
	}
	return ""
}
