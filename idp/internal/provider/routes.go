package provider

import (
	"net/http"

	"eulogin.example/idp/internal/check"
)

// Paths of the endpoints, below the issuer.
const (
	authorizePath   = "/authorize"
	callbackPath    = "/authorize/callback"
	tokenPath       = "/oauth/token"
	pushPath        = "/oauth/par" // RFC 9126
	introspectPath  = "/oauth/introspect"
	revokePath      = "/oauth/revoke"
	userinfoPath    = "/oauth/userinfo"
	keysPath        = "/oauth/keys"
	endSessionPath  = "/end_session"
	deviceAskPath   = "/oauth/device_authorization" // RFC 8628
	backchannelPath = "/oauth/bc-authorize"         // CIBA Core §7
	devicePath      = "/device"
	decidePath      = "/device/decide"
	confirmPath     = "/end_session/confirm"
	registerPath    = "/oauth/register"        // RFC 7591
	managePath      = "/oauth/register/client" // RFC 7592
	discoveryPath   = "/.well-known/openid-configuration"
	metadataPath    = "/.well-known/oauth-authorization-server" // RFC 8414
)

// origins says whose scripts may read an endpoint's answers.
type origins int

const (
	noOrigins         origins = iota
	registeredOrigins         // those of public clients' redirect addresses; never with cookies
	allOrigins                // there is nothing personal in the answer
)

// route is what an endpoint accepts and how it answers.
type route struct {
	methods  []string
	scripts  origins
	document func(*server) document // that is the whole answer, nil where there is more to do
	page     bool                   // read by people: errors are pages
	body     bool                   // parameters come in the body only
	foreign  bool                   // other sites may send the form; it is turned into a GET, see asGet
	member   string                 // that names the endpoint in discovery (RFC 8414 §2), "" where none does
}

var (
	look    = []string{http.MethodGet, http.MethodHead}
	get     = []string{http.MethodGet} // a HEAD would use up what the GET is for
	post    = []string{http.MethodPost}
	getPost = []string{http.MethodGet, http.MethodPost}
)

// routes is the one table of endpoints; what is not in it does not exist.
var routes = map[string]route{
	discoveryPath:   {methods: look, scripts: allOrigins, document: (*server).metadata},
	metadataPath:    {methods: look, scripts: allOrigins, document: (*server).metadata},
	keysPath:        {methods: look, scripts: allOrigins, document: (*server).keySet, member: "jwks_uri"},
	authorizePath:   {methods: getPost, page: true, foreign: true, member: "authorization_endpoint"},
	callbackPath:    {methods: get, page: true},
	endSessionPath:  {methods: getPost, page: true, foreign: true, member: "end_session_endpoint"},
	confirmPath:     {methods: post, page: true},
	deviceAskPath:   {methods: post, body: true, member: "device_authorization_endpoint"},
	backchannelPath: {methods: post, body: true, member: "backchannel_authentication_endpoint"},
	devicePath:      {methods: getPost, page: true},
	decidePath:      {methods: getPost, page: true},
	tokenPath:       {methods: post, body: true, scripts: registeredOrigins, member: "token_endpoint"},
	pushPath:        {methods: post, body: true, scripts: registeredOrigins, member: "pushed_authorization_request_endpoint"},
	introspectPath:  {methods: post, body: true, member: "introspection_endpoint"},
	revokePath:      {methods: post, body: true, scripts: registeredOrigins, member: "revocation_endpoint"},
	registerPath:    {methods: post, member: "registration_endpoint"},
	managePath:      {methods: []string{http.MethodGet, http.MethodPut, http.MethodDelete}},
	userinfoPath:    {methods: getPost, scripts: registeredOrigins, member: "userinfo_endpoint"},
	runsPath:        {methods: post, body: true, page: true},
}

// Routes lists the paths that the handler serves, for the router above it.
func Routes() []string {
	out := append(make([]string, 0, len(routes)+1), check.IssuerPath)
	for path := range routes {
		out = append(out, path)
	}
	return out
}

// ForPrograms reports whether a request is one that programs and other sites send by right:
// it needs no protection against forms of other sites, takes no cookie, and shows no page.
func ForPrograms(r *http.Request) bool {
	rt, ok := routeOf(r.URL.Path)
	return ok && (!rt.page || (rt.foreign && r.Method == http.MethodPost))
}
