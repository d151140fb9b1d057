package client

import (
	"slices"
)

// Check makes a client one of the integration check (idp/docs/integration-check.md): it exists there and
// nowhere else, is answered wrongly on purpose, and signs no real person in.
type Check struct {
	IntegrationCheck bool `json:"integration_check,omitempty"`
	// InitiateLogin is where the service begins a sign-in (OpenID Connect Core §4).
	InitiateLogin string `json:"initiate_login_uri,omitempty"`
}

// rules keep a client of the check to what the check plays, and all others out of it.
func (k Check) rules(c *Client, loopback bool) []rule {
	rules := []rule{
		{k.InitiateLogin != "" && !k.IntegrationCheck, "initiate_login_uri goes with integration_check"},
	}
	if !k.IntegrationCheck {
		return rules
	}
	if k.InitiateLogin != "" {
		rules = append(rules, addressRule("initiate_login_uri", k.InitiateLogin, loopback))
	}
	return append(rules,
		rule{c.AuthMethod != PrivateKeyJWT && c.AuthMethod != ClientSecretJWT, "integration_check: a run is begun by a client assertion, so token_endpoint_auth_method must be private_key_jwt or client_secret_jwt"},
		rule{!slices.Equal(c.GrantTypes, []string{"authorization_code"}), `integration_check plays the code flow: grant_types must be ["authorization_code"]`},
		rule{len(c.Introspects)+len(c.Resources)+len(c.ResourceIDs)+len(c.DetailTypes) > 0, "integration_check goes with no introspects, resources, resource_identifiers or authorization_details_types"},
		rule{c.RequirePushed || c.DPoPBound || c.CertificateBound || c.JWTAccessTokens() || c.IDTokenKeyAlg != "", "integration_check plays no pushed requests and no encryption, and gives opaque bearer tokens"},
	)
}

// Rehearsal is this registry as the integration check sees it: there are the clients of the check and no
// others. The registry itself has the others and none of those; nothing else tells the two apart.
func (r *Registry) Rehearsal() *Registry { return &Registry{of: r} }

// now gives what the last readings gave.
func (r *Registry) now() *registered {
	if r.of != nil {
		return r.of.state.Load()
	}
	return r.state.Load()
}

// sees reports whether a client exists here.
func (r *Registry) sees(s standing) bool {
	return s.client != nil && s.client.IntegrationCheck == (r.of != nil)
}
