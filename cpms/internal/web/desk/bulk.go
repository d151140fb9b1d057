package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
)

// item is one request of several, before or after the decision.
type item struct {
	ID, Person, Network, RoleKey, Place string
	Key, Tag                            string   // what would happen, or happened
	Hints                               []string // before
	Undo                                bool     // after: can still be undone
}

type bulk struct {
	ID, DoKey, Text, Notice string
	Items                   []item
	Open, Refused           int // to be decided; of them those that would be refused
	NeedsText               bool
	Undo                    bool
	Until                   time.Time // of the undo
	Errors                  map[string]fault.Message
}

// choose keeps what was ticked in the queue, "id.version" each.
func (p *Pages) choose(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return access.ErrBulk.WithArgs(access.BulkMost).Because(err)
	}
	versions := map[string]int64{}
	for _, v := range r.PostForm["item"] {
		id, text, _ := strings.Cut(v, ".")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return access.ErrUnknown
		}
		versions[id] = n
	}
	b, err := p.Access.Choose(r.Context(), guard.From(r.Context()).Person, access.Command(r.PostFormValue("do")), versions)
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/decisions/"+b.ID, http.StatusSeeOther)
	return nil
}

var bulkNotices = map[string]string{"done": "bulk.notice.done", "undone": "bulk.notice.undone"}

// bulk shows what would happen, or what did.
func (p *Pages) bulk(w http.ResponseWriter, r *http.Request) error {
	return p.renderBulk(w, r, http.StatusOK, nil)
}

func (p *Pages) renderBulk(w http.ResponseWriter, r *http.Request, status int, failure error) error {
	b, err := p.Access.BulkOf(r.Context(), guard.From(r.Context()).Person, r.PathValue("id"))
	if err != nil {
		return err
	}
	d := bulk{ID: b.ID, DoKey: "bulk.do." + string(b.Do), Text: b.Text, NeedsText: b.Do == access.Reject, Notice: bulkNotices[r.URL.Query().Get("notice")]}
	for _, i := range b.Items {
		line, err := p.item(r, b, i)
		if err != nil {
			return err
		}
		if i.Result == access.BulkOpen {
			d.Open++
			if line.Tag == "error" {
				d.Refused++
			}
		}
		if line.Undo {
			if until := i.At.Add(access.UndoFor); !d.Undo || until.Before(d.Until) {
				d.Until = until
			}
			d.Undo = true
		}
		d.Items = append(d.Items, line)
	}
	if e := fault.As(failure); e != nil {
		d.Errors = e.Fields
	}
	return p.Site.Render(w, r, status, "desk/bulk", d)
}

// item says what the decision would come to, or what became of it.
func (p *Pages) item(r *http.Request, b access.Bulk, i access.BulkItem) (item, error) {
	me := guard.From(r.Context()).Person
	q, networks, err := p.Access.ForDesk(r.Context(), me, i.RequestID)
	if fault.KindOf(err) == fault.NotFound { // the desk was lost meanwhile
		return item{ID: i.RequestID, Person: "–", RoleKey: "role.none", Key: "bulk.result.other", Tag: "error"}, nil
	}
	if err != nil {
		return item{}, err
	}
	who, err := p.People.PersonByID(r.Context(), q.PersonID)
	if err != nil {
		return item{}, err
	}
	n, _ := network.BySlug(q.Network)
	line := item{ID: q.ID, Person: who.Name(), Network: n.Code, RoleKey: show.RoleKey(q.Role), Place: show.Place(p.Site, r, q), Undo: i.Undoable(p.Now())}
	if i.Result != access.BulkOpen {
		line.Key, line.Tag = result(b.Do, i.Result)
		return line, nil
	}
	ruling, err := p.Access.Foresee(r.Context(), me, b, i)
	switch {
	case err != nil && fault.KindOf(err) == fault.Internal:
		return line, err
	case err != nil:
		line.Key, line.Tag = result(b.Do, fault.CodeOf(err))
	case ruling.First:
		line.Key, line.Tag = "bulk.would.first", "info"
	default:
		line.Key, line.Tag = "bulk.would."+string(b.Do), "info"
	}
	prof, err := p.Profiles.Of(r.Context(), q.PersonID)
	if err != nil {
		return line, err
	}
	around, err := p.beside(r, file{Request: q, networks: networks, who: who, profile: prof})
	line.Hints = around.Hints
	return line, err
}

// refusals are those that have words of their own.
var refusals = []string{"request.changed", "request.state", "request.own", "request.own_absent", "request.second_person", "request.account_not_active", "request.not_your_network"}

// result gives text and look of what became of an item.
func result(do access.Command, r string) (key, tag string) {
	switch {
	case r == access.BulkDone:
		return "bulk.result." + string(do), "success"
	case r == access.BulkFirst:
		return "bulk.result.first", "success"
	case r == access.BulkUndone:
		return "bulk.result.undone", "warning"
	case slices.Contains(refusals, r):
		return "error." + r + ".title", "error"
	}
	return "bulk.result.other", "error"
}

// carry decides about all of it, after a fresh sign-in.
func (p *Pages) carry(w http.ResponseWriter, r *http.Request) error {
	v, id := guard.From(r.Context()), r.PathValue("id")
	_, err := p.Access.Carry(r.Context(), v.Person, id, r.PostFormValue("text"), v.Strength(), v.Session.ACR)
	switch {
	case err == nil:
		http.Redirect(w, r, "/decisions/"+id+"?notice=done", http.StatusSeeOther)
		return nil
	case fault.CodeOf(err) == access.ErrLevel.Code:
		return p.Guard.StepUp(w, r, "/decisions/"+id)
	case fault.CodeOf(err) == access.ErrInvalid.Code:
		return p.renderBulk(w, r, http.StatusUnprocessableEntity, err)
	}
	return err
}

// undo takes one decision back, or all that can be.
func (p *Pages) undo(w http.ResponseWriter, r *http.Request) error {
	v, id := guard.From(r.Context()), r.PathValue("id")
	_, err := p.Access.Undo(r.Context(), v.Person, id, r.PostFormValue("item"), v.Strength(), v.Session.ACR)
	if fault.CodeOf(err) == access.ErrLevel.Code {
		return p.Guard.StepUp(w, r, "/decisions/"+id)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/decisions/"+id+"?notice=undone", http.StatusSeeOther)
	return nil
}
