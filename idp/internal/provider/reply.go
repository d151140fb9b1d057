package provider

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"eulogin.example/proto/kit/page"
)

// formPost is the response mode in which the browser brings the answer in the body of a POST (OAuth
// 2.0 Form Post Response Mode): it is in no address, no history and no log on the way.
const formPost = "form_post"

// responseModes are those that are offered, the usual one first.
var responseModes = []string{"query", formPost}

// reply is where the browser goes next: to an address, or with a form to it.
type reply struct {
	To   string
	Form []field
}

// field is one parameter of an answer in a form.
type field struct{ Name, Value string }

// reply makes the answer to a client in the mode that it asked for. Every answer carries the state
// and names the issuer (RFC 9207); what is empty is left out.
func (s *server) reply(ask asked, values url.Values) reply {
	values.Set("state", ask.State)
	values.Set("iss", s.Issuer)
	return carry(ask, values)
}

// carry brings parameters to the address of a request in its mode.
func carry(ask asked, values url.Values) reply {
	if ask.Mode != formPost {
		return reply{To: withQuery(ask.RedirectURI, values)}
	}
	to := reply{To: ask.RedirectURI}
	for name, v := range values {
		if v[0] != "" {
			to.Form = append(to.Form, field{name, v[0]})
		}
	}
	slices.SortFunc(to.Form, func(a, b field) int { return cmp.Compare(a.Name, b.Name) })
	return to
}

// send lets the browser go on. A form is sent by a script, or where there is none by a button; it can
// go to that one address only.
func (s *server) send(w http.ResponseWriter, r *http.Request, to reply) error {
	if to.Form == nil {
		http.Redirect(w, r, to.To, http.StatusSeeOther)
		return nil
	}
	r = r.WithContext(page.AllowFormTo(r.Context(), to.To))
	return s.Site.Render(w, r, http.StatusOK, "oidc/formpost", to)
}
