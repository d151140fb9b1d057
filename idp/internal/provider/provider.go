package provider

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/check"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/clientkeys"
	"eulogin.example/idp/internal/consent"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/limit"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/pairwise"
	"eulogin.example/idp/internal/registration"
	"eulogin.example/idp/internal/seal"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/idp/internal/web/farewell"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/page"
)

// Ender ends a session with all that belongs to it.
type Ender interface {
	EndSession(ctx context.Context, sess session.Session, why string) error
}

// Config is what the provider is made of; every field but MTLS is required.
type Config struct {
	Issuer    string
	Site      *page.Site
	Browser   *browser.Browser
	Login     *login.Service
	Sessions  *session.Service
	Accounts  account.Reader
	Consents  *consent.Service
	Clients   *client.Registry
	Registrar *registration.Service
	Remote    *clientkeys.Keys // of clients that keep their keys themselves
	Grants    *grant.Service
	Ring      *signing.Ring
	KV        kv.Store
	Ender     Ender
	Farewell  *farewell.Pages
	Limits    *limit.Limits
	Subjects  *pairwise.Subjects
	Check     *check.Service
	MTLS      *MTLS // nil: clients come without certificates
	Phones    Phones
	Box       *seal.Box // hides what services are told when their people answered
	NonceKey  []byte    // 32 bytes that seal the nonces of DPoP, the same in every process
	Now       func() time.Time
	Log       *slog.Logger
}

// server implements op.Server; what it does not implement is refused by the embedded type.
type server struct {
	op.UnimplementedServer
	Config
	describe  func() document // encode: the table of routes, which the document is made from, names who asks for it
	discovery *atomic.Pointer[described]
	rehearsal *client.Registry // the clients of the integration check
}

// New gives the handler of all OpenID Connect endpoints. The library routes those that
// programs call; those that people see, and userinfo, are ours alone.
func New(c Config) http.Handler {
	s := &server{Config: c, discovery: &atomic.Pointer[described]{}}
	s.describe = s.encode
	grants := *c.Grants
	grants.Mint = s.mint
	s.Grants = &grants
	s.rehearsal = c.Clients.Rehearsal()
	endpoints := op.Endpoints{
		Token: op.NewEndpoint(tokenPath), Revocation: op.NewEndpoint(revokePath), DeviceAuthorization: op.NewEndpoint(deviceAskPath),
	}
	return op.RegisterServer(s, endpoints,
		op.WithHTTPMiddleware(s.guard),
		op.WithSetRouter(func(r chi.Router) {
			r.Handle(authorizePath, s.Site.Handle(s.authorize))
			r.Handle(callbackPath, s.Site.Handle(s.callback))
			r.Handle(endSessionPath, s.Site.Handle(s.endSession))
			r.Handle(confirmPath, s.Site.Handle(s.confirmSignOut))
			r.Handle(devicePath, s.Site.Handle(s.device))
			r.Handle(decidePath, s.Site.Handle(s.decideDevice))
			r.HandleFunc(userinfoPath, s.userinfo)
			r.HandleFunc(registerPath, s.register)
			r.HandleFunc(managePath, s.manage)
			r.HandleFunc(pushPath, s.push)
			r.Handle(runsPath, s.Site.Handle(s.startRun))
			r.Handle(check.IssuerPath+"*", s.Site.Handle(s.check))
			r.HandleFunc(backchannelPath, s.backchannel)
			r.HandleFunc(introspectPath, s.introspect)
		}),
		op.WithServerCORSOptions(nil),
	)
}
