package provider

import (
	"encoding/json"
	"net/http"
	"slices"
	"unicode/utf8"

	strict "github.com/go-jose/go-jose/v4/json"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/proto/kit/fault"
)

// The limits of authorization details: bytes of the parameter, objects in it, characters of a text, and
// texts of a list. All of them are read by a person.
const (
	detailsLimit    = 8 << 10
	detailLimit     = 5
	detailTextLimit = 200
	detailListLimit = 20
)

// detailsMetadata tells which types of authorization details may be asked for (RFC 9396 §10).
func (s *server) detailsMetadata() map[string]any {
	types := s.Clients.DetailTypes()
	if types == nil {
		types = []string{}
	}
	return map[string]any{"authorization_details_types_supported": types}
}

// errDetails says that authorization details are not what a type defines, of a type that the client did not
// register, or not among what was approved.
var errDetails = fault.New(fault.Invalid, "oidc.invalid_authorization_details")

// invalidDetails is errDetails as a program hears it (RFC 9396 §5).
func invalidDetails() *oidc.Error {
	return &oidc.Error{ErrorType: "invalid_authorization_details", Description: "authorization_details are malformed, of an unknown type, or not among what was approved"}
}

// details reads the parameter authorization_details (RFC 9396 §2) and gives the resources that a token with
// these details is for: the ones that are asked for, of which each type's resource server must have one, or, where
// the request names none, those of the types' resource servers.
func (s *server) details(c *client.Client, raw string, resources []string) ([]grant.Detail, []string, error) {
	if raw == "" {
		return nil, resources, nil
	}
	objects, err := readDetails(raw)
	if err != nil {
		return nil, nil, err
	}
	var out []grant.Detail
	var implied []string
	for _, object := range objects {
		d, owner, err := s.detail(c, object)
		if err != nil {
			return nil, nil, err
		}
		theirs := slices.DeleteFunc(slices.Clone(owner.ResourceIDs), func(r string) bool { return !s.targets(c, r) })
		if len(theirs) == 0 {
			return nil, nil, errTarget
		}
		if len(resources) > 0 && !slices.ContainsFunc(theirs, func(r string) bool { return slices.Contains(resources, r) }) {
			return nil, nil, errDetails
		}
		out, implied = append(out, d), append(implied, theirs...)
	}
	if len(resources) == 0 {
		slices.Sort(implied)
		resources = slices.Compact(implied)
	}
	return out, resources, nil
}

// readDetails takes the list apart. Names are compared exactly, and none may stand twice: two readers must see
// the same. It is pure.
func readDetails(raw string) (objects []map[string]strict.RawMessage, err error) {
	if len(raw) > detailsLimit || !utf8.ValidString(raw) || strict.Unmarshal([]byte(raw), &objects) != nil || len(objects) == 0 || len(objects) > detailLimit {
		return nil, errDetails
	}
	return objects, nil
}

// detail holds an object against the definition of its type, which the client must have registered.
func (s *server) detail(c *client.Client, object map[string]strict.RawMessage) (grant.Detail, *client.Client, error) {
	var name string
	if strict.Unmarshal(object["type"], &name) != nil || !slices.Contains(c.DetailTypes, name) {
		return nil, nil, errDetails
	}
	def, owner, ok := s.Clients.DetailType(name)
	if !ok {
		return nil, nil, errDetails
	}
	d, err := conform(def, object)
	return d, owner, err
}

// conform gives an object as it is kept, if it has all fields that its type requires, and no others. It is pure.
func conform(def client.DetailType, object map[string]strict.RawMessage) (grant.Detail, error) {
	kind, err := json.Marshal(def.Type)
	if err != nil {
		return nil, err
	}
	d := grant.Detail{"type": kind}
	for name, raw := range object {
		if name == "type" {
			continue
		}
		f, ok := def.Field(name)
		if !ok {
			return nil, errDetails
		}
		if d[name], err = value(f, raw); err != nil {
			return nil, err
		}
	}
	for _, f := range def.Fields {
		if f.Required && d[f.Name] == nil {
			return nil, errDetails
		}
	}
	return d, nil
}

