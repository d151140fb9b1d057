package client

import (
	"regexp"
	"slices"
	"strings"
)

// ClientCredentials is the grant of a client that asks for itself: nobody signs in (RFC 6749 §4.4).
const ClientCredentials = "client_credentials"

// TokenExchange is the grant of a client that acts for a person with a token that it was shown (RFC 8693).
const TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange"

// Delegation is for whom a client acts that nobody signed in to.
type Delegation struct {
	// Exchanges are further clients whose access tokens for the provider it may exchange.
	Exchanges []string `json:"exchanges,omitempty"`
}

func (d Delegation) rules(c *Client) []rule {
	return []rule{
		{len(d.Exchanges) > 0 && !c.Allows(TokenExchange), "exchanges goes with the grant " + TokenExchange},
		{c.Allows(TokenExchange) && c.AuthMethod == None, "token_endpoint_auth_method must not be none where " + TokenExchange + " is registered"},
	}
}

// Scopes are those of OpenID Connect that a client may register. Each tells something of a person.
var Scopes = []string{"openid", "email", "profile", "phone", "groups", "offline_access"}

// apiShape is a scope of an API: words in small letters with dots between them. The names that OpenID
// Connect reserves have no dot.
var apiShape = regexp.MustCompile(`^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+$`)

// apiScopeLimit is the longest scope of an API, in bytes.
const apiScopeLimit = 64

// APIScope reports whether a scope is one of an API, for example cpms.grants.read: it tells nothing of a
// person, and means what the API's resource server says.
func APIScope(scope string) bool { return len(scope) <= apiScopeLimit && apiShape.MatchString(scope) }

// APIScopes are the scopes that the client may ask for without a person.
func (c *Client) APIScopes() []string {
	return slices.DeleteFunc(strings.Fields(c.Scope), func(s string) bool { return !APIScope(s) })
}

// personal reports whether the client registered a grant in which somebody signs in.
func (c *Client) personal() bool {
	return slices.ContainsFunc(c.GrantTypes, func(g string) bool { return g != "refresh_token" && g != ClientCredentials && g != TokenExchange })
}

// granting is what the grants and the scopes want of each other.
func (c *Client) granting() []rule {
	scopes := strings.Fields(c.Scope)
	api := c.APIScopes()
	return []rule{
		{!subset(c.GrantTypes, GrantTypes...) || len(c.GrantTypes) == 0, "grant_types must be among " + strings.Join(GrantTypes, ", ")},
		{c.Allows("refresh_token") && !c.personal(), "grant_types: refresh_token goes with a grant in which somebody signs in"},
		{!subset(scopes, append(api, Scopes...)...), "scope must hold only " + strings.Join(Scopes, ", ") + ", and scopes of APIs such as cpms.grants.read"},
		{c.personal() && !slices.Contains(scopes, "openid"), "scope must contain openid where somebody signs in"},
		{!c.personal() && !c.Allows(TokenExchange) && len(api) < len(scopes), "scope has one of " + strings.Join(Scopes, ", ") + ": these need a grant for a person"},
		{slices.Contains(scopes, "offline_access") != c.Allows("refresh_token"), "offline_access and refresh_token go together"},
		{c.Allows(ClientCredentials) && c.AuthMethod == None, "token_endpoint_auth_method must not be none where client_credentials is registered"},
		{c.Allows(ClientCredentials) && len(api) == 0, "scope must have one of an API where client_credentials is registered"},
	}
}
