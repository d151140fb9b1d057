package admin

import (
	"net/http"
	"slices"
	"strings"

	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

type hospital struct {
	ID, Name, Networks string
	Disabled           bool
}

type hospitals struct {
	Notice, Country, CountryName, Name string
	Rows                               []hospital
	Countries, Networks                []page.Option
	Errors                             map[string]fault.Message
}

var hospitalNotices = map[string]string{"added": "admin.notice.added", "disabled": "admin.notice.disabled", "enabled": "admin.notice.enabled"}

func (p *Pages) hospitals(w http.ResponseWriter, r *http.Request) error {
	return p.renderHospitals(w, r, http.StatusOK, r.URL.Query().Get("country"), nil)
}

// renderHospitals lists the hospitals of one country.
func (p *Pages) renderHospitals(w http.ResponseWriter, r *http.Request, status int, country string, failure error) error {
	if err := p.Admin.Refresh(r.Context()); err != nil {
		return err
	}
	if !network.IsCountry(country) {
		country = network.Countries[0]
	}
	lang := p.Site.Lang(r)
	d := hospitals{Notice: hospitalNotices[r.URL.Query().Get("notice")], Country: country, CountryName: p.Site.T(lang, "country."+country), Name: r.PostFormValue("name"), Errors: errors(failure)}
	d.Countries = show.Countries(p.Site, lang, country)[1:]
	for _, h := range network.Every() {
		if h.Country == country {
			d.Rows = append(d.Rows, hospital{h.ID, h.Name, codes(h.Networks), h.Disabled})
		}
	}
	for _, n := range network.All() {
		d.Networks = append(d.Networks, page.Option{Value: n.Slug, Label: n.Code, Selected: slices.Contains(r.PostForm["networks"], n.Slug)})
	}
	return p.Site.Render(w, r, status, "admin/hospitals", d)
}

func codes(slugs []string) string {
	var out []string
	for _, s := range slugs {
		n, _ := network.BySlug(s)
		out = append(out, n.Code)
	}
	return strings.Join(out, ", ")
}

func (p *Pages) addHospital(w http.ResponseWriter, r *http.Request) error {
	country := r.PostFormValue("country")
	here := "/admin/hospitals?country=" + country
	if !network.IsCountry(country) {
		here = "/admin/hospitals?country="
	}
	_, err := p.Admin.AddHospital(r.Context(), by(r), network.Hospital{Country: country, Name: r.PostFormValue("name"), Networks: r.PostForm["networks"]})
	return p.done(w, r, err, here+"&notice=added", here, func(err error) error {
		return p.renderHospitals(w, r, http.StatusUnprocessableEntity, country, err)
	})
}

// disable takes a hospital off the choices, or puts it back.
func (p *Pages) disable(off bool) func(http.ResponseWriter, *http.Request) error {
	notice := map[bool]string{true: "disabled", false: "enabled"}[off]
	return func(w http.ResponseWriter, r *http.Request) error {
		id := r.PathValue("id")
		h, _ := network.HospitalByID(id)
		here := "/admin/hospitals?country=" + h.Country
		return p.done(w, r, p.Admin.Disable(r.Context(), by(r), id, off), here+"&notice="+notice, here, nil)
	}
}
