package app

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"eulogin.example/idp/internal/activity"
	addresses "eulogin.example/idp/internal/address"
	"eulogin.example/idp/internal/appapi"
	"eulogin.example/idp/internal/factor/sms"
	"eulogin.example/idp/internal/ident"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/mailproof"
	"eulogin.example/idp/internal/manage"
	"eulogin.example/idp/internal/provider"
	"eulogin.example/idp/internal/recover"
	"eulogin.example/idp/internal/signup"
	"eulogin.example/idp/internal/web"
	activitypages "eulogin.example/idp/internal/web/activity"
	addresspages "eulogin.example/idp/internal/web/address"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/idp/internal/web/devices"
	"eulogin.example/idp/internal/web/devoutbox"
	"eulogin.example/idp/internal/web/farewell"
	"eulogin.example/idp/internal/web/integration"
	"eulogin.example/idp/internal/web/join"
	"eulogin.example/idp/internal/web/keys"
	"eulogin.example/idp/internal/web/myaccount"
	"eulogin.example/idp/internal/web/phoneapp"
	"eulogin.example/idp/internal/web/regain"
	"eulogin.example/idp/internal/web/services"
	"eulogin.example/idp/internal/web/signin"
	"eulogin.example/proto/kit/page"
	"eulogin.example/proto/kit/server"
)

// texts makes the site: templates, catalogue, static files.
func (a *app) texts(context.Context) (err error) {
	a.site, err = page.New(page.Config{
		Templates: web.Templates, Locales: web.Locales, Static: web.Static, Product: a.Product, CookiePrefix: "eulogin_", Demo: a.Development,
		Secure: strings.HasPrefix(a.Issuer, "https://"), Home: "/account", Nav: a.nav, Log: a.log,
		Footer: []page.Link{{Key: "kit.footer.privacy", Href: "/privacy"}, {Key: "kit.footer.cookies", Href: "/cookies"}, {Key: "kit.footer.accessibility", Href: "/accessibility"}},
	})
	return err
}

// mounter is a set of pages.
type mounter interface{ Mount(mux *http.ServeMux) }

// web makes the edge that browsers and phones reach.
func (a *app) web(context.Context) error {
	address, err := server.ClientIP(a.TrustedProxies)
	if err != nil {
		return err
	}
	a.browser = &browser.Browser{
		Secure: a.site.Secure, Random: rand.Reader, Now: a.now, KV: a.kv, Accounts: a.store, Sessions: a.sessions, Login: a.login, Address: address,
	}
	mux := http.NewServeMux()
	all, err := a.areas(address)
	if err != nil {
		return err
	}
	for _, m := range all {
		m.Mount(mux)
	}
	oidc := provider.New(provider.Config{
		Issuer: a.Issuer, Site: a.site, Browser: a.browser, Login: a.login, Sessions: a.sessions, Accounts: a.store, Consents: a.consents, Clients: a.clients,
		Subjects:  a.subjects,
		Registrar: a.registrar, Remote: a.remote,
		MTLS: a.mtls(), Phones: a.phone, Box: a.box,
		Grants: a.grants, Ring: a.ring, KV: a.kv, Ender: a.signout, Farewell: a.farewell(), Limits: a.limits, Check: a.check, NonceKey: a.nonceKey, Now: a.now, Log: a.log,
	})
	for _, path := range provider.Routes() {
		mux.Handle(path, oidc)
	}
	a.common(mux)
	measured, err := server.Measure(a.tel.Registry, mux, a.guarded(a.kicking(mux)))
	if err != nil {
		return err
	}
	site := otelhttp.NewHandler(measured, "idp", otelhttp.WithSpanNameFormatter(server.SpanName(mux)))
	return errors.Join(a.group.AddHTTP("pages", a.HTTPAddr, site), a.listenForCertificates(site))
}

