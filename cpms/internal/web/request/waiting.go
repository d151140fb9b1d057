package request

import (
	"net/http"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/web/show"
)

// waiting tells since when a request is with the coordinators, and how long that usually takes
// there. Of a question that waits for the person nothing is told.
func (p *Pages) waiting(r *http.Request, q access.Request, d *shown) error {
	if q.State != access.Submitted {
		return nil
	}
	d.Since = q.UpdatedAt
	u, err := p.Access.Usual(r.Context(), q.Network)
	if u.Median > 0 {
		lang := p.Site.Lang(r)
		d.Median, d.Slow = show.Span(p.Site, lang, u.Median), show.Span(p.Site, lang, u.Slow)
	}
	return err
}
