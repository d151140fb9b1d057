package integration

import (
	"context"
	"net/http"
	"strings"
	"time"

	"eulogin.example/idp/internal/check"
	"eulogin.example/idp/internal/client"
	"eulogin.example/proto/kit/page"
)

// Clients finds the clients of the check, and no others.
type Clients interface {
	ByID(ctx context.Context, id string) (*client.Client, error)
}

// Pages are the pages; every field is required.
type Pages struct {
	Site    *page.Site
	Check   *check.Service
	Clients Clients
	Issuer  string
	Now     func() time.Time
}

// runs is the address below which runs are. A run is begun by a POST to it, which the provider answers: it
// is for the client itself.
const runs = "/integration/runs"

// Mount adds the pages to a router.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET /integration", p.Site.Handle(p.about))
	mux.Handle("GET "+runs+"/{id}", p.Site.Handle(p.run))
	mux.Handle("POST "+runs+"/{id}/cases/{case}/play", p.Site.Handle(p.play))
	mux.Handle("POST "+runs+"/{id}/cases/{case}/tell", p.Site.Handle(p.tell))
}

// about tells what the check is, and takes the assertion that begins a run.
func (p *Pages) about(w http.ResponseWriter, r *http.Request) error {
	return p.Site.Render(w, r, http.StatusOK, "integration/about", struct{ Issuer string }{check.Issuer(p.Issuer, "CLIENT_ID")})
}

// run shows a run, as a page or, with .json behind its id, for programs.
func (p *Pages) run(w http.ResponseWriter, r *http.Request) error {
	id, forPrograms := strings.CutSuffix(r.PathValue("id"), ".json")
	run, err := p.Check.Find(r.Context(), id)
	if err != nil {
		return err
	}
	if forPrograms {
		return p.report(w, run)
	}
	c, err := p.Clients.ByID(r.Context(), run.Client)
	if err != nil {
		return check.ErrOver.Because(err) // the client was taken off the list
	}
	return p.Site.Render(w, r, http.StatusOK, "integration/run", shown(id, run, c, p.Issuer, p.Now()))
}

func (p *Pages) report(w http.ResponseWriter, run check.Run) error {
	raw, err := check.Report(run, p.Issuer, p.Now())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(raw)
	return nil
}

// play plays a case: to the next authorization request, or at once to the logout address.
func (p *Pages) play(w http.ResponseWriter, r *http.Request) error {
	return p.then(w, r, func(id string, c *client.Client) error {
		return p.Check.Begin(r.Context(), id, c, r.PathValue("case"))
	})
}

// tell takes the developer's word on whether the service signed the person in.
func (p *Pages) tell(w http.ResponseWriter, r *http.Request) error {
	return p.then(w, r, func(id string, _ *client.Client) error {
		return p.Check.Tell(r.Context(), id, r.PathValue("case"), check.Told(r.PostFormValue("signed_in")))
	})
}

// then does something to a run and shows it again.
func (p *Pages) then(w http.ResponseWriter, r *http.Request, do func(id string, c *client.Client) error) error {
	id := r.PathValue("id")
	run, err := p.Check.Find(r.Context(), id)
	if err != nil {
		return err
	}
	c, err := p.Clients.ByID(r.Context(), run.Client)
	if err != nil {
		return check.ErrOver.Because(err)
	}
	if err := do(id, c); err != nil {
		return err
	}
	if !page.PrefersJSON(r.Header.Get("Accept")) {
		http.Redirect(w, r, runs+"/"+id+"#"+r.PathValue("case"), http.StatusSeeOther)
		return nil
	}
	if run, err = p.Check.Find(r.Context(), id); err != nil {
		return err
	}
	return p.report(w, run)
}
