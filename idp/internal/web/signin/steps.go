package signin

import (
	"net/http"
	"net/url"
	"slices"

	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/page"
)

// identify takes the e-mail address.
func (p *Pages) identify(w http.ResponseWriter, r *http.Request) error {
	return p.post(w, r, func(id, binding string) (login.View, error) {
		return p.Login.Identify(r.Context(), id, binding, r.PostFormValue("email"))
	})
}

// reload answers a browser that asks for the address of a form, after an error was shown
// there and the page was reloaded or the language changed: the flow knows what comes.
func (p *Pages) reload(w http.ResponseWriter, r *http.Request) error {
	if !slices.Contains([]string{"identify", "password", "method", "answer", "direct", "adaptive", "indirect", "review", "enrol", "cancel"}, r.PathValue("step")) {
		return page.ErrNotFound
	}
	return p.leave(w, r, "/login?"+url.Values{"flow": {r.URL.Query().Get("flow")}}.Encode())
}

// back is "not you?": the page for the address again; what was answered is undone when
// another address is given.
func (p *Pages) back(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Login.Look(r.Context(), r.URL.Query().Get("flow"), p.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	if v.Step == login.Done || v.Step == login.Refuse || v.Flow.SID != "" || v.Flow.Request.Kind == login.KindRecover {
		return p.render(w, r, v, http.StatusConflict, "signin/past", shown{})
	}
	return p.render(w, r, v, http.StatusOK, "signin/email", shown{})
}

// password takes the password and the chosen method. The method is remembered for the next
// time only when the password was right.
func (p *Pages) password(w http.ResponseWriter, r *http.Request) error {
	return p.post(w, r, func(id, binding string) (login.View, error) {
		v, err := p.Login.Look(r.Context(), id, binding)
		if err != nil {
			return v, err
		}
		m := policy.Method(r.PostFormValue("method"))
		try, err := p.Browser.Try(r, v.Flow.Email, r.PostFormValue("password"), m)
		if err != nil {
			return v, err
		}
		v, err = p.Login.Password(r.Context(), id, binding, try)
		if err == nil && !policy.Recovers(m) { // nobody is led to use up codes
			p.Browser.RememberMethod(w, string(m))
		}
		return v, err
	})
}

// method takes the verification method after the password, also to send again.
func (p *Pages) method(w http.ResponseWriter, r *http.Request) error {
	return p.post(w, r, func(id, binding string) (login.View, error) {
		return p.Login.ChooseFactor(r.Context(), id, binding, policy.Method(r.PostFormValue("method")), r.PostFormValue("factor"), p.Browser.Meta(r))
	})
}

// answer takes what was typed, or what the browser says, to the open challenge.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	return p.post(w, r, func(id, binding string) (login.View, error) {
		return p.Login.Answer(r.Context(), id, binding, r.PostFormValue("code"), p.Browser.Meta(r))
	})
}

// direct begins with a method that names the person by itself. A browser that was asked beside
// the page for the address brings its answer along.
func (p *Pages) direct(w http.ResponseWriter, r *http.Request) error {
	return p.post(w, r, func(id, binding string) (login.View, error) {
		v, err := p.Login.Direct(r.Context(), id, binding, policy.Method(r.PostFormValue("method")), p.Browser.Meta(r))
		if err != nil || r.PostFormValue("code") == "" {
			return v, err
		}
		return p.Login.Answer(r.Context(), id, binding, r.PostFormValue("code"), p.Browser.Meta(r))
	})
}

// adaptive asks the app in the place of the password, in a browser that the person uses.
func (p *Pages) adaptive(w http.ResponseWriter, r *http.Request) error {
	return p.post(w, r, func(id, binding string) (login.View, error) {
		v, err := p.Login.Look(r.Context(), id, binding)
		if err != nil {
			return v, err
		}
		known, err := p.Browser.Knows(r, v.Flow.Email)
		if err != nil {
			return v, err
		}
		return p.Login.WithoutPassword(r.Context(), id, binding, known, p.Browser.Meta(r))
	})
}

// indirect goes back from there to the e-mail address and the password.
func (p *Pages) indirect(w http.ResponseWriter, r *http.Request) error {
	return p.post(w, r, func(id, binding string) (login.View, error) {
		return p.Login.Indirect(r.Context(), id, binding)
	})
}

// other is "use another method": the list again, while the open challenge stays until one is
// chosen.
func (p *Pages) other(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Login.Look(r.Context(), r.URL.Query().Get("flow"), p.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	if v.Step != login.Challenge && v.Step != login.ChooseMethod {
		return p.render(w, r, v, http.StatusConflict, "signin/past", shown{})
	}
	return p.render(w, r, v, http.StatusOK, "signin/method", shown{})
}

// review goes on after the person saw what is about to happen.
func (p *Pages) review(w http.ResponseWriter, r *http.Request) error {
	return p.post(w, r, func(id, binding string) (login.View, error) {
		return p.Login.Reviewed(r.Context(), id, binding, r.PostForm["claim"])
	})
}

// enrol signs the person in with what was proved so far and leads to the page that adds the
// chosen method; that page comes back to the same flow.
func (p *Pages) enrol(w http.ResponseWriter, r *http.Request) error {
	id, binding := r.PostFormValue("flow"), p.Browser.Binding(w, r)
	v, err := p.Login.Look(r.Context(), id, binding)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(v.Ways, func(way login.Way) bool { return string(way.Method) == r.PostFormValue("method") })
	if i < 0 {
		return p.post(w, r, func(string, string) (login.View, error) { return login.View{}, login.ErrPast })
	}
	if err := p.Browser.Enrol(w, r, id, binding); err != nil {
		return p.post(w, r, func(string, string) (login.View, error) { return login.View{}, err })
	}
	return p.leave(w, r, v.Ways[i].Path+"?"+url.Values{"flow": {id}}.Encode())
}

// cancel gives up and goes back to who asked.
func (p *Pages) cancel(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Login.Cancel(r.Context(), r.PostFormValue("flow"), p.Browser.Binding(w, r))
	if err != nil {
		return p.post(w, r, func(string, string) (login.View, error) { return v, err })
	}
	return p.leave(w, r, v.Flow.Return())
}

// afterDenial goes on from the page that says "denied on your phone".
func (p *Pages) afterDenial(w http.ResponseWriter, r *http.Request) error {
	v, err := p.Login.Look(r.Context(), r.URL.Query().Get("flow"), p.Browser.Binding(w, r))
	if err != nil {
		return err
	}
	if v.Step != login.Refuse {
		return p.render(w, r, v, http.StatusConflict, "signin/past", shown{})
	}
	return p.leave(w, r, v.Flow.Return())
}
