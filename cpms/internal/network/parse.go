package network

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"eulogin.example/cpms/internal/plain"
)

// The first lines of the two files; a column that moves is a fault, not a surprise.
var (
	networkColumns  = []string{"slug", "code", "on", "helpdesk"}
	hospitalColumns = []string{"country", "id", "name", "networks"}
)

var slugShape = regexp.MustCompile(`^[a-z][a-z-]{2,30}$`)

var hospitalShape = regexp.MustCompile(`^[a-z]{2}-[0-9]{2,4}$`)

// records reads a CSV file with vertical bars, whose first line names the columns.
func records(text string, columns []string) ([][]string, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '|', true, len(columns)
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], columns) {
		return nil, fmt.Errorf("network: the first line must be %s", strings.Join(columns, "|"))
	}
	return rows[1:], nil
}

// parseNetworks reads the networks and puts them in the order of their codes.
func parseNetworks(text string) ([]Network, error) {
	rows, err := records(text, networkColumns)
	if err != nil {
		return nil, err
	}
	var out []Network
	for _, r := range rows {
		n := Network{Slug: r[0], Code: r[1], On: r[2], Helpdesk: r[3]}
		switch {
		case !slugShape.MatchString(n.Slug) || slices.ContainsFunc(out, func(o Network) bool { return o.Slug == n.Slug }):
			return nil, fmt.Errorf("network: slug %q is malformed or stands twice", n.Slug)
		case !named(n.Code) || !named(n.On):
			return nil, fmt.Errorf("network: %s has no proper name", n.Slug)
		case !plain.Email(n.Helpdesk):
			return nil, fmt.Errorf("network: helpdesk %q of %s", n.Helpdesk, n.Slug)
		}
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b Network) int {
		return strings.Compare(strings.ToLower(a.Code), strings.ToLower(b.Code))
	})
	return out, nil
}

// parseHospitals reads the hospitals in the order of the file; each stands in a known
// country and belongs to at least one of the networks.
func parseHospitals(text string, networks []Network) ([]Hospital, error) {
	rows, err := records(text, hospitalColumns)
	if err != nil {
		return nil, err
	}
	var out []Hospital
	seen := map[string]bool{}
	for _, r := range rows {
		h := Hospital{Country: r[0], ID: r[1], Name: r[2], Networks: strings.Fields(r[3])}
		switch {
		case !hospitalShape.MatchString(h.ID) || seen[h.ID]:
			return nil, fmt.Errorf("network: hospital id %q is malformed or stands twice", h.ID)
		case !IsCountry(h.Country) || !strings.HasPrefix(h.ID, strings.ToLower(h.Country)+"-"):
			return nil, fmt.Errorf("network: country %q of %s", h.Country, h.ID)
		case !named(h.Name):
			return nil, fmt.Errorf("network: %s has no proper name", h.ID)
		case len(h.Networks) == 0:
			return nil, fmt.Errorf("network: %s belongs to none", h.ID)
		}
		for _, slug := range h.Networks {
			if !slices.ContainsFunc(networks, func(n Network) bool { return n.Slug == slug }) {
				return nil, fmt.Errorf("network: %s belongs to unknown %q", h.ID, slug)
			}
		}
		seen[h.ID] = true
		out = append(out, h)
	}
	return out, nil
}

// named reports whether s can stand on a page as a name.
func named(s string) bool { return s != "" && s == strings.TrimSpace(s) && plain.Line(s, 120) }
