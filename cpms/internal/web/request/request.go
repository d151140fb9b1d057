// Package request holds the requester's pages: "Submit access request", and the request with
// its state, the coordinator's question and the way to take it back.
package request

import (
	"net/http"
	"strconv"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// Pages are the requester's pages.
type Pages struct {
	Site     *page.Site
	Guard    *guard.Guard
	Access   *access.Service
	Profiles *profile.Service
}

// Mount adds the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET /request/new", p.Site.Handle(p.Guard.Require(p.form)))
	mux.Handle("POST /request/new", p.Site.Handle(p.Guard.Require(p.submit)))
	mux.Handle("GET /request/{id}", p.Site.Handle(p.Guard.Require(p.show)))
	mux.Handle("POST /request/{id}/answer", p.Site.Handle(p.Guard.Require(p.answer)))
	mux.Handle("POST /request/{id}/remark", p.Site.Handle(p.Guard.Require(p.remark)))
	mux.Handle("POST /request/{id}/withdraw", p.Site.Handle(p.Guard.Require(p.withdraw)))
}

type shown struct {
	ID, Network, RoleKey, Hospital, Justification, StatusKey, StatusText, Tag string
	Notice, NoticeText, Reason, Question, Answer, Helpdesk                    string
	Version                                                                   int64
	Target                                                                    time.Time
	Since                                                                     time.Time // with the coordinators
	Median, Slow                                                              string    // what is usual there
	Receipts                                                                  []show.Receipt
	CanWithdraw                                                               bool
	Talk                                                                      show.Talk
	Timeline                                                                  []show.Line
	Errors                                                                    map[string]fault.Message
}

// notices are title and text of what was just done.
var notices = map[string][2]string{
	"submitted": {"request.notice.submitted", "request.notice.mail"}, "withdrawn": {"request.notice.withdrawn", "request.notice.mail"},
	"answered": {"request.notice.answered", "remark.notice.text"}, "remark": {"remark.notice", "remark.notice.text"},
}

// typedIn is what a form brought that is shown again.
type typedIn struct {
	answer string
	talk   show.Talk
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.render1(w, r, http.StatusOK, typedIn{}, nil)
}

func (p *Pages) render1(w http.ResponseWriter, r *http.Request, status int, typed typedIn, failure error) error {
	q, err := p.Access.Own(r.Context(), guard.From(r.Context()).Person, r.PathValue("id"))
	if err != nil {
		return err
	}
	if q.State == access.Draft {
		return to(w, r, "/request/new?id="+q.ID)
	}
	proofs, err := p.Access.Store.Proofs(r.Context(), q.ID)
	if err != nil {
		return err
	}
	n, _ := network.BySlug(q.Network)
	d := shown{
		ID: q.ID, Network: n.Name(), RoleKey: show.RoleKey(q.Role), Hospital: show.Place(p.Site, r, q), Justification: q.Justification, StatusKey: "status." + string(q.State),
		StatusText: "status." + string(q.State) + ".text", Tag: show.Tag(q.State), Reason: q.Reason, Version: q.Version,
		Answer: typed.answer, CanWithdraw: q.State.Open(), Receipts: show.Receipts(q.ID, proofs),
	}
	d.Notice, d.NoticeText = notices[r.URL.Query().Get("notice")][0], notices[r.URL.Query().Get("notice")][1]
	if err := p.conversation(r, q, &d, typed.talk); err != nil {
		return err
	}
	if q.State == access.MoreInfo {
		d.Question = q.Question
	}
	if q.State.Open() {
		d.Helpdesk = n.Helpdesk
		d.Target = q.SubmittedAt.Add(access.Target)
	}
	if err := p.waiting(r, q, &d); err != nil {
		return err
	}
	if e := fault.As(failure); e != nil {
		d.Errors = e.Fields
	}
	return p.Site.Render(w, r, status, "request/show", d)
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	text := r.PostFormValue("answer")
	q, err := p.Access.Answer(r.Context(), guard.From(r.Context()).Person, r.PathValue("id"), version(r), text)
	if err != nil && fault.KindOf(err) == fault.Invalid {
		return p.render1(w, r, http.StatusUnprocessableEntity, typedIn{answer: text}, err)
	}
	if err != nil {
		return err
	}
	return to(w, r, "/request/"+q.ID+"?notice=answered")
}

func (p *Pages) withdraw(w http.ResponseWriter, r *http.Request) error {
	q, err := p.Access.Withdraw(r.Context(), guard.From(r.Context()).Person, r.PathValue("id"), version(r))
	if err != nil {
		return err
	}
	if q.SubmittedAt.IsZero() { // a draft is gone for its owner
		return to(w, r, "/screen/home")
	}
	return to(w, r, "/request/"+q.ID+"?notice=withdrawn")
}

func version(r *http.Request) int64 {
	n, _ := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	return n
}

func to(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
