package signin

import (
	"cmp"
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"

	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/policy"
	"eulogin.example/idp/internal/web/qr"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// shown is what a handler adds to a page.
type shown struct {
	Errors map[string]fault.Message
	Notice *notice
}

type notice struct{ Kind, Title, Text string }

// data is what the templates of sign-in read.
type data struct {
	shown
	Flow     string
	Service  string // who asks; "" for My account
	Email    string
	Contacts []string       // whom people ask who may not use the service
	Typed    string         // what the address field holds
	Options  []page.Option  // of "Choose your verification method"
	Missing  []string       // methods that are not offered, each with its reason
	Pending  *login.Pending // the challenge that is waited for
	Recover  bool           // before a lost password is replaced
	StepUp   bool           // somebody is signed in already and more is asked
	Without  bool           // the person may go on with the password alone
	Ways     []page.Option  // methods that can be added on the way
	Direct   []page.Option  // methods that need no address and no password
	Adapts   bool           // the app may stand for the password
	Code     code           // texts of the page that takes a typed code
	QR       qr.Code        // what the app scans
	Others   []page.Option  // factors that the challenge could use instead
	Chosen   string         // the chosen method's name
	Why      string         // why somebody who is signed in is asked again
	Review   *review        // what the person wants to see before it is done
	Failed   string
	Expired  string // begins the keys of what is said of a challenge that is over
}

// code are the texts around a typed code.
type code struct{ Title, Lead, Label, Help, Note string }

var pages = map[login.Step]string{
	login.Identify: "signin/email", login.Password: "signin/password", login.ChooseMethod: "signin/method", login.EnrolFirst: "signin/enrol",
	login.LostFactor: "signin/lost",
	login.Barred:     "signin/barred",
	login.Review:     "signin/review",
}

// challenges are the pages on which a method's challenge is met.
var challenges = map[policy.Method]string{
	policy.AppPIN: "signin/waiting", policy.AppAlone: "signin/waiting", policy.TOTP: "signin/code", policy.SMS: "signin/code", policy.RecoveryCode: "signin/code",
	policy.SecurityKey: "signin/key", policy.AppQR: "signin/qr", policy.OnMobile: "signin/onmobile",
}

// typed reports whether a code is typed to meet a method's challenge.
func typed(m policy.Method) bool {
	return challenges[m] == "signin/code" || m == policy.AppQR
}

// step renders the page of a step.
func (p *Pages) step(w http.ResponseWriter, r *http.Request, v login.View, status int, s shown) error {
	name, ok := pages[v.Step]
	if v.Step == login.Challenge || v.Step == login.DirectStep {
		name, ok = challenges[v.Flow.Pending.Method]
	}
	if !ok {
		return login.ErrPast
	}
	return p.render(w, r, v, status, name, s)
}

// render fills a page in the language of the person, or else of the service that asked.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, v login.View, status int, name string, s shown) error {
	ctx := r.Context()
	if o := v.Flow.Request.ReturnOrigin; o != "" {
		ctx = page.AllowFormTo(ctx, o)
	}
	if v.Flow.Request.Locale != "" && r.URL.Query().Get("lang") == "" && !p.hasLanguage(r) {
		ctx = page.WithLang(ctx, v.Flow.Request.Locale)
	}
	r = r.WithContext(ctx)
	lang := p.Site.Lang(r)
	d := data{
		shown: s, Flow: v.Flow.ID, Service: v.Flow.Request.ClientName, Email: v.Flow.Email, Contacts: v.Flow.Request.Contacts, Typed: v.Flow.Request.LoginHint,
		Pending: v.Flow.Pending, Failed: v.Flow.Failed, StepUp: v.Flow.Session != "",
		Recover: v.Flow.Request.Kind == login.KindRecover, Without: slices.Contains(v.Offered, policy.Password),
		Options: p.options(r, v, lang), Ways: p.ways(v, lang), Direct: p.directs(v, lang), Others: others(v.Flow.Pending), Chosen: p.Site.T(lang, "signin.method."+string(v.Flow.Method)),
	}
	if d.StepUp {
		d.Why = p.why(v, lang)
	}
	d.Expired = "signin.expired"
	if typed(v.Flow.Method) {
		d.Expired = "signin.code.over"
	}
	if name == challenges[policy.AppQR] {
		var err error
		if d.QR, err = qr.Draw(v.Flow.Pending.Show["text"]); err != nil {
			return err
		}
	}
	if v.Flow.Pending != nil && name == challenges[v.Flow.Pending.Method] && typed(v.Flow.Pending.Method) {
		d.Code = p.code(v.Flow.Pending.Method, lang)
	}
	if r.Method == http.MethodPost && name == pages[login.Identify] {
		d.Typed = r.PostFormValue("email")
	}
	switch name {
	case pages[login.Review]:
		var err error
		if d.Review, err = p.reviewed(r, v, lang); err != nil {
			return err
		}
	case pages[login.Password]:
		known, err := p.Browser.Knows(r, v.Flow.Email)
		if err != nil {
			return err
		}
		d.Missing, d.Adapts = p.missing(v, lang, known), p.Login.Adapts(v, known)
	case pages[login.ChooseMethod]:
		d.Missing = p.lacking(v, lang)
	}
	return p.Site.Render(w, r, status, name, d)
}

