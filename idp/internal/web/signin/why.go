package signin

import (
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
)

// why tells somebody who is signed in what is asked for beyond that (domain.md row 27). What
// is missing decides, so that the reason is the true one.
func (p *Pages) why(v login.View, lang string) string {
	req := v.Flow.Request.Requirement
	switch {
	case !req.Since.IsZero():
		return p.Site.T(lang, "signin.why.again")
	case v.Decision.NeedPossession && req.Wanted.Resistance > policy.Phishable:
		return p.Site.T(lang, "signin.why.phishing")
	case v.Decision.NeedPossession && req.Wanted.Level > policy.Medium:
		return p.Site.T(lang, "signin.why.high")
	case v.Decision.NeedPossession && !shownFactor(v.Flow.All()):
		return p.Site.T(lang, "signin.why.factor")
	case req.MaxAge >= 0:
		return p.Site.T(lang, "signin.why.age", int(req.MaxAge.Minutes()))
	}
	return ""
}

// shownFactor reports whether a second factor was shown at all, however long ago.
func shownFactor(proofs []policy.Proof) bool {
	for _, p := range proofs {
		if p.Method != policy.Password {
			return true
		}
	}
	return false
}
