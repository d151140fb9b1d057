package provider

import (
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"eulogin.example/idp/internal/client"
)

// opClient shows a registered client to the library. It never offers redirect globs (D23).
type opClient struct{ c *client.Client }

// GetID gives the client_id.
func (o opClient) GetID() string { return o.c.ID }

// RedirectURIs gives the registered addresses; exact matching has happened before.
func (o opClient) RedirectURIs() []string { return o.c.RedirectURIs }

// PostLogoutRedirectURIs gives the addresses after sign-out.
func (o opClient) PostLogoutRedirectURIs() []string { return o.c.PostLogoutURIs }

// ApplicationType says web or native.
func (o opClient) ApplicationType() op.ApplicationType {
	if o.c.ApplicationType == "native" {
		return op.ApplicationTypeNative
	}
	return op.ApplicationTypeWeb
}

// AuthMethod says how the client authenticates.
func (o opClient) AuthMethod() oidc.AuthMethod { return oidc.AuthMethod(o.c.AuthMethod) }

// ResponseTypes is always code (D22).
func (o opClient) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

// GrantTypes gives the registered grants.
func (o opClient) GrantTypes() []oidc.GrantType {
	var out []oidc.GrantType
	for _, g := range o.c.GrantTypes {
		out = append(out, oidc.GrantType(g))
	}
	return out
}

// LoginURL is not used: authorize is ours.
func (o opClient) LoginURL(string) string { return "" }

// AccessTokenType is opaque.
func (o opClient) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeBearer }

// IDTokenLifetime is the client's.
func (o opClient) IDTokenLifetime() time.Duration { return o.c.IDTokenLife() }

// DevMode lets the library accept http addresses: registration allowed only loopback ones.
func (o opClient) DevMode() bool { return true }

// RestrictAdditionalIdTokenScopes restricts nothing further.
func (o opClient) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return func(s []string) []string { return s }
}

// RestrictAdditionalAccessTokenScopes restricts nothing further.
func (o opClient) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return func(s []string) []string { return s }
}

// IsScopeAllowed reports whether a scope is registered.
func (o opClient) IsScopeAllowed(scope string) bool { return o.c.MayAsk(scope) }

// IDTokenUserinfoClaimsAssertion is not used: ID tokens are ours.
func (o opClient) IDTokenUserinfoClaimsAssertion() bool { return false }

// ClockSkew stays zero (D21).
func (o opClient) ClockSkew() time.Duration { return 0 }
