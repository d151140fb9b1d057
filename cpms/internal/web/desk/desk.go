// Package desk is the coordinator's desk: the queue, one request with its context, and the
// decision.
package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/signin"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Pages are the coordinator's pages.
type Pages struct {
	Site     *page.Site
	Guard    *guard.Guard
	Access   *access.Service
	Profiles *profile.Service
	People   person.Store
	Now      func() time.Time
}

// ErrNoDesk says that the person coordinates no network.
var ErrNoDesk = fault.New(fault.Denied, "desk.none")

// Mount adds the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET /desk", p.Site.Handle(p.Guard.Require(p.queue)))
	mux.Handle("GET /desk/{id}", p.Site.Handle(p.Guard.Require(p.show)))
	mux.Handle("POST /desk/{id}/decide", p.Site.Handle(p.Guard.Require(p.decide)))
	mux.Handle("GET /desk/{id}/decide", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/desk/"+r.PathValue("id"), http.StatusSeeOther)
	}))
}

type row struct {
	ID, Person, Network, RoleKey, StatusKey, Tag string
	Submitted                                    time.Time
	Late                                         bool
}

type queue struct {
	Notice, Scope string
	Rows          []row
}

var notices = map[string]string{"approved": "desk.notice.approved", "more_info": "desk.notice.asked", "rejected": "desk.notice.rejected"}

func (p *Pages) queue(w http.ResponseWriter, r *http.Request) error {
	v := guard.From(r.Context())
	networks, err := p.Access.Store.NetworksOf(r.Context(), v.Person.ID)
	if err != nil {
		return err
	}
	if len(networks) == 0 {
		return ErrNoDesk
	}
	open, err := p.Access.Store.Queue(r.Context(), networks, 200)
	if err != nil {
		return err
	}
	d := queue{Notice: notices[r.URL.Query().Get("notice")], Scope: p.scope(r, networks)}
	for _, q := range open {
		who, err := p.People.PersonByID(r.Context(), q.PersonID)
		if err != nil {
			return err
		}
		n, _ := network.BySlug(q.Network)
		d.Rows = append(d.Rows, row{q.ID, who.Name(), n.Code, show.RoleKey(q.Role), "status." + string(q.State), show.Tag(q.State), q.SubmittedAt, p.Now().Sub(q.SubmittedAt) > access.Target})
	}
	return p.Site.Render(w, r, http.StatusOK, "desk/queue", d)
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

type factLine struct{ Key, Value string }

type shown struct {
	ID, Person, Network, RoleKey, Hospital, Justification, Sponsor, Answer, StatusKey, Tag, Text string
	Version                                                                                      int64
	Target                                                                                       time.Time
	Open, Own                                                                                    bool
	Facts                                                                                        []factLine
	Timeline                                                                                     any
	Receipts                                                                                     []show.Receipt
	Decisions                                                                                    []page.Option
	Errors                                                                                       map[string]fault.Message
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.render(w, r, http.StatusOK, access.Decision{}, nil)
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, typed access.Decision, failure error) error {
	v := guard.From(r.Context())
	q, _, err := p.Access.ForDesk(r.Context(), v.Person, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := p.Access.Looked(r.Context(), v.Person, q, v.Session.ACR); err != nil {
		return err
	}
	who, err := p.People.PersonByID(r.Context(), q.PersonID)
	if err != nil {
		return err
	}
	prof, err := p.Profiles.Of(r.Context(), q.PersonID)
	if err != nil {
		return err
	}
	events, err := p.Access.Store.Timeline(r.Context(), q.ID)
	if err != nil {
		return err
	}
	proofs, err := p.Access.Store.Proofs(r.Context(), q.ID)
	if err != nil {
		return err
	}
	lang := p.Site.Lang(r)
	n, _ := network.BySlug(q.Network)
	d := shown{
		ID: q.ID, Person: who.Name(), Network: n.Name(), RoleKey: show.RoleKey(q.Role), Hospital: show.Place(p.Site, r, q), Justification: q.Justification,
		Answer: q.Answer, StatusKey: "status." + string(q.State), Tag: show.Tag(q.State), Version: q.Version, Target: q.SubmittedAt.Add(access.Target),
		Open: q.State.Open(), Own: q.PersonID == v.Person.ID, Facts: append(p.facts(lang, who, prof, q), factLine{"desk.who.factor", p.Site.T(lang, p.factor(r, who))}), Timeline: show.Steps(events), Receipts: show.Receipts(q.ID, proofs), Text: typed.Text,
	}
	if q.SponsorName != "" {
		d.Sponsor = q.SponsorName + " <" + q.SponsorEmail + ">"
	}
	for _, c := range []access.Command{access.Approve, access.AskMore, access.Reject} {
		d.Decisions = append(d.Decisions, page.Option{Value: string(c), Label: p.Site.T(lang, "desk.decision."+string(c)), Selected: c == typed.Do})
	}
	if e := fault.As(failure); e != nil {
		d.Errors = e.Fields
	}
	return p.Site.Render(w, r, status, "desk/request", d)
}

func (p *Pages) facts(lang string, who person.Person, prof profile.Profile, q access.Request) (out []factLine) {
	level := "profile.level.basic"
	if signin.Reaches(q.ACR, signin.ACRMedium) {
		level = "profile.level.medium"
	}
	for _, f := range []factLine{
		{"desk.who.name", strings.TrimSpace(prof.Title + " " + who.Name())}, {"desk.who.email", who.Email}, {"desk.who.professional_email", prof.ProfessionalEmail},
		{"desk.who.profession", p.text(lang, "profession.", prof.Profession)}, {"desk.who.specialty", prof.Specialty},
		{"desk.who.registration", strings.Trim(prof.Register+" "+prof.RegistrationNumber, " ")}, {"desk.who.hospital", prof.HospitalName()},
		{"desk.who.assurance", p.Site.T(lang, "assurance."+strconv.Itoa(q.Assurance))}, {"desk.who.level", p.Site.T(lang, level)},
	} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// factor says whether idp knows a second factor of the person right now.
func (p *Pages) factor(r *http.Request, who person.Person) string {
	known, ok := p.Access.KnownForPages(r.Context(), who)
	switch {
	case !ok:
		return "desk.factor.unknown"
	case !known.Active:
		return "desk.factor.closed"
	case known.SecondFactor:
		return "desk.factor.yes"
	}
	return "desk.factor.no"
}

func (p *Pages) text(lang, prefix, value string) string {
	if value == "" {
		return ""
	}
	return p.Site.T(lang, prefix+value)
}

// decide takes the decision; when the sign-in is not fresh enough the coordinator steps up
// and comes back to the show.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	v := guard.From(r.Context())
	d := access.Decision{Do: access.Command(r.PostFormValue("decision")), Text: r.PostFormValue("text")}
	version, _ := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	q, _, err := p.Access.ForDesk(r.Context(), v.Person, r.PathValue("id"))
	if err != nil {
		return err
	}
	who, err := p.People.PersonByID(r.Context(), q.PersonID)
	if err != nil {
		return err
	}
	done, err := p.Access.Decide(r.Context(), v.Person, who, q.ID, version, d, v.Strength(), v.Session.ACR)
	switch {
	case err == nil:
		http.Redirect(w, r, "/desk?notice="+string(done.State), http.StatusSeeOther)
		return nil
	case fault.CodeOf(err) == access.ErrLevel.Code:
		return p.Guard.StepUp(w, r, "/desk/"+q.ID)
	case fault.KindOf(err) == fault.Invalid:
		return p.render(w, r, http.StatusUnprocessableEntity, d, err)
	}
	return err
}
