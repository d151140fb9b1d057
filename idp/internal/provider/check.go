package provider

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"eulogin.example/idp/internal/check"
	"eulogin.example/idp/internal/client"
	"eulogin.example/proto/kit/fault"
	"eulogin.example/proto/kit/page"
)

// runsPath is where a client of the integration check begins a run.
const runsPath = "/integration/runs"

// checkRoutes are the endpoints of the issuer of one client of the integration check, below its name. They are
// the only place where anything is answered wrongly on purpose; the issuer, its keys and its clients are
// not those of idp.
var checkRoutes = map[string]route{
	discoveryPath: {methods: look, scripts: allOrigins},
	keysPath:      {methods: look, scripts: allOrigins},
	authorizePath: {methods: getPost, page: true, foreign: true},
	tokenPath:     {methods: post, body: true},
	userinfoPath:  {methods: getPost},
}

// checkHandlers answer at them.
var checkHandlers = map[string]func(*server, http.ResponseWriter, *http.Request, *client.Client) error{
	discoveryPath: (*server).checkMetadata, keysPath: (*server).checkKeys, authorizePath: (*server).checkAuthorize, tokenPath: (*server).checkToken, userinfoPath: (*server).checkUserinfo,
}

// routeOf finds what is at a path: an endpoint of idp, or of an issuer of the integration check.
func routeOf(path string) (route, bool) {
	if rt, ok := routes[path]; ok {
		return rt, true
	}
	_, below, ok := checkPath(path)
	rt, found := checkRoutes[below]
	return rt, ok && found
}

// checkPath takes the path of an issuer of the check apart.
func checkPath(path string) (id, below string, ok bool) {
	rest, ok := strings.CutPrefix(path, check.IssuerPath)
	id, below, found := strings.Cut(rest, "/")
	return id, "/" + below, ok && found
}

// check answers at the issuer of a client of the check. Whoever is no such client has none.
func (s *server) check(w http.ResponseWriter, r *http.Request) error {
	id, below, _ := checkPath(r.URL.Path)
	c, err := s.rehearsal.ByID(r.Context(), id)
	if err != nil {
		return page.ErrNotFound.Because(err)
	}
	return checkHandlers[below](s.as(c), w, r, c)
}

// as is the server of the issuer of a client of the check: it knows the clients of the check alone.
func (s *server) as(c *client.Client) *server {
	as := *s
	as.Issuer, as.Clients = check.Issuer(s.Issuer, c.ID), s.rehearsal
	return &as
}

// checkMetadata is what a service finds by discovery.
func (s *server) checkMetadata(w http.ResponseWriter, _ *http.Request, c *client.Client) error {
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer": s.Issuer, "authorization_endpoint": s.Issuer + authorizePath, "token_endpoint": s.Issuer + tokenPath, "userinfo_endpoint": s.Issuer + userinfoPath, "jwks_uri": s.Issuer + keysPath,
		"scopes_supported": client.Scopes, "response_types_supported": []string{"code"}, "response_modes_supported": responseModes, "grant_types_supported": []string{"authorization_code"},
		"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{string(c.IDTokenSigning())}, "token_endpoint_auth_methods_supported": []string{c.AuthMethod},
		"token_endpoint_auth_signing_alg_values_supported": []string{string(c.AssertionAlg())}, "code_challenge_methods_supported": []string{"S256"},
		"authorization_response_iss_parameter_supported": true, "claims_parameter_supported": true, "backchannel_logout_supported": true, "backchannel_logout_session_supported": true,
	})
	return nil
}

// checkKeys is the key set of the run that is under way; without one there are no keys.
func (s *server) checkKeys(w http.ResponseWriter, r *http.Request, c *client.Client) error {
	run, _, err := s.Check.Of(r.Context(), c.ID)
	if err != nil && !errors.Is(err, check.ErrOver) {
		return unavailable(err)
	}
	set, err := s.Check.JWKS(run, c.IDTokenSigning())
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, json.RawMessage(set))
	return nil
}

// errNotTheClient says that who wants to begin a run did not show to be the client.
var errNotTheClient = fault.New(fault.Unauthenticated, "check.not_the_client")

// startRun begins a run for the client itself, as it authenticates at its token endpoint. The answer names the
// page of the run; whoever has that address can play and see.
func (s *server) startRun(w http.ResponseWriter, r *http.Request) error {
	c, err := s.rehearsal.ByID(r.Context(), r.PostForm.Get("client_id"))
	if err != nil {
		return errNotTheClient.Because(err)
	}
	as := s.as(c)
	if _, err := as.authenticate(r.Context(), r); err != nil {
		if exchange(r.Context()).w.Header().Get("Retry-After") != "" {
			return unavailable(err)
		}
		return errNotTheClient.Because(err)
	}
	id, err := s.Check.Start(r.Context(), c)
	if err != nil {
		return unavailable(err)
	}
	to := (&url.URL{Path: runsPath + "/" + id}).String()
	if !page.PrefersJSON(r.Header.Get("Accept")) {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	writeJSON(w, http.StatusCreated, map[string]any{"run": id, "page": s.Issuer + to, "report": s.Issuer + to + ".json", "issuer": as.Issuer, "expires_in": int(check.Life.Seconds())})
	return nil
}
