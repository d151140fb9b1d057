package account

import (
	"strings"

	"golang.org/x/net/idna"
)

// RefusedDomain gives the entry of the operator's list that refuses an address, or "". An
// entry refuses its subdomains too. It is for new addresses only: no account is ever locked
// out by its domain (domain.md §1.6).
func RefusedDomain(email string, refused []string) string {
	domain := asciiDomain(email[strings.LastIndexByte(email, '@')+1:])
	for _, entry := range refused {
		if domain == asciiDomain(entry) || strings.HasSuffix(domain, "."+asciiDomain(entry)) {
			return entry
		}
	}
	return ""
}

func asciiDomain(d string) string {
	d = strings.ToLower(strings.TrimSpace(d))
	ascii, err := idna.Lookup.ToASCII(d)
	if err != nil {
		return d
	}
	return ascii
}
