package farewell

import (
	"context"
	"net/http"

	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/pairwise"
	"eulogin.example/idp/internal/session"
	"eulogin.example/proto/kit/page"
)

// Clients finds services, also those that are disabled by now.
type Clients interface {
	Known(ctx context.Context, id string) (*client.Client, error)
}

// Pages shows the page; every field is required.
type Pages struct {
	Site     *page.Site
	Clients  Clients
	Subjects *pairwise.Subjects // sids of pairwise clients
	Issuer   string
}

// Services are the names of those that a session signed in to, by how they hear of its end: the told
// ones get a logout token, which is tried again until it is taken; the framed ones are told by the
// browser, which can fail; the rest registered no address.
type Services struct {
	Told, Framed, Rest []string
	Frames             []Frame
}

// Frame is one address that the browser loads. A service that registered both ways has one too:
// what it keeps in the browser, only a page of its own can clear.
type Frame struct{ Service, Address string }

// Services sorts the services of a session.
func (p *Pages) Services(ctx context.Context, sess session.Session) (out Services) {
	for _, id := range sess.Clients {
		c, err := p.Clients.Known(ctx, id)
		if err != nil {
			continue // not registered any more
		}
		if frame := c.Frame(p.Issuer, p.Subjects.Session(c, sess.ID)); frame != "" {
			out.Frames = append(out.Frames, Frame{c.Name, frame})
		}
		switch {
		case c.BackchannelLogout != "":
			out.Told = append(out.Told, c.Name)
		case c.FrontchannelLogout != "":
			out.Framed = append(out.Framed, c.Name)
		default:
			out.Rest = append(out.Rest, c.Name)
		}
	}
	return out
}

// shown is the data of the page.
type shown struct {
	Services
	To string // where the browser goes on, "" = nowhere
}

// Show tells the services of an ended session that are told by a page, and goes on to an address that
// the caller has checked; "" stays. Without frames the browser goes on at once.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request, sess session.Session, to string) error {
	return p.show(w, r, sess, to, "farewell/signedout")
}

// Replaced is Show for the session of a person in whose browser somebody else has just signed in
// (security case 10): it names no services of the one to the other.
func (p *Pages) Replaced(w http.ResponseWriter, r *http.Request, sess session.Session, to string) error {
	return p.show(w, r, sess, to, "farewell/replaced")
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, sess session.Session, to, name string) error {
	s := p.Services(r.Context(), sess)
	if to != "" && len(s.Frames) == 0 {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	ctx := r.Context()
	for _, f := range s.Frames {
		ctx = page.AllowFrame(ctx, f.Address)
	}
	return p.Site.Render(w, r.WithContext(ctx), http.StatusOK, name, shown{s, to})
}