// guarded puts the site's middleware before everything but the endpoints that programs call:
// those have rules of their own and take no cookie.
func (a *app) guarded(next http.Handler) http.Handler {
	pages := a.site.Middleware(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if provider.ForPrograms(r) {
			next.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// kicking wakes the outbox after every write, so that mails leave at once.
func (a *app) kicking(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if r.Method == http.MethodPost {
			a.outbox.Kick()
		}
	})
}

// areas are all pages and the phone's interface.
func (a *app) areas(address func(*http.Request) string) ([]mounter, error) {
	tickets, err := mailproof.New(a.kv, a.now, rand.Reader, a.LinkValid)
	if err != nil {
		return nil, err
	}
	registering, err := signup.New(signup.Config{
		Tickets: tickets, Accounts: a.store, Recorder: a.store, Passwords: a.passwords, Limits: a.limits, Issuer: a.Issuer,
		PrivacyVersion: join.PrivacyVersion, RefusedDomains: a.RefusedDomains, Now: a.now, Rand: rand.Reader,
	})
	if err != nil {
		return nil, err
	}
	losing := a.losing(tickets)
	regaining, err := recover.New(recover.Config{
		Tickets: tickets, Accounts: a.store, Recorder: a.store, Passwords: a.passwords, Limits: a.limits, Factors: a.login, Helpdesk: a.lost,
		Prover: login.Recovery{Service: a.login}, Ender: a.signout, Issuer: a.Issuer, Now: a.now,
	})
	if err != nil {
		return nil, err
	}
	managing, err := manage.New(manage.Config{
		Accounts: a.store, Numbers: a.numbers, Challenges: sms.NewChallenges(a.kv, a.now, rand.Reader), Passwords: a.passwords, Recorder: a.store,
		Limits: a.limits, Factors: a.login, Keepers: a.keepers(), Journal: a.journal, Ender: a.signout, Issuer: a.Issuer, Now: a.now, Rand: rand.Reader,
	})
	if err != nil {
		return nil, err
	}
	j, err1 := join.New(join.Config{Site: a.site, Signup: registering, Passwords: a.passwords, Browser: a.browser, Address: address})
	g, err2 := regain.New(regain.Config{Site: a.site, Recover: regaining, Passwords: a.passwords, Browser: a.browser, Address: address})
	m, err3 := myaccount.New(myaccount.Config{Site: a.site, Manage: managing, Passwords: a.passwords, Browser: a.browser, Address: address, SMS: a.SMSMethod})
	d, err5 := devices.New(devices.Config{Site: a.site, Phone: a.phone, Numbers: a.numbers, Factors: a.login, Browser: a.browser, Issuer: a.Issuer, Secure: a.site.Secure, Now: a.now})
	app, err6 := phoneapp.New(phoneapp.Config{Static: web.Static, Locales: web.Locales, Languages: a.site.Languages, Demo: a.Development})
	k, err7 := keys.New(keys.Config{Site: a.site, Keys: a.keys, Factors: a.login, Browser: a.browser, Now: a.now})
	api, err4 := appapi.New(appapi.Config{Issuer: a.Issuer, Phone: a.phone, KV: a.kv, Binding: a.browser.Bound, Now: a.now, Log: a.log})
	for _, err := range []error{err1, err2, err3, err4, err5, err6, err7} {
		if err != nil {
			return nil, err
		}
	}
	a.group.Add("phones", func(ctx context.Context) error { // waiting phones are answered before the listener closes
		<-ctx.Done()
		api.Drain()
		return nil
	})
	watched := &activitypages.Pages{
		Site: a.site, Browser: a.browser, Service: a.serviceName, Farewell: a.farewell(), Activity: &activity.Service{
			Sessions: a.sessions, Ender: a.signout, History: a.store, Accounts: a.store, Recorder: a.store, LostURL: a.Issuer + "/password/lost", Now: a.now,
		},
	}
	typed, err := a.codePages()
	if err != nil {
		return nil, err
	}
	moving := &addresspages.Pages{Site: a.site, Browser: a.browser, Factors: a.login, Address: &addresses.Service{
		Tickets: tickets, Store: a.store, Recorder: a.store, Limits: a.limits, Ender: a.signout, Issuer: a.Issuer, RefusedDomains: a.RefusedDomains, Now: a.now, Rand: rand.Reader,
	}}
	known := &services.Pages{Site: a.site, Browser: a.browser, Consents: a.consents, Subject: a.subject, Groups: a.groups}
	out := []mounter{watched, known, moving, losing, a.helping(tickets, regaining, address), a.undoing(), a.rightsPages(), j, g, m, d, k, api, app, &signin.Pages{Site: a.site, Browser: a.browser, Login: a.login, Ender: a.signout, Farewell: a.farewell(), Consents: a.consents, Subject: a.subject, Groups: a.groups, Now: a.now}}
	out = append(out, typed...)
	out = append(out, &integration.Pages{Site: a.site, Check: a.check, Clients: a.clients.Rehearsal(), Issuer: a.Issuer, Now: a.now})
	if a.Development {
		out = append(out, &devoutbox.Pages{Site: a.site, Sink: a.sink})
	}
	return out, nil
}

// farewell is the page after a sign-out.
func (a *app) farewell() *farewell.Pages {
	return &farewell.Pages{Site: a.site, Clients: a.clients, Subjects: a.subjects, Issuer: a.Issuer}
}

// serviceName gives the name of a registered service.
func (a *app) serviceName(id string) string {
	c, err := a.clients.Known(context.Background(), id)
	if err != nil {
		return ""
	}
	return c.Name
}

// subject gives the sub by which a service knows an account, "" for one that is not registered any more.
func (a *app) subject(clientID string, id ident.AccountID) string {
	c, err := a.clients.Known(context.Background(), clientID)
	if err != nil {
		return ""
	}
	return a.subjects.Subject(c, id)
}

// groups gives those that a service is told of, none for one that is not registered any more.
func (a *app) groups(clientID string) []string {
	c, err := a.clients.Known(context.Background(), clientID)
	if err != nil {
		return nil
	}
	return c.Groups
}

// texts of one page.
type text struct {
	Title      string
	Paragraphs []string
}

// common adds what every site has.
func (a *app) common(mux *http.ServeMux) {
	for path, t := range map[string]text{
		"/cookies":       {"info.cookies.title", []string{"info.cookies.1"}},
		"/accessibility": {"info.accessibility.title", []string{"info.accessibility.1"}},
	} {
		mux.Handle("GET "+path, a.site.Handle(func(w http.ResponseWriter, r *http.Request) error {
			return a.site.Render(w, r, http.StatusOK, "kit/text", t)
		}))
	}
	mux.HandleFunc("POST /language", a.site.SetLanguage)
	mux.Handle("GET /static/", a.site.StaticHandler())
	mux.Handle("GET /{$}", http.RedirectHandler("/account", http.StatusSeeOther))
	mux.Handle("/", a.site.Handle(func(http.ResponseWriter, *http.Request) error { return page.ErrNotFound }))
}

// nav is the navigation of somebody who is signed in.
func (a *app) nav(r *http.Request) page.Nav {
	if browser.From(r.Context()).Account.ID == "" {
		return page.Nav{}
	}
	return page.Nav{SignOut: "/logout"}
}
