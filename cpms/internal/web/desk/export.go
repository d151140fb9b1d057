package desk

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/network"
	"eulogin.example/cpms/internal/plain"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
	"eulogin.example/proto/kit/fault"
)

// export gives what the filter means as a file for spreadsheets. It holds what the list shows
// and no free text: neither reasons nor answers leave this service that way.
func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	v := guard.From(r.Context())
	if err := r.ParseForm(); err != nil {
		return page400.Because(err)
	}
	list, err := p.Access.Export(r.Context(), v.Person, filter(r.PostForm), v.Strength(), v.Session.ACR)
	if fault.CodeOf(err) == access.ErrLevel.Code {
		return p.Guard.StepUp(w, r, "/desk?"+kept(r.PostForm).Encode())
	}
	if err != nil {
		return err
	}
	lines := make([][]string, 0, len(list)+1)
	lines = append(lines, p.header(r))
	for _, q := range list {
		who, err := p.People.PersonByID(r.Context(), q.PersonID)
		if err != nil {
			return err
		}
		n, _ := network.BySlug(q.Network)
		lang := p.Site.Lang(r)
		lines = append(lines, []string{
			q.ID, n.Code, p.Site.T(lang, show.RoleKey(q.Role)), p.Site.T(lang, "status."+string(q.State)), who.Name(), who.Email, q.Country, show.Place(p.Site, r, q),
			p.stamp(q.SubmittedAt), p.stamp(q.DecidedAt),
		})
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="access-requests-`+p.Now().In(p.Site.Location).Format(time.DateOnly)+`.csv"`)
	h.Set("Cache-Control", "no-store")
	return writeCSV(w, lines)
}

// page400 says that a form could not be read.
var page400 = fault.New(fault.Invalid, "desk.export_form")

func writeCSV(w http.ResponseWriter, lines [][]string) error {
	if _, err := w.Write([]byte("\ufeff")); err != nil { // spreadsheets know UTF-8 by it
		return nil // the browser went away; nothing can be told any more
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180 §2.1
	for _, line := range lines {
		for i := range line {
			line[i] = plain.Cell(line[i])
		}
		_ = out.Write(line) // Flush keeps the error
	}
	out.Flush()
	return nil
}

func (p *Pages) header(r *http.Request) (out []string) {
	for _, key := range []string{
		"desk.reference", "desk.col.network", "desk.col.role", "desk.col.state", "desk.who.name", "desk.who.email", "desk.export.country", "desk.col.hospital", "desk.col.submitted", "desk.export.decided",
	} {
		out = append(out, p.Site.T(p.Site.Lang(r), key))
	}
	return out
}

// stamp writes a time as spreadsheets read it, in the zone of the pages.
func (p *Pages) stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(p.Site.Location).Format(time.DateTime)
}

// kept are the values of a filter that say something.
func kept(in url.Values) url.Values {
	out := url.Values{}
	for _, name := range []string{"state", "network", "role", "age", "q"} {
		if v := in.Get(name); v != "" && (name != "state" || v != access.OpenStates) {
			out.Set(name, v)
		}
	}
	return out
}
