package provider_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// oidcc-config-certification-test-plan.
func TestPlanConfig(t *testing.T) {
	plan(t, "Config OP", "", []module{{"oidcc-discovery-endpoint-verification", discoveryVerified}})
}

// discoveryVerified holds the document and the key set against OpenID Connect Discovery §3 and §4.
func discoveryVerified(c *conforming) string {
	rec := c.do("GET", "/.well-known/openid-configuration", nil)
	c.wants(rec.Code == http.StatusOK && strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json"), "%d %s", rec.Code, rec.Header())
	c.wants(c.metadata["issuer"] == c.issuer, "issuer is %v", c.metadata["issuer"])
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "revocation_endpoint", "introspection_endpoint", "end_session_endpoint"} {
		address, _ := c.metadata[name].(string)
		c.wants(strings.HasPrefix(address, "https://"), "%s is %q", name, address)
	}
	c.wants(c.supports("response_types_supported", "code"), "response types: %v", c.metadata["response_types_supported"])
	c.wants(c.supports("id_token_signing_alg_values_supported", "RS256"), "RS256 must be among the algorithms of ID tokens (Discovery §3)")
	c.wants(c.supports("subject_types_supported", "public"), "subject types: %v", c.metadata["subject_types_supported"])
	c.wants(c.supports("scopes_supported", "openid"), "scopes: %v", c.metadata["scopes_supported"])
	for _, claim := range []string{"sub", "iss", "auth_time", "acr"} {
		c.wants(c.supports("claims_supported", claim), "%s is not among the claims", claim)
	}
	var set jose.JSONWebKeySet
	c.must(json.Unmarshal(c.do("GET", strings.TrimPrefix(c.metadata["jwks_uri"].(string), c.issuer), nil).Body.Bytes(), &set))
	seen := map[string]bool{}
	for _, k := range set.Keys {
		c.wants(k.Valid() && k.IsPublic() && k.KeyID != "" && !seen[k.KeyID] && (k.Use == "sig" || k.Use == "enc"), "key %q", k.KeyID)
		seen[k.KeyID] = true
	}
	c.wants(len(set.Keys) > 0, "no keys")
	return ""
}
