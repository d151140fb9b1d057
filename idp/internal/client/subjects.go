package client

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// The types of subjects (OpenID Connect Core §8).
const (
	PublicSubjects   = "public"   // a person has one sub, the same for all: the usual type
	PairwiseSubjects = "pairwise" // one for each sector
)

// SubjectTypes are those that a client may register.
var SubjectTypes = []string{PublicSubjects, PairwiseSubjects}

// Subjects is by which sub a client knows a person (OpenID Connect Registration §2).
type Subjects struct {
	SubjectType string `json:"subject_type,omitempty"`
	// SectorURI is the address of a list of redirect addresses: the clients that have theirs in it are one
	// sector. Package sector reads it when a client is registered.
	SectorURI string `json:"sector_identifier_uri,omitempty"`
}

// rules want that there is one sector (Core §8.1). The loopback host is everybody's own: it is none.
func (s Subjects) rules(c *Client, loopback bool) []rule {
	rules := []rule{
		{s.SubjectType != "" && !slices.Contains(SubjectTypes, s.SubjectType), "subject_type must be " + strings.Join(SubjectTypes, " or ")},
		{s.SectorURI != "" && !s.Pairwise(), "sector_identifier_uri goes with the subject_type pairwise"},
	}
	if s.SectorURI != "" {
		return append(rules, addressRule("sector_identifier_uri", s.SectorURI, loopback))
	}
	own := c.hosts()
	return append(rules,
		rule{s.Pairwise() && len(own) != 1, fmt.Sprintf("sector_identifier_uri is needed for pairwise subjects where the redirect_uris have no or several hosts: %d", len(own))},
		rule{s.Pairwise() && slices.ContainsFunc(own, onLoopback) && !loopback, "sector_identifier_uri is needed for pairwise subjects where the redirect_uris are of the person's machine"})
}

// Pairwise reports whether the client knows persons by a sub of its sector alone.
func (s Subjects) Pairwise() bool { return s.SubjectType == PairwiseSubjects }

// Sector names the sector of a client with pairwise subjects: the host of its sector_identifier_uri, or the one
// that its redirect addresses have.
func (c *Client) Sector() string {
	if c.SectorURI != "" {
		return host(c.SectorURI)
	}
	return host(c.RedirectURIs[0])
}

// hosts are those of the redirect addresses, each once.
func (c *Client) hosts() (out []string) {
	for _, uri := range c.RedirectURIs {
		out = append(out, host(uri))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// host gives the host of an address, however it is written; "" for what is none.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}
