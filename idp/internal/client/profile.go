package client

import (
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
	strong := func(alg jose.SignatureAlgorithm) bool { return slices.Contains(fapiAlgorithms, alg) }
	methods := []string{PrivateKeyJWT, TLSClientAuth, SelfSignedTLSClientAuth}
	return append(rules,
		rule{!slices.Contains(methods, c.AuthMethod), "token_endpoint_auth_method must be private_key_jwt or one of certificates where profile is fapi2 (§5.3.2.1)"},
		rule{c.AuthMethod == PrivateKeyJWT && !strong(c.AssertionAlg()), "token_endpoint_auth_signing_alg must be PS256, ES256 or EdDSA where profile is fapi2 (§5.4.1)"},
		rule{!strong(c.IDTokenSigning()), "id_token_signed_response_alg must be PS256, ES256 or EdDSA where profile is fapi2 (§5.4.1)"},
		rule{c.JWTAccessTokens() && !strong(c.AccessTokenSigning()), "access_token_signed_response_alg must be PS256, ES256 or EdDSA where profile is fapi2 (§5.4.1)"},
		rule{!c.DPoPBound && !c.CertificateBound, "dpop_bound_access_tokens or tls_client_certificate_bound_access_tokens goes with profile fapi2 (§5.3.2.1)"},
		rule{c.Allows("authorization_code") && !c.RequirePushed, "require_pushed_authorization_requests goes with profile fapi2 (§5.3.2.2)"},
	)
}
