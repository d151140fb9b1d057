package network

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"
)

// Network is one European Reference Network.
type Network struct {
	Slug string // key in addresses and rows: "ern-eye"
	Code string // "ERN-EYE"; space or hyphen as the network writes it
	On   string // "rare eye diseases"
}

// Name gives code and subject.
func (n Network) Name() string { return n.Code + " – European Reference Network on " + n.On }

// Hospital is a healthcare provider that is a member of some networks.
type Hospital struct {
	ID, Country, Name string
	Networks          []string
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

// Countries are the codes of those whose hospitals can belong: EU, EEA with Norway and
// Iceland and Liechtenstein, and Ukraine (domain.md §2.1).
var Countries = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "UA",
}

// All gives the 24 networks in the order of their codes.
func All() []Network { return slices.Clone(networks) }

// BySlug finds a network.
func BySlug(slug string) (Network, bool) {
	i := slices.IndexFunc(networks, func(n Network) bool { return n.Slug == slug })
	if i < 0 {
		return Network{}, false
	}
	return networks[i], true
}

// Hospitals gives all hospitals, by country and name.
func Hospitals() []Hospital { return slices.Clone(hospitals) }

// HospitalByID finds a hospital.
func HospitalByID(id string) (Hospital, bool) {
	i := slices.IndexFunc(hospitals, func(h Hospital) bool { return h.ID == id })
	if i < 0 {
		return Hospital{}, false
	}
	return hospitals[i], true
}

// IsCountry reports whether a code is one of Countries.
func IsCountry(code string) bool { return slices.Contains(Countries, code) }

func records(text string) [][]string {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.LazyQuotes = '|', true
	rows, err := r.ReadAll()
	if err != nil {
		panic(err) // the files are compiled in and tested
	}
	return rows[1:]
}

func loadNetworks() (out []Network) {
	for _, r := range records(networksCSV) {
		out = append(out, Network{Slug: r[0], Code: r[1], On: r[2]})
	}
	slices.SortFunc(out, func(a, b Network) int {
		return strings.Compare(strings.ToLower(a.Code), strings.ToLower(b.Code))
	})
	return out
}

func loadHospitals() (out []Hospital) {
	for _, r := range records(hospitalsCSV) {
		out = append(out, Hospital{Country: r[0], ID: r[1], Name: r[2], Networks: strings.Fields(r[3])})
	}
	return out
}
