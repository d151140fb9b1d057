package lostfactor

import (
	"net/http"

	"eulogin.example/idp/internal/lostfactor"
	"eulogin.example/idp/internal/web/browser"
)

// link shows a page with a button and uses nothing up: scanners of mails open links.
func (p *Pages) link(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("t")
	if err := p.Lost.LookLink(r.Context(), token, p.Browser.Binding(w, r)); err != nil {
		return p.over(w, r, err)
	}
	return p.Site.Render(w, r, http.StatusOK, "lostfactor/link", linkPage{Token: token, Wait: wait(p.Lost.Delay)})
}

type linkPage struct {
	Token string
	Wait  duration
	Loss  lostfactor.Loss
}

// follow starts the wait.
func (p *Pages) follow(w http.ResponseWriter, r *http.Request) error {
	l, err := p.Lost.Start(r.Context(), r.PostFormValue("t"), p.Browser.Binding(w, r))
	if err != nil {
		return p.over(w, r, err)
	}
	return p.Site.Render(w, r, http.StatusOK, "lostfactor/started", linkPage{Loss: l})
}

// askStop shows what the link would stop.
func (p *Pages) askStop(w http.ResponseWriter, r *http.Request) error {
	l, err := p.Lost.LookStop(r.Context(), r.PathValue("token"))
	if err != nil {
		return p.over(w, r, err)
	}
	return p.Site.Render(w, r, http.StatusOK, "lostfactor/stop", linkPage{Token: r.PathValue("token"), Loss: l})
}

func (p *Pages) stop(w http.ResponseWriter, r *http.Request) error {
	if err := p.Lost.Stop(r.Context(), r.PathValue("token")); err != nil {
		return p.over(w, r, err)
	}
	return browser.To(w, r, root+"/done?stopped=1")
}
