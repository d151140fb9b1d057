// Package referee is the page behind the link that a sponsor or the representative of a
// hospital gets by mail. It needs no sign-in: the link is the proof, works once, and shows no
// more than who asks for what.
package referee

import (
	"net/http"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/person"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Pages is the page.
type Pages struct {
	Site   *page.Site
	Access *access.Service
	Now    func() time.Time
}

// Mount adds the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET /referee/{token}", p.Site.Handle(p.show))
	mux.Handle("POST /referee/{token}", p.Site.Handle(p.answer))
}

type data struct {
	Action, Name, Person, Network, RoleKey, Hospital, Words string
	Days                                                    int // of guest access
	Over                                                    bool
	Done                                                    string // vouch or decline
	Answers                                                 []page.Option
	Errors                                                  map[string]fault.Message
}

// show asks; opening the page answers nothing, because programs open links of mails as well.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.render(w, r, http.StatusOK, "", "", nil)
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, typed access.Command, words string, failure error) error {
	f, q, who, err := p.Access.Asked(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	d := p.data(r, f, q, who)
	d.Words = words
	for _, c := range []access.Command{access.Vouch, access.Decline} {
		d.Answers = append(d.Answers, page.Option{Value: string(c), Label: p.Site.T(p.Site.Lang(r), "reference.answer."+string(c)), Selected: c == typed})
	}
	if e := fault.As(failure); e != nil {
		d.Errors = e.Fields
	}
	return p.Site.Render(w, r, status, "referee/index", d)
}

// data says who asks for what, as long as the link works; nothing of it afterwards.
func (p *Pages) data(r *http.Request, f access.Reference, q access.Request, who person.Person) data {
	_, err := f.Answers(q, access.Vouch, "", p.Now())
	if err != nil {
		return data{Over: true, Done: string(f.Answer)}
	}
	n, _ := network.BySlug(q.Network)
	d := data{Action: r.URL.Path, Name: f.Name, Person: who.Name(), Network: n.Name(), RoleKey: show.RoleKey(q.Role), Hospital: show.Place(p.Site, r, q)}
	if q.Guest() {
		d.Days = q.DurationDays
	}
	return d
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	do, words := access.Command(r.PostFormValue("answer")), r.PostFormValue("words")
	err := p.Access.AnswerReference(r.Context(), r.PathValue("token"), do, words)
	if fault.KindOf(err) == fault.Invalid {
		return p.render(w, r, http.StatusUnprocessableEntity, do, words, err)
	}
	if err != nil && fault.CodeOf(err) != access.ErrReferenceOver.Code {
		return err
	}
	http.Redirect(w, r, r.URL.Path, http.StatusSeeOther)
	return nil
}
