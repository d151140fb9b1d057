// Package show holds what several pages of cpms show the same way: states, roles, places,
// choices of countries and hospitals, the conversation about a request.
package show

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/proto/kit/page"
)

// Tag gives the look of a request's state.
func Tag(s access.State) string {
	switch s {
	case access.Approved:
		return "success"
	case access.Rejected:
		return "error"
	case access.MoreInfo:
		return "warning"
	}
	return "info"
}

// GrantTag gives the look of a grant's status.
func GrantTag(s access.GrantStatus) string {
	switch s {
	case access.Active, access.Extended:
		return "success"
	case access.Expiring, access.Suspended:
		return "warning"
	case access.Expired, access.Revoked:
		return "error"
	}
	return "info"
}

// RoleKey gives the text of a role.
func RoleKey(role string) string {
	if role == "" {
		return "role.none"
	}
	return "role." + role
}

// Countries are the options of a country field.
func Countries(site *page.Site, lang, chosen string) []page.Option {
	out := []page.Option{{Label: site.T(lang, "profile.choose"), Selected: chosen == ""}}
	for _, c := range network.Countries {
		out = append(out, page.Option{Value: c, Label: site.T(lang, "country."+c), Selected: c == chosen})
	}
	slices.SortFunc(out[1:], func(a, b page.Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}

// Hospitals are the options of a hospital field, with one more for those not in the list.
func Hospitals(site *page.Site, lang, chosen string, other page.Option) []page.Option {
	other.Selected = chosen == other.Value
	out := []page.Option{{Label: site.T(lang, "profile.choose"), Selected: chosen == ""}, other}
	for _, h := range network.Hospitals() {
		out = append(out, page.Option{Value: h.ID, Label: h.Country + " – " + h.Name, Selected: h.ID == chosen})
	}
	return out
}

// Receipt is one signed receipt to download.
type Receipt struct {
	At   time.Time
	Href string
}

// Receipts are the signed receipts of the decisions about a request.
func Receipts(requestID string, proofs []access.Proof) (out []Receipt) {
	for _, f := range proofs {
		out = append(out, Receipt{f.At, "/receipt/" + requestID + "/" + strconv.FormatInt(f.Version, 10)})
	}
	return out
}

// Place gives the hospital, or that it is guest access.
func Place(site *page.Site, r *http.Request, q access.Request) string {
	if h := q.Place(); h != "" {
		return h
	}
	return site.T(site.Lang(r), "request.hospital.guest")
}
