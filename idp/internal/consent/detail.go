package consent

// Detail is something that a service asks the person to allow, beside what it learns: in words for people, each
// by language, with "en" always there.
type Detail struct {
	At    string            `json:"at"` // the service where it counts
	Title map[string]string `json:"title"`
	Facts []Fact            `json:"facts,omitempty"`
}

// Fact is one line of a detail. Its values are the asking service's own words.
type Fact struct {
	Label  map[string]string `json:"label"`
	Values []string          `json:"values"`
}
