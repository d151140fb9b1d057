// Package devoutbox is the page that shows mails and text messages of both services in the
// development profile, for people and as JSON. In other profiles it is not mounted.
package devoutbox

import (
	"encoding/json"
	"net/http"

	"eulogin.example/idp/internal/notify/devsink"
	"eulogin.example/proto/kit/page"
)

// Pages is the outbox.
type Pages struct {
	Site *page.Site
	Sink *devsink.Sink
}

// Mount adds the routes.
func (p *Pages) Mount(mux *http.ServeMux) {
	mux.Handle("GET /dev/outbox", p.Site.Handle(p.show))
	mux.Handle("GET /dev/outbox.json", p.Site.Handle(p.json))
}

type data struct {
	To       string
	Messages []devsink.Message
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	to := r.URL.Query().Get("to")
	list, err := p.Sink.Latest(r.Context(), to, 50)
	if err != nil {
		return err
	}
	return p.Site.Render(w, r, http.StatusOK, "devoutbox/list", data{to, list})
}

func (p *Pages) json(w http.ResponseWriter, r *http.Request) error {
	list, err := p.Sink.Latest(r.Context(), r.URL.Query().Get("to"), 200)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(list)
}
