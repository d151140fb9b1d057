package desk

import (
	"context"
	"net/http"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

type factLine struct{ Key, Value string }

type shown struct {
	ID, Person, Network, RoleKey, Hospital, Justification, Sponsor, Answer, StatusKey, Tag, Text string
	Version                                                                                      int64
	Target                                                                                       time.Time
	Open, Own, Two                                                                               bool
	First                                                                                        string // who approved first
	Facts                                                                                        []factLine
	Talk                                                                                         talk
	Receipts                                                                                     []show.Receipt
	Given                                                                                        *given
	Held                                                                                         *access.Grant // that an approval extends
	Reference                                                                                    *access.Reference
	Days                                                                                         int // of guest access
	Beside                                                                                       beside
	Decisions                                                                                    []page.Option
	Errors                                                                                       map[string]fault.Message
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.render(w, r, http.StatusOK, access.Decision{}, "", nil)
}

// file is all that is stored about one request.
type file struct {
	access.Request
	networks []string // that the viewer decides for
	who      person.Person
	profile  profile.Profile
	events   []audit.Event
	proofs   []access.Proof
}

// open reads a request for the desk. Opening it is written down first.
func (p *Pages) open(ctx context.Context, v guard.Visitor, id string) (f file, err error) {
	if f.Request, f.networks, err = p.Access.ForDesk(ctx, v.Person, id); err != nil {
		return f, err
	}
	if err := p.Access.Looked(ctx, v.Person, f.Request, v.Session.ACR); err != nil {
		return f, err
	}
	if f.who, err = p.People.PersonByID(ctx, f.PersonID); err != nil {
		return f, err
	}
	if f.profile, err = p.Profiles.Of(ctx, f.PersonID); err != nil {
		return f, err
	}
	if f.events, err = p.Access.Store.Timeline(ctx, id); err != nil {
		return f, err
	}
	f.proofs, err = p.Access.Store.Proofs(ctx, id)
	return f, err
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, typed access.Decision, reason string, failure error) error {
	v, lang := guard.From(r.Context()), p.Site.Lang(r)
	q, err := p.open(r.Context(), v, r.PathValue("id"))
	if err != nil {
		return err
	}
	n, _ := network.BySlug(q.Network)
	d := shown{
		ID: q.ID, Person: q.who.Name(), Network: n.Name(), RoleKey: show.RoleKey(q.Role), Hospital: show.Place(p.Site, r, q.Request), Justification: q.Justification,
		Answer: q.Answer, StatusKey: "status." + string(q.State), Tag: show.Tag(q.State), Version: q.Version, Target: q.SubmittedAt.Add(access.Target), Text: typed.Text,
		Open: q.State.Open(), Own: q.PersonID == v.Person.ID, Two: access.NeedsTwo(q.Role), Facts: p.facts(r, q), Receipts: show.Receipts(q.ID, q.proofs),
	}
	if d.Talk, err = p.conversation(r, q); err != nil {
		return err
	}
	if d.First, err = p.first(r.Context(), q.Request); err != nil {
		return err
	}
	if d.Given, err = p.given(r, q, reason); err != nil {
		return err
	}
	if d.Held, err = p.Access.Held(r.Context(), q.Request); err != nil {
		return err
	}
	if d.Reference, err = p.Access.Store.ReferenceOf(r.Context(), q.ID); err != nil {
		return err
	}
	if q.Guest() {
		d.Days = q.DurationDays
	}
	if d.Beside, err = p.beside(r, q); err != nil {
		return err
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

// first gives the name of who approved first, "" when nobody did.
func (p *Pages) first(ctx context.Context, q access.Request) (string, error) {
	a, err := p.Access.First(ctx, q)
	if err != nil || a == nil {
		return "", err
	}
	who, err := p.People.PersonByID(ctx, a.By)
	return who.Name(), err
}
