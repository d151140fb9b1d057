package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"eulogin.example/cpms/internal/access"
	"eulogin.example/cpms/internal/audit"
	"eulogin.example/cpms/internal/profile"
	"eulogin.example/cpms/internal/web/guard"
	"eulogin.example/cpms/internal/web/show"
)

// other is another request that matters for this one.
type other struct {
	ID, Person, RoleKey, StatusKey, Tag string
	Submitted                           time.Time
}

// beside is what stands beside a request.
type beside struct {
	Hints                   []string // keys of texts
	Earlier, Namesakes      []other
	Elsewhere, SameHospital int
}

func (p *Pages) beside(r *http.Request, q file) (b beside, err error) {
	me := guard.From(r.Context()).Person
	c, err := p.Access.About(r.Context(), q.networks, q.Request, q.who)
	if err != nil {
		return b, err
	}
	mine, err := p.Profiles.Of(r.Context(), me.ID)
	if err != nil {
		return b, err
	}
	for _, h := range access.Hints(q.Request, q.who, me, party(q.profile), party(mine), c.Earlier, c.Namesakes) {
		b.Hints = append(b.Hints, "hint."+string(h))
	}
	b.Elsewhere, b.SameHospital = c.Elsewhere, c.SameHospital
	if b.Earlier, err = p.others(r, c.Earlier); err != nil {
		return b, err
	}
	b.Namesakes, err = p.others(r, c.Namesakes)
	return b, err
}

func party(p profile.Profile) access.Party {
	return access.Party{Hospital: p.Hospital, Email: p.ProfessionalEmail}
}

func (p *Pages) others(r *http.Request, list []access.Request) (out []other, err error) {
	for _, o := range list {
		who, err := p.People.PersonByID(r.Context(), o.PersonID)
		if err != nil {
			return nil, err
		}
		out = append(out, other{o.ID, who.Name(), show.RoleKey(o.Role), "status." + string(o.State), show.Tag(o.State), o.SubmittedAt})
	}
	return out, nil
}

// method says how the person was signed in at the last submission: the methods that idp
// named (RFC 8176), in words.
func (p *Pages) method(lang string, events []audit.Event) string {
	var words []string
	for _, e := range slices.Backward(events) {
		if e.Action != "request.submitted" {
			continue
		}
		for _, m := range strings.Fields(e.Detail["amr"]) {
			if key, ok := methods[m]; ok {
				words = append(words, p.Site.T(lang, key))
			}
		}
		break
	}
	return strings.Join(words, ", ")
}

// methods are the values of amr that say how somebody signed in; "mfa" and "user" say that
// there were several and that somebody was there, which the level says too.
var methods = map[string]string{
	"pwd": "amr.pwd", "swk": "amr.swk", "pin": "amr.pin", "otp": "amr.otp", "sms": "amr.sms", "pop": "amr.pop", "hwk": "amr.hwk",
}
