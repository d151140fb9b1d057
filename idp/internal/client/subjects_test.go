package client

import (
	"strings"
	"testing"
)

// OpenID Connect Core §8.1, Registration §2: a pairwise client has one sector, or it is refused.
func TestSectorsOfClients(t *testing.T) {
	const pairwise = `"subject_type":"pairwise",`
	two := `"redirect_uris":["https://rp.example/cb","https://rp.example/two"]`
	other := `"redirect_uris":["https://rp.example/cb","https://other.example/cb"]`
	one := `"redirect_uris":["https://rp.example/cb"]`
	for name, tt := range map[string]struct {
		members, redirects string
		sector             string // "" is refused
	}{
		"one host":                   {pairwise, one, "rp.example"},
		"several addresses of it":    {pairwise, two, "rp.example"},
		"written otherwise":          {pairwise, `"redirect_uris":["https://RP.example/cb","https://rp.example:8443/cb"]`, "rp.example"},
		"several hosts":              {pairwise, other, ""},
		"several hosts and a list":   {pairwise + `"sector_identifier_uri":"https://sector.example/list.json",`, other, "sector.example"},
		"a list by http":             {pairwise + `"sector_identifier_uri":"http://sector.example/list.json",`, one, ""},
		"a list on this machine":     {pairwise + `"sector_identifier_uri":"http://127.0.0.1/list.json",`, one, ""},
		"a list of a public client":  {`"sector_identifier_uri":"https://sector.example/list.json",`, one, ""},
		"another type":               {`"subject_type":"private",`, one, ""},
		"the person's own machine":   {pairwise + `"application_type":"native",`, `"redirect_uris":["http://127.0.0.1/cb"]`, ""},
		"the same with a list":       {pairwise + `"application_type":"native","sector_identifier_uri":"https://sector.example/list.json",`, `"redirect_uris":["http://127.0.0.1/cb"]`, "sector.example"},
		"public, and several hosts":  {`"subject_type":"public",`, other, "public"},
		"nothing, and several hosts": {``, other, "public"},
	} {
		raw := strings.Replace(strings.Replace(good, one, tt.redirects, 1), `"scope"`, tt.members+`"scope"`, 1)
		c, err := Parse([]byte(raw), false)
		if (err == nil) != (tt.sector != "") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err == nil && c.Pairwise() != (tt.sector != "public") || err == nil && c.Pairwise() && c.Sector() != tt.sector {
			t.Errorf("%s: sector %q", name, c.Sector())
		}
	}
}