// value reads the value of a field: every text is a line that a page can show. It is pure.
func value(f client.DetailField, raw strict.RawMessage) (json.RawMessage, error) {
	fits := func(text string) bool {
		return utf8.RuneCountInString(text) <= detailTextLimit && client.Line(text) && (len(f.Values) == 0 || slices.Contains(f.Values, text))
	}
	switch f.Kind {
	case client.DetailText:
		var text string
		if strict.Unmarshal(raw, &text) == nil && fits(text) {
			return json.Marshal(text)
		}
	case client.DetailTexts:
		var list []string
		if strict.Unmarshal(raw, &list) == nil && len(list) > 0 && len(list) <= detailListLimit && !slices.ContainsFunc(list, func(t string) bool { return !fits(t) }) {
			return json.Marshal(list)
		}
	case client.DetailNumber:
		var n *int64
		if strict.Unmarshal(raw, &n) == nil && n != nil {
			return json.Marshal(*n)
		}
	}
	return nil, errDetails
}

// toward gives the details that concern a token for these resources: each type's resource server must have one
// of them. What a client may not ask for any more, and what nobody defines any more, is gone.
func (s *server) toward(c *client.Client, details []grant.Detail, resources []string) (out []grant.Detail) {
	for _, d := range details {
		_, owner, ok := s.Clients.DetailType(d.Type())
		if ok && slices.Contains(c.DetailTypes, d.Type()) && owner.Serves(resources) {
			out = append(out, d)
		}
	}
	return out
}

// limited gives the details of an access token: of those that were approved the ones that are asked for
// (RFC 9396 §6.1), or all, as far as they concern its resources. More than was approved is errDetails.
func (s *server) limited(c *client.Client, a grant.Approval, raw string) ([]grant.Detail, error) {
	have := s.toward(c, a.Details, s.audience(a))
	if raw == "" {
		return have, nil
	}
	asked, _, err := s.details(c, raw, a.Resources)
	if err != nil {
		return nil, err
	}
	for _, d := range asked {
		if !slices.ContainsFunc(have, d.Within) {
			return nil, errDetails
		}
	}
	return asked, nil
}

// takesDetails reports whether a request may hold authorization details: where a person is asked, and where that
// person's answer is turned into tokens. Everywhere else they are refused and not silently left out.
func takesDetails(r *http.Request) bool {
	switch r.URL.Path {
	case authorizePath, pushPath:
		return true
	case tokenPath:
		kind := r.PostForm.Get("grant_type")
		return kind == string(oidc.GrantTypeCode) || kind == string(oidc.GrantTypeRefreshToken)
	}
	return false
}

// detailsOf gives what a resource server may know of a token's details: those of its own types.
func detailsOf(owner *client.Client, details []grant.Detail) (out []grant.Detail) {
	for _, d := range details {
		if slices.ContainsFunc(owner.Definitions, func(def client.DetailType) bool { return def.Type == d.Type() }) {
			out = append(out, d)
		}
	}
	return out
}

// shown puts details into words for the page that asks the person: all that stands in them, in the order of
// their definition.
func (s *server) shown(details []grant.Detail) (out []consent.Detail) {
	for _, d := range details {
		def, owner, ok := s.Clients.DetailType(d.Type())
		if !ok {
			continue // it went since it was read: the token will not have it either
		}
		one := consent.Detail{At: owner.Name, Title: def.Title}
		for _, f := range def.Fields {
			if raw, there := d[f.Name]; there {
				one.Facts = append(one.Facts, consent.Fact{Label: f.Label, Values: words(raw)})
			}
		}
		out = append(out, one)
	}
	return out
}

// words are the values of a field as people read them.
func words(raw json.RawMessage) (list []string) {
	var text string
	switch {
	case json.Unmarshal(raw, &list) == nil:
		return list
	case json.Unmarshal(raw, &text) == nil:
		return []string{text}
	}
	return []string{string(raw)} // a number
}
