package client

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Details are the rich authorization requests (RFC 9396) that a client may make, and those that it
// understands as a resource server.
type Details struct {
	DetailTypes []string     `json:"authorization_details_types,omitempty"`       // that it may ask for (RFC 9396 §10)
	Definitions []DetailType `json:"authorization_details_definitions,omitempty"` // of the types that are its own
}

// DetailType is a type of authorization details: what such an object holds, and how people read it.
type DetailType struct {
	Type   string        `json:"type"`
	Title  Text          `json:"title"`
	Fields []DetailField `json:"fields"`
}

// DetailField is a member of such an object. There are no others.
type DetailField struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	Label    Text     `json:"label"`
	Values   []string `json:"values,omitempty"` // of a text or texts: no others
	Required bool     `json:"required,omitempty"`
}

// The kinds of fields.
const (
	DetailText   = "text"   // one line
	DetailTexts  = "texts"  // a list of lines
	DetailNumber = "number" // a whole number
)

// Text is a text for people by language (BCP 47); "en" is always there.
type Text map[string]string

func (t Text) good() bool {
	for _, text := range t {
		if len(text) > textLimit || !Line(text) {
			return false
		}
	}
	return t["en"] != ""
}

// The limits of definitions: bytes of a text, and fields of a type.
const (
	textLimit  = 200
	fieldLimit = 20
)

var (
	typeShape  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{0,254}$`)
	fieldShape = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)
)

func (d Details) rules(c *Client) []rule {
	rules := []rule{
		{len(d.Definitions) > 0 && len(c.ResourceIDs) == 0, "authorization_details_definitions go with resource_identifiers: tokens with such details are for these"},
		{len(d.DetailTypes) > 0 && !c.Allows("authorization_code"), "authorization_details_types go with authorization_code: a person is asked"},
	}
	var types []string
	for _, def := range d.Definitions {
		rules = append(rules, rule{slices.Contains(types, def.Type), fmt.Sprintf("authorization_details_definitions: the type %q stands twice", def.Type)})
		types = append(types, def.Type)
		for _, wrong := range def.faults() {
			rules = append(rules, rule{true, fmt.Sprintf("authorization_details_definitions: %q: %s", def.Type, wrong)})
		}
	}
	return rules
}

// faults is what is wrong with a definition.
func (d DetailType) faults() (out []string) {
	wrong := func(is bool, what string) {
		if is {
			out = append(out, what)
		}
	}
	wrong(!typeShape.MatchString(d.Type), "the type must be a name or an absolute URI")
	wrong(!d.Title.good(), "the title must be there in English, each of at most 200 bytes")
	wrong(len(d.Fields) > fieldLimit, "there are more than 20 fields")
	for i, f := range d.Fields {
		wrong(!fieldShape.MatchString(f.Name) || f.Name == "type", "a field must have a name, other than type")
		wrong(slices.ContainsFunc(d.Fields[:i], func(g DetailField) bool { return g.Name == f.Name }), "a field stands twice")
		wrong(!slices.Contains([]string{DetailText, DetailTexts, DetailNumber}, f.Kind), "the kind of a field must be text, texts or number")
		wrong(!f.Label.good(), "the label of a field must be there in English, each of at most 200 bytes")
		wrong(len(f.Values) > 0 && f.Kind == DetailNumber, "values go with text and texts")
	}
	return out
}

// Field finds a field by its name.
func (d DetailType) Field(name string) (DetailField, bool) {
	i := slices.IndexFunc(d.Fields, func(f DetailField) bool { return f.Name == name })
	if i < 0 {
		return DetailField{}, false
	}
	return d.Fields[i], true
}

// Line reports whether a text is one line that shows what it says: no control characters, and none that
// turn the direction of writing.
func Line(text string) bool {
	return strings.ToValidUTF8(text, "") == text && strings.TrimSpace(text) != "" && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// DetailType finds a type of authorization details, and the client that defines it. ok is false where there
// is none that may be served.
func (r *Registry) DetailType(name string) (def DetailType, owner *Client, ok bool) {
	s := r.now()
	c := s.clients[s.types[name]]
	if c.client == nil || c.state != Active {
		return def, nil, false
	}
	i := slices.IndexFunc(c.client.Definitions, func(d DetailType) bool { return d.Type == name })
	return c.client.Definitions[i], c.client, true
}

// DetailTypes are the types that may be asked for, sorted.
func (r *Registry) DetailTypes() []string { return r.now().offered }

// types are the types of authorization details that a client defines.
func (d Details) types() (out []string) {
	for _, def := range d.Definitions {
		out = append(out, def.Type)
	}
	return out
}
