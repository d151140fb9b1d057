package browser

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/policy"
)

// Asks says what a page wants of the sign-in of the person who opens it.
type Asks = func(context.Context, account.Account) (policy.Requirement, error)

// Factors says whether an account has a second factor of any kind.
type Factors interface {
	Enrolled(ctx context.Context, id account.ID) (bool, error)
}

// Looking is what every page of My account wants that only shows something.
func Looking(context.Context, account.Account) (policy.Requirement, error) {
	return manage.Looking(), nil
}

// Changing is what every page of My account wants that changes something: the existing factor,
// if there is or ever was one, and freshly shown (domain.md rows 17 and 18).
func Changing(f Factors) Asks {
	return func(ctx context.Context, a account.Account) (policy.Requirement, error) {
		has, err := f.Enrolled(ctx, a.ID)
		return manage.Requirement(has || a.Guarded), err
	}
}

// Bares reports whether the person showed a second factor lately enough to do without any from
// now on. A recovery code is none.
func (b *Browser) Bares(r *http.Request) bool {
	return policy.Evaluate(From(r.Context()).Session.Proofs, policy.AtLeast(policy.Medium, manage.ProofAge), b.Now()).Met
}

// To redirects to a path of this site.
func To(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// FlowOf reads the sign-in that the person came from, "" when there is none. It only ever
// becomes a parameter of /login, which checks it.
func FlowOf(r *http.Request) string {
	flow := r.FormValue("flow")
	if len(flow) > 100 {
		return ""
	}
	return flow
}

// WithFlow keeps the sign-in in an address.
func WithFlow(path, flow string) string {
	switch {
	case flow == "":
		return path
	case strings.Contains(path, "?"):
		return path + "&flow=" + url.QueryEscape(flow)
	}
	return path + "?flow=" + url.QueryEscape(flow)
}
