package signin

import (
	"net/http"
	"time"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/claims"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/web/told"
)

// review is what the page before the end shows (domain.md row 20).
type review struct {
	Release *release         // what the service asks for; nil: the person need not agree to it
	Account *account.Account // the person's own details; nil: not asked for
}

// release is what the person agrees to, with the values that would be told.
type release struct {
	consent.Release
	Needed []told.Line // what goes with agreeing at all
	Free   []choice    // what the person may leave out
	Wanted []detail    // what it asks to be allowed
	Warned bool        // shown by the person's own wish
}

// choice is one thing that the service can do without.
type choice struct {
	told.Line
	Ticked bool
}

func (p *Pages) reviewed(r *http.Request, v login.View, lang string) (*review, error) {
	acc, err := p.Login.Accounts.ByID(r.Context(), v.Flow.Account)
	if err != nil {
		return nil, err
	}
	out := &review{}
	if v.Flow.Shows() && !v.Flow.Reviewed {
		out.Account = &acc
	}
	if v.Asks {
		out.Release, err = p.asked(r, v, acc, lang)
	}
	return out, err
}

// asked tells what a service asks for. What the person left out before is not ticked again.
func (p *Pages) asked(r *http.Request, v login.View, acc account.Account, lang string) (*release, error) {
	req := v.Flow.Request
	out := &release{Release: *req.Release, Wanted: details(req.Release.Details, lang)}
	have, err := p.Consents.Standing(r.Context(), acc.ID, req.ClientID)
	if err != nil {
		return nil, err
	}
	out.Warned = acc.WarnRelease && !out.Always && !out.Person && have[consent.Identity].EndedAt.IsZero()
	w := told.Words{Site: p.Site, Lang: lang, Person: claims.Of(acc, p.Groups(req.ClientID)), Subject: p.Subject(req.ClientID, acc.ID)}
	w.Offline = p.Site.T(lang, "told.offline", max(1, int(out.Offline/(24*time.Hour))))
	for _, i := range out.Items {
		if i.Essential {
			out.Needed = append(out.Needed, w.Line(i.Claim))
			continue
		}
		e, there := have[i.Claim]
		out.Free = append(out.Free, choice{w.Line(i.Claim), !there || e.Given() || e.Anew()})
	}
	return out, nil
}
