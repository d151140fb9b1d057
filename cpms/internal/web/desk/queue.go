package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

type row struct {
	ID, Person, Network, Place, RoleKey, StatusKey, Tag string
	Submitted                                           time.Time
	Late, Second                                        bool   // Second: a first coordinator has approved
	Item                                                string // for several decisions at once; "": not decidable
}

type queue struct {
	Notice, NoticeText, Scope, Text, Next, First string
	Rows                                         []row
	Counts                                       access.Counts
	Keep                                         url.Values // the filter, for the export
	States, Networks, Roles, Ages                []page.Option
	Filtered, Several                            bool // Several: some can be decided at once
	Errors                                       map[string]fault.Message
}

var notices = map[string]string{"approved": "desk.notice.approved", "more_info": "desk.notice.asked", "rejected": "desk.notice.rejected", "first": "desk.notice.first", "revoked": "desk.notice.revoked"}

// ages are the choices of "waiting since", in hours.
var ages = []string{"", "24", "72", "168"}

func (p *Pages) queue(w http.ResponseWriter, r *http.Request) error {
	v, in := guard.From(r.Context()), r.URL.Query()
	networks, err := p.Access.Networks(r.Context(), v.Person)
	if err != nil {
		return err
	}
	f := filter(in)
	list, err := p.Access.Queue(r.Context(), v.Person, f)
	failure := err
	if err != nil && fault.KindOf(err) != fault.Invalid {
		return err
	}
	counts, err := p.Access.Counts(r.Context(), v.Person)
	if err != nil {
		return err
	}
	d := queue{Notice: notices[in.Get("notice")], Scope: p.scope(r, networks), Text: f.Text, Counts: counts}
	if d.NoticeText = "desk.notice.mail"; in.Get("notice") == "first" {
		d.NoticeText = "desk.notice.first.mail"
	}
	p.choices(r, &d, f, networks)
	if failure != nil {
		d.Errors = map[string]fault.Message{"q": {Key: fault.As(failure).Code}}
	}
	for _, q := range list.Rows {
		line, err := p.row(r, q)
		if err != nil {
			return err
		}
		d.Several = d.Several || line.Item != ""
		d.Rows = append(d.Rows, line)
	}
	d.links(in, f, list.Next)
	return p.Site.Render(w, r, http.StatusOK, "desk/queue", d)
}

// filter reads the filter of an address; what is unknown is as if it were not there, or finds
// nothing.
func filter(in url.Values) access.Filter {
	f := access.Filter{State: in.Get("state"), Network: in.Get("network"), Role: in.Get("role"), Text: strings.TrimSpace(in.Get("q")), After: access.ParseCursor(in.Get("after"))}
	if hours, err := strconv.Atoi(in.Get("age")); err == nil && hours > 0 && hours <= 10000 {
		f.Age = time.Duration(hours) * time.Hour
	}
	return f
}

func (p *Pages) row(r *http.Request, q access.Request) (row, error) {
	who, err := p.People.PersonByID(r.Context(), q.PersonID)
	n, _ := network.BySlug(q.Network)
	if err != nil {
		return row{}, err
	}
	first, err := p.Access.First(r.Context(), q)
	late := q.State.Open() && p.Now().Sub(q.SubmittedAt) > access.Target
	item := ""
	if q.State.Open() && q.PersonID != guard.From(r.Context()).Person.ID {
		item = q.ID + "." + strconv.FormatInt(q.Version, 10)
	}
	return row{q.ID, who.Name(), n.Code, show.Place(p.Site, r, q), show.RoleKey(q.Role), "status." + string(q.State), show.Tag(q.State), q.SubmittedAt, late, first != nil, item}, err
}

// choices fills the filter's fields. The network is asked for only where there are several.
func (p *Pages) choices(r *http.Request, d *queue, f access.Filter, networks []string) {
	lang := p.Site.Lang(r)
	all := page.Option{Label: p.Site.T(lang, "desk.filter.all")}
	for _, s := range access.QueueStates {
		key := "status." + s
		if s == access.OpenStates {
			key = "desk.filter.open"
		}
		d.States = append(d.States, page.Option{Value: s, Label: p.Site.T(lang, key), Selected: s == f.State})
	}
	d.Networks, d.Roles = []page.Option{all}, []page.Option{all}
	for _, n := range network.All() {
		if slices.Contains(networks, access.AllNetworks) || slices.Contains(networks, n.Slug) {
			d.Networks = append(d.Networks, page.Option{Value: n.Slug, Label: n.Code, Selected: n.Slug == f.Network})
		}
	}
	for _, role := range access.Roles {
		d.Roles = append(d.Roles, page.Option{Value: role, Label: p.Site.T(lang, "role."+role), Selected: role == f.Role})
	}
	for _, hours := range ages {
		label := p.Site.T(lang, "desk.filter.all")
		if hours != "" {
			label = p.Site.T(lang, "desk.filter.age."+hours)
		}
		d.Ages = append(d.Ages, page.Option{Value: hours, Label: label, Selected: hours == strconv.Itoa(int(f.Age.Hours()))})
	}
}

// links makes the addresses of the next page and of the first.
func (d *queue) links(in url.Values, f access.Filter, next access.Cursor) {
	keep := kept(in)
	d.Keep = keep
	d.Filtered = len(keep) > 0
	at := func(after string) string {
		q := url.Values{}
		for k := range keep {
			q.Set(k, keep.Get(k))
		}
		if after != "" {
			q.Set("after", after)
		}
		return "/desk?" + q.Encode()
	}
	if !f.After.At.IsZero() {
		d.First = at("")
	}
	if !next.At.IsZero() {
		d.Next = at(next.String())
	}
}

func (p *Pages) scope(r *http.Request, networks []string) string {
	if slices.Contains(networks, access.AllNetworks) {
		return p.Site.T(p.Site.Lang(r), "desk.queue.all")
	}
	var codes []string
	for _, s := range networks {
		n, _ := network.BySlug(s)
		codes = append(codes, n.Code)
	}
	return strings.Join(codes, ", ")
}
