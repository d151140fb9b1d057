package show

import (
	"eulogin.example/cpms/internal/network"
	"eulogin.example/proto/kit/page"
)

// ProfileWord writes one value of a profile's field as its form shows it: choices by their texts,
// everything else as it was typed.
func ProfileWord(site *page.Site, lang, field, value string) string {
	switch field {
	case "country":
		return site.T(lang, "country."+value)
	case "profession", "affiliation":
		return site.T(lang, field+"."+value)
	case "languages":
		return site.T(lang, "language."+value)
	case "networks":
		if n, ok := network.BySlug(value); ok {
			return n.Code
		}
	case "hospital":
		if value == network.Unlisted {
			return site.T(lang, "profile.hospital.none")
		}
		if h, ok := network.HospitalByID(value); ok {
			return h.Name
		}
	}
	return value
}
