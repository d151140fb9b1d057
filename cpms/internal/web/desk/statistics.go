package desk

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/page"
)

// bar is one rectangle of the chart, in its own units.
type bar struct {
	X, Y, Width, Height int
	Class               string
}

// tick is a line of the chart with its number.
type tick struct {
	Y int
	N int
}

type month struct {
	access.Month
	Label, Short string
	X            int
}

// chart is drawn here, so that it needs no script and no style of its own; the table below it
// says the same in numbers.
type chart struct {
	Bars  []bar
	Ticks []tick
}

type shareLine struct {
	Label              string
	Approved, Rejected int
	Rate               string
}

type statistics struct {
	Networks                  []page.Option
	Months                    []month
	Chart                     chart
	Roles, ByNetwork          []shareLine
	Decisions, InTime         int
	Median, Slow              string
	Submitted, Approved, Nays int
}

// The measures of the chart.
const (
	chartHeight = 200
	chartTop    = 12
	monthWidth  = 62
	barWidth    = 15
)

func (p *Pages) statistics(w http.ResponseWriter, r *http.Request) error {
	v, lang, only := guard.From(r.Context()), p.Site.Lang(r), r.URL.Query().Get("network")
	networks, err := p.Access.Networks(r.Context(), v.Person)
	if err != nil {
		return err
	}
	s, err := p.Access.Stats(r.Context(), v.Person, only, p.Site.Location)
	if err != nil {
		return err
	}
	d := statistics{Decisions: s.Decisions, InTime: s.InTime, Median: show.Span(p.Site, lang, s.Median), Slow: show.Span(p.Site, lang, s.Slow), Chart: draw(s.Months)}
	for i, m := range s.Months {
		d.Months = append(d.Months, month{m, p.Site.T(lang, "stats.month."+strconv.Itoa(int(m.From.Month()))) + " " + strconv.Itoa(m.From.Year()), m.From.Format("01/06"), 40 + i*monthWidth + monthWidth/2})
		d.Submitted, d.Approved, d.Nays = d.Submitted+m.Submitted, d.Approved+m.Approved, d.Nays+m.Rejected
	}
	for _, one := range s.Roles {
		d.Roles = append(d.Roles, line(p.Site.T(lang, show.RoleKey(one.Key)), one))
	}
	for _, one := range s.Networks {
		n, _ := network.BySlug(one.Key)
		d.ByNetwork = append(d.ByNetwork, line(n.Code, one))
	}
	d.Networks = []page.Option{{Label: p.Site.T(lang, "desk.filter.all"), Selected: only == ""}}
	for _, n := range network.All() {
		if slices.Contains(networks, access.AllNetworks) || slices.Contains(networks, n.Slug) {
			d.Networks = append(d.Networks, page.Option{Value: n.Slug, Label: n.Code, Selected: n.Slug == only})
		}
	}
	return p.Site.Render(w, r, http.StatusOK, "desk/statistics", d)
}

func line(label string, s access.Share) shareLine {
	return shareLine{label, s.Approved, s.Rejected, fmt.Sprintf("%d %%", s.Approved*100/(s.Approved+s.Rejected))}
}

// draw makes three bars for each month, to one scale that ends at a round number.
func draw(months []access.Month) (c chart) {
	most := 1
	for _, m := range months {
		most = max(most, m.Submitted, m.Approved, m.Rejected)
	}
	top := round(most)
	for _, n := range []int{0, top / 2, top} {
		if n > 0 || len(c.Ticks) == 0 {
			c.Ticks = append(c.Ticks, tick{chartTop + chartHeight - n*chartHeight/top, n})
		}
	}
	for i, m := range months {
		for j, one := range []struct {
			n     int
			class string
		}{{m.Submitted, "chart-submitted"}, {m.Approved, "chart-approved"}, {m.Rejected, "chart-rejected"}} {
			h := one.n * chartHeight / top
			if one.n > 0 {
				h = max(h, 2)
			}
			c.Bars = append(c.Bars, bar{44 + i*monthWidth + j*(barWidth+1), chartTop + chartHeight - h, barWidth, h, one.class})
		}
	}
	return c
}

// round gives the end of a scale that holds n: 2, 4, 10, 20, 40, 100, …
func round(n int) int {
	for step := 1; ; step *= 10 {
		for _, f := range []int{2, 4, 10} {
			if f*step >= n {
				return f * step
			}
		}
	}
}