// hasLanguage reports whether the person chose a language in this browser; that choice wins
// over the service's ui_locales.
func (p *Pages) hasLanguage(r *http.Request) bool {
	_, err := r.Cookie(p.Site.CookiePrefix + "lang")
	return err == nil
}

// options are the choices of "Choose your verification method". The one used last in this
// browser is chosen beforehand; else what the service would like best.
func (p *Pages) options(r *http.Request, v login.View, lang string) []page.Option {
	offered := v.Offered
	if v.Step != login.Password { // the password was shown: only what the account has
		offered = slices.DeleteFunc(slices.Clone(offered), func(m policy.Method) bool { return m != policy.Password && !slices.Contains(v.Usable, m) })
	}
	last := policy.Method(p.Browser.LastMethod(r))
	if v.Step != login.Password && last == policy.Password || !slices.Contains(offered, last) {
		last = "" // a second factor is asked for: "Password" again would be the way around it
	}
	wish := policy.Password
	if i := slices.IndexFunc(offered, func(m policy.Method) bool { return m != policy.Password }); i >= 0 &&
		(v.Step != login.Password || v.Flow.Request.Requirement.Wanted.Covers(policy.Strength{Level: policy.Medium})) {
		wish = offered[i]
	}
	chosen := cmp.Or(policy.Method(r.PostFormValue("method")), v.Flow.Method, last, wish)
	var out []page.Option
	for _, m := range offered {
		out = append(out, page.Option{Value: string(m), Label: p.Site.T(lang, "signin.method."+string(m)), Selected: m == chosen})
	}
	return out
}

// missing says why methods cannot be used (domain.md §1.6, "I cannot see the Password
// option"). What the account lacks is told only to a browser that signed in to it before: to
// anybody else it would tell that the account exists.
func (p *Pages) missing(v login.View, lang string, known bool) []string {
	var out []string
	if !slices.Contains(v.Offered, policy.Password) {
		if name := v.Flow.Request.ClientName; name != "" {
			out = append(out, p.Site.T(lang, "signin.medium.service", name))
		} else {
			out = append(out, p.Site.T(lang, "signin.medium.account"))
		}
	}
	if (known || v.Flow.Session != "") && v.Flow.Account != "" && !v.Enrolled {
		out = append(out, p.Site.T(lang, "signin.missing.factor"))
	}
	return out
}

// tooMany says until when the person has to wait.
func (p *Pages) tooMany(w http.ResponseWriter, r *http.Request, v login.View, err error) shown {
	wait := fault.As(err).RetryAfter
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	lang := p.Site.Lang(r)
	until := p.Now().Add(wait).In(p.Site.Location).Format("15:04")
	what := "signin.pushes"
	switch {
	case v.Step == login.Password:
		what = "signin.locked"
	case v.Flow.Method == policy.SMS && !errors.Is(err, login.ErrLocked):
		what = "signin.texts"
	case errors.Is(err, login.ErrLocked), typed(v.Flow.Method):
		what = "signin.codes"
	}
	return shown{Notice: &notice{Kind: "error", Title: p.Site.T(lang, what+".title"), Text: p.Site.T(lang, what+".text", until)}}
}
