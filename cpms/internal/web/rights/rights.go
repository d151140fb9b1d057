// Package rights holds the page with everything that is stored about its visitor, and the same as a
// file.
package rights

import (
	"net/http"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/rights"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// shownMost is how many records of a table the page shows; the file has all.
const shownMost = 100

const path = "/privacy/export"

// Pages are the page and the file.
type Pages struct {
	Site   *page.Site
	Guard  *guard.Guard
	Rights *rights.Service
}

// Mount adds the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET "+path, p.Site.Handle(p.Guard.Require(p.show)))
	mux.Handle("POST "+path, p.Site.Handle(p.Guard.Require(p.file)))
}

// line is one value in words.
type line struct{ Key, Value string }

type table struct {
	Key     string
	Records [][]line
	More    int // records that only the file has
}

type data struct {
	MadeAt time.Time
	Tables []table
}

// take makes the copy. Without a fresh sign-in with two factors it leads there, and back to the
// page; done is then true.
func (p *Pages) take(w http.ResponseWriter, r *http.Request) (c rights.Copy, done bool, err error) {
	v := guard.From(r.Context())
	c, err = p.Rights.Export(r.Context(), v.Person, v.Strength(), v.Session.ACR)
	if fault.CodeOf(err) == access.ErrLevel.Code {
		return c, true, p.Guard.StepUp(w, r, path)
	}
	return c, false, err
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	c, done, err := p.take(w, r)
	if done || err != nil {
		return err
	}
	d := data{MadeAt: c.MadeAt}
	for _, t := range c.Tables {
		if len(t.Records) == 0 {
			continue
		}
		out := table{Key: "copy.table." + t.Name, More: max(0, len(t.Records)-shownMost)}
		for _, record := range t.Records[:len(t.Records)-out.More] {
			out.Records = append(out.Records, p.words(r, t.Name, record))
		}
		d.Tables = append(d.Tables, out)
	}
	return p.Site.Render(w, r, http.StatusOK, "rights/copy", d)
}

// file gives the whole copy as JSON.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	c, done, err := p.take(w, r)
	if done || err != nil {
		return err
	}
	raw, err := c.JSON()
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="cpms-my-data-`+c.MadeAt.In(p.Site.Location).Format(time.DateOnly)+`.json"`)
	h.Set("Cache-Control", "no-store")
	_, _ = w.Write(raw) // the browser may be gone
	return nil
}
