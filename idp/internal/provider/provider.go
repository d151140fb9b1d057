package provider

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/account"
	"eulogin.example/idp/internal/client"
	"eulogin.example/idp/internal/grant"
	"eulogin.example/idp/internal/login"
	"eulogin.example/idp/internal/session"
	"eulogin.example/idp/internal/signing"
	"eulogin.example/idp/internal/web/browser"
	"eulogin.example/proto/kit/kv"
	"eulogin.example/proto/kit/page"
)

// Paths of the endpoints, below the issuer.
const (
	authorizePath  = "/authorize"
	callbackPath   = "/authorize/callback"
	tokenPath      = "/oauth/token"
	introspectPath = "/oauth/introspect"
	revokePath     = "/oauth/revoke"
	userinfoPath   = "/oauth/userinfo"
	keysPath       = "/oauth/keys"
	endSessionPath = "/end_session"
)

// Ender ends a session with all that belongs to it.
type Ender interface {
	EndSession(ctx context.Context, sess session.Session, why string) error
}

// Config is what the provider is made of; every field is required.
type Config struct {
	Issuer   string
	Site     *page.Site
	Browser  *browser.Browser
	Login    *login.Service
	Sessions *session.Service
	Accounts account.Reader
	Clients  *client.Registry
	Grants   *grant.Service
	Ring     *signing.Ring
	KV       kv.Store
	Ender    Ender
	Now      func() time.Time
	Log      *slog.Logger
}

// server implements op.Server; what it does not implement is refused by the embedded type.
type server struct {
	op.UnimplementedServer
	Config
	discovery *discovery
}

// New gives the handler of all OpenID Connect endpoints.
func New(c Config) http.Handler {
	s := &server{Config: c}
	s.discovery = s.describe()
	endpoints := op.Endpoints{
		Authorization: op.NewEndpoint(authorizePath), Token: op.NewEndpoint(tokenPath), Introspection: op.NewEndpoint(introspectPath),
		Userinfo: op.NewEndpoint(userinfoPath), Revocation: op.NewEndpoint(revokePath), EndSession: op.NewEndpoint(endSessionPath), JwksURI: op.NewEndpoint(keysPath),
	}
	return op.RegisterServer(s, endpoints,
		op.WithHTTPMiddleware(op.NewIssuerInterceptor(func(*http.Request) string { return c.Issuer }).Handler, s.guard),
		op.WithSetRouter(func(r chi.Router) {
			r.Get(callbackPath, s.callback)
			r.Get("/.well-known/oauth-authorization-server", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, s.discovery) })
			r.Method(http.MethodPost, endSessionPath+"/confirm", s.Site.Handle(s.confirmSignOut))
		}),
		op.WithEncoder(issEncoder{oidc.NewEncoder(), c.Issuer}),
		op.WithServerCORSOptions(nil),
	)
}

// Routes lists the paths that this handler serves, for the router above it.
func Routes() []string {
	return []string{
		authorizePath, callbackPath, tokenPath, introspectPath, revokePath, userinfoPath, keysPath, endSessionPath, endSessionPath + "/confirm",
		"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server",
	}
}

// issEncoder adds the issuer to every answer that the library encodes (RFC 9207): errors.
type issEncoder struct {
	inner interface {
		Encode(src any, dst map[string][]string) error
	}
	issuer string
}

// Encode encodes an answer's parameters.
func (e issEncoder) Encode(src any, dst map[string][]string) error {
	if err := e.inner.Encode(src, dst); err != nil {
		return err
	}
	url.Values(dst).Set("iss", e.issuer)
	return nil
}

// request puts the HTTP exchange into the context: the library's methods get neither.
type request struct {
	w http.ResponseWriter
	r *http.Request
	// page, when set, is shown instead of what the library writes: it knows redirects and JSON.
	page func(w http.ResponseWriter)
}

type requestKey struct{}

func exchange(ctx context.Context) *request {
	x, _ := ctx.Value(requestKey{}).(*request)
	return x
}
