package network

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// AddedFrom is the first number of hospitals that administrators add; the compiled-in list
// stays below it, so that no id is ever given twice.
const AddedFrom = 500

// Setting is what administrators change of a network.
type Setting struct {
	Slug, Helpdesk string
	Closed         bool  // for new requests
	Version        int64 // raised by every change; 0: never changed
}

// Overlay is what administrators changed of the compiled-in lists.
type Overlay struct {
	Settings []Setting
	Added    []Hospital // Disabled counts
	Disabled []string   // ids of compiled-in hospitals
}

// directory is the two lists as they hold now.
type directory struct {
	networks  []Network
	hospitals []Hospital
}

var now atomic.Pointer[directory]

func current() *directory {
	if d := now.Load(); d != nil {
		return d
	}
	return &directory{networks, hospitals}
}

// Use lays an overlay over the compiled-in lists, for the whole process and until the next
// one. What is malformed is left out and named in the error; the rest holds.
func Use(o Overlay) error {
	d := directory{slices.Clone(networks), slices.Clone(hospitals)}
	var faults []string
	for _, s := range o.Settings {
		i := slices.IndexFunc(d.networks, func(n Network) bool { return n.Slug == s.Slug })
		if i < 0 {
			faults = append(faults, s.Slug)
			continue
		}
		d.networks[i].Helpdesk, d.networks[i].Closed = s.Helpdesk, s.Closed
	}
	for i := range d.hospitals {
		d.hospitals[i].Disabled = slices.Contains(o.Disabled, d.hospitals[i].ID)
	}
	for _, h := range o.Added {
		if h.Check() != nil || slices.ContainsFunc(d.hospitals, func(o Hospital) bool { return o.ID == h.ID }) {
			faults = append(faults, h.ID)
			continue
		}
		d.hospitals = append(d.hospitals, h)
	}
	slices.SortStableFunc(d.hospitals, func(a, b Hospital) int { return strings.Compare(a.Country, b.Country) })
	now.Store(&d)
	if len(faults) > 0 {
		return fmt.Errorf("network: left out: %s", strings.Join(faults, ", "))
	}
	return nil
}

// Check reports what keeps a hospital from standing in the list.
func (h Hospital) Check() error {
	switch {
	case !hospitalShape.MatchString(h.ID) || !strings.HasPrefix(h.ID, strings.ToLower(h.Country)+"-"):
		return fmt.Errorf("network: hospital id %q", h.ID)
	case !IsCountry(h.Country):
		return fmt.Errorf("network: country %q", h.Country)
	case !named(h.Name):
		return fmt.Errorf("network: %s has no proper name", h.ID)
	case len(h.Networks) == 0 || slices.ContainsFunc(h.Networks, func(slug string) bool { _, ok := BySlug(slug); return !ok }):
		return fmt.Errorf("network: %s belongs to no network that there is", h.ID)
	}
	return nil
}

// Every gives all hospitals, also those that are no longer to be chosen.
func Every() []Hospital { return slices.Clone(current().hospitals) }
