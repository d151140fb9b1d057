package network

import (
	_ "embed"
	"slices"
)

// Network is one European Reference Network.
type Network struct {
	Slug string // key in addresses and rows: "ern-eye"
	Code string // "ERN-EYE"; space or hyphen as the network writes it
	On   string // "rare eye diseases"
	// Helpdesk is the network's own CPMS helpdesk, an e-mail address for people.
	Helpdesk string
	Closed   bool // for new requests
}

// Name gives the full name: the code, and what the network is on.
func (n Network) Name() string { return n.Code + " – European Reference Network on " + n.On }

// Hospital is a healthcare provider (HCP) that is a member of some networks.
type Hospital struct {
	ID       string   // "de-02", never given again
	Country  string   // one of Countries
	Name     string   // in its own language
	Networks []string // slugs
	Disabled bool     // no longer to be chosen; who chose it before keeps it
}

// Unlisted stands for a hospital that is not in the list, and Guest for guest access.
const (
	Unlisted = "not-listed"
	Guest    = "guest"
)

//go:embed networks.csv
var networksCSV string

//go:embed hospitals.csv
var hospitalsCSV string

var (
	networks  = loadNetworks()
	hospitals = loadHospitals()
)

// Countries are the codes of those whose hospitals can belong: the EU (with EL for Greece, as
// the EU writes it), Iceland, Liechtenstein and Norway, and Ukraine (domain.md §2.1).
var Countries = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "UA",
}

// All gives the 24 networks in the order of their codes.
func All() []Network { return slices.Clone(current().networks) }

// BySlug finds a network.
func BySlug(slug string) (Network, bool) {
	list := current().networks
	i := slices.IndexFunc(list, func(n Network) bool { return n.Slug == slug })
	if i < 0 {
		return Network{}, false
	}
	return list[i], true
}

// Hospitals gives the hospitals that can be chosen, by country and name.
func Hospitals() []Hospital {
	return slices.DeleteFunc(Every(), func(h Hospital) bool { return h.Disabled })
}

// HospitalByID finds a hospital, also one that is no longer to be chosen.
func HospitalByID(id string) (Hospital, bool) {
	list := current().hospitals
	i := slices.IndexFunc(list, func(h Hospital) bool { return h.ID == id })
	if i < 0 {
		return Hospital{}, false
	}
	return list[i], true
}

// IsCountry reports whether a code is one of Countries.
func IsCountry(code string) bool { return slices.Contains(Countries, code) }

func loadNetworks() []Network {
	out, err := parseNetworks(networksCSV)
	if err != nil {
		panic(err) // the files are compiled in and tested
	}
	return out
}

func loadHospitals() []Hospital {
	out, err := parseHospitals(hospitalsCSV, networks)
	if err != nil {
		panic(err)
	}
	return out
}
