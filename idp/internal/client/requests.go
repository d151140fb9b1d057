package client

import (
	"slices"

	"eulogin.example/idp/internal/policy"
)

// Requests is how a client asks, and what a sign-in for it must reach at least.
type Requests struct {
	DefaultACR       []string `json:"default_acr_values,omitempty"`
	DefaultMaxAge    *int64   `json:"default_max_age,omitempty"`                       // seconds; nil: none
	RequirePushed    bool     `json:"require_pushed_authorization_requests,omitempty"` // RFC 9126 §6
	RequireSigned    bool     `json:"require_signed_request_object,omitempty"`         // RFC 9101 §10.5
	RequestObjectAlg string   `json:"request_object_signing_alg,omitempty"`
	RequirePKCE      *bool    `json:"require_pkce,omitempty"` // nil: it is
}

// MayLeavePKCE reports whether the client may ask without PKCE: one that an operator excepts because
// it cannot send it, and whose codes are of no use without its authentication (RFC 9700 §2.1.1). What it
// sends all the same counts.
func (r Requests) MayLeavePKCE() bool { return r.RequirePKCE != nil && !*r.RequirePKCE }

func (r Requests) rules(c *Client) []rule {
	unknown := func(acr string) bool { _, ok := policy.StrengthOf(acr); return !ok }
	return []rule{
		{r.RequestObjectAlg != "" && (c.AuthMethod != PrivateKeyJWT || r.RequestObjectAlg != string(c.AssertionAlg())), "request_object_signing_alg must be the algorithm of the client's assertions, and goes with private_key_jwt"},
		{r.RequireSigned && c.AuthMethod != PrivateKeyJWT, "require_signed_request_object goes with private_key_jwt"},
		{(r.RequirePushed || r.RequireSigned) && !c.Allows("authorization_code"), "pushed and signed requests go with authorization_code"},
		{r.MayLeavePKCE() && (c.AuthMethod == None || c.ApplicationType == "native" || c.FAPI() || c.IntegrationCheck), "require_pkce is only left out for web services that authenticate, and neither with profile fapi2 nor with integration_check"},
		{r.DefaultMaxAge != nil && *r.DefaultMaxAge < 0, "default_max_age must be 0 or more seconds"},
		{slices.ContainsFunc(r.DefaultACR, unknown), "default_acr_values has one that is unknown here"},
	}
}

// Minimum is the least strength for this client: the first of its default_acr_values.
func (r Requests) Minimum() policy.Strength {
	for _, v := range r.DefaultACR {
		if s, ok := policy.StrengthOf(v); ok {
			return s
		}
	}
	return policy.Strength{Level: policy.Basic}
}
