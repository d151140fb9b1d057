package signin

import (
	"net/http"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/login"
)

// review is what the page before the end shows (domain.md row 20).
type review struct {
	Releases []string         // what the service gets; none: the person did not ask to be warned
	Account  *account.Account // the person's own details; nil: not asked for
}

// released are the scopes that give something away, in the order of the page; those of APIs follow.
var released = []string{"openid", "profile", "email", "offline_access"}

func (p *Pages) reviewed(r *http.Request, v login.View, lang string) (*review, error) {
	out := &review{}
	if v.Flow.Warns() {
		for _, scope := range released {
			for _, asked := range v.Flow.Request.Releases {
				if asked == scope {
					out.Releases = append(out.Releases, p.Site.T(lang, "signin.release."+scope))
				}
			}
		}
		for _, asked := range v.Flow.Request.Releases {
			if client.APIScope(asked) {
				out.Releases = append(out.Releases, p.Site.T(lang, "signin.release.api", asked))
			}
		}
	}
	if v.Flow.Shows() {
		acc, err := p.Login.Accounts.ByID(r.Context(), v.Flow.Account)
		if err != nil {
			return nil, err
		}
		out.Account = &acc
	}
	return out, nil
}
