package client

import (
	"net/url"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// FAPI2 is the profile of clients that are held to the FAPI 2.0 Security Profile.
const FAPI2 = "fapi2"

// fapiAlgorithms are those of FAPI 2.0 Security Profile §5.4.1.
var fapiAlgorithms = []jose.SignatureAlgorithm{jose.PS256, jose.ES256, jose.EdDSA}

// Profile is one switch for many rules, which a client that has it cannot weaken one by one.
type Profile struct {
	Profile string `json:"profile,omitempty"`
}

// FAPI reports whether the client is held to FAPI 2.0.
func (p Profile) FAPI() bool { return p.Profile == FAPI2 }

// rules are those of FAPI 2.0 Security Profile §5.3.2 that metadata can break.
func (p Profile) rules(c *Client) []rule {
	rules := []rule{{p.Profile != "" && p.Profile != FAPI2, "profile must be " + FAPI2}}
	if !p.FAPI() {
		return rules
	}
	methods := []string{PrivateKeyJWT, TLSClientAuth, SelfSignedTLSClientAuth}
	return append(append(rules, signedStrongly(c)...),
		rule{!slices.Contains(methods, c.AuthMethod), "token_endpoint_auth_method must be private_key_jwt or one of certificates where profile is fapi2 (§5.3.2.1)"},
		rule{!c.DPoPBound && !c.CertificateBound, "dpop_bound_access_tokens or tls_client_certificate_bound_access_tokens goes with profile fapi2 (§5.3.2.1)"},
		rule{c.Allows("authorization_code") && !c.RequirePushed, "require_pushed_authorization_requests goes with profile fapi2 (§5.3.2.2)"},
		rule{slices.ContainsFunc(c.RedirectURIs, func(uri string) bool { return !private(c, uri) }), "redirect_uris must be https where profile is fapi2, but for native clients at a loopback number such as http://127.0.0.1 (§5.3.2.2)"},
	)
}

// signedStrongly are the rules of what a client signs and has signed. request_object_signing_alg is that of
// its assertions.
func signedStrongly(c *Client) (rules []rule) {
	for _, s := range []struct {
		member string
		used   bool
		alg    jose.SignatureAlgorithm
	}{
		{"token_endpoint_auth_signing_alg", c.AuthMethod == PrivateKeyJWT, c.AssertionAlg()},
		{"id_token_signed_response_alg", true, c.IDTokenSigning()},
		{"access_token_signed_response_alg", c.JWTAccessTokens(), c.AccessTokenSigning()},
		{"userinfo_signed_response_alg", c.UserInfoAlg != "", c.UserInfoAlg},
		{"introspection_signed_response_alg", true, c.IntrospectionSigning()},
	} {
		rules = append(rules, rule{s.used && !slices.Contains(fapiAlgorithms, s.alg), s.member + " must be PS256, ES256 or EdDSA where profile is fapi2 (§5.4.1)"})
	}
	return rules
}

// private reports whether an answer to an address crosses no network in clear: it is https, or goes to a
// native client on the person's own machine (RFC 8252 §7.3). In development no other http is private either.
func private(c *Client, uri string) bool {
	u, err := url.Parse(uri)
	return err == nil && (u.Scheme == "https" || c.ApplicationType == "native" && sameLoopback(uri, uri))
}
