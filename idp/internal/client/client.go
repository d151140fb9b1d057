package client

import (
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"eulogin.example/idp/internal/policy"
	"eulogin.example/proto/kit/fault"
)

// Ways of client authentication.
const (
	PrivateKeyJWT = "private_key_jwt"
	None          = "none" // public clients: PKCE alone
)

// DeviceCode is the grant type of devices without a keyboard (RFC 8628 §3.4).
const DeviceCode = "urn:ietf:params:oauth:grant-type:device_code"

// Client is one registered service, as its metadata say.
type Client struct {
	ID                 string             `json:"client_id"`
	Name               string             `json:"client_name"`
	URI                string             `json:"client_uri,omitempty"`
	RedirectURIs       []string           `json:"redirect_uris"`
	PostLogoutURIs     []string           `json:"post_logout_redirect_uris,omitempty"`
	BackchannelLogout  string             `json:"backchannel_logout_uri,omitempty"`
	BackchannelSession bool               `json:"backchannel_logout_session_required,omitempty"`
	GrantTypes         []string           `json:"grant_types"`
	ResponseTypes      []string           `json:"response_types"`
	AuthMethod         string             `json:"token_endpoint_auth_method"`
	AuthAlg            string             `json:"token_endpoint_auth_signing_alg,omitempty"`
	IDTokenAlg         string             `json:"id_token_signed_response_alg,omitempty"`
	DefaultACR         []string           `json:"default_acr_values,omitempty"`
	DefaultMaxAge      *int64             `json:"default_max_age,omitempty"` // seconds; nil: none
	Scope              string             `json:"scope"`
	Contacts           []string           `json:"contacts,omitempty"`
	ApplicationType    string             `json:"application_type,omitempty"` // "web" (default) or "native"
	JWKS               jose.JSONWebKeySet `json:"jwks,omitzero"`
	RequirePushed      bool               `json:"require_pushed_authorization_requests,omitempty"` // RFC 9126 §6
	RequireSigned      bool               `json:"require_signed_request_object,omitempty"`         // RFC 9101 §10.5
	RequestObjectAlg   string             `json:"request_object_signing_alg,omitempty"`
	DPoPBound          bool               `json:"dpop_bound_access_tokens,omitempty"` // RFC 9449 §5.2
	Introspects        []string           `json:"introspects,omitempty"`              // further clients whose tokens it may introspect
	AccessTokenTTL     int64              `json:"access_token_lifetime,omitempty"`    // seconds; 0 = the usual one
	IDTokenTTL         int64              `json:"id_token_lifetime,omitempty"`        // seconds
	RefreshTokenTTL    int64              `json:"refresh_token_lifetime,omitempty"`   // seconds
}

// The usual lifetimes of what a client gets, and the longest that it may register. An ID token
// lives at most an hour more than a session (domain.md row 25).
const (
	accessTokenLife  = 5 * time.Minute
	idTokenLife      = time.Hour
	refreshTokenLife = 30 * 24 * time.Hour

	longestAccessToken  = time.Hour
	longestIDToken      = 13 * time.Hour
	longestRefreshToken = 90 * 24 * time.Hour
)

// AccessTokenLife says how long an access token is good.
func (c *Client) AccessTokenLife() time.Duration { return life(c.AccessTokenTTL, accessTokenLife) }

// IDTokenLife says how long an ID token is good.
func (c *Client) IDTokenLife() time.Duration { return life(c.IDTokenTTL, idTokenLife) }

// RefreshTokenLife says how long a refresh family is good, from its sign-in on.
func (c *Client) RefreshTokenLife() time.Duration { return life(c.RefreshTokenTTL, refreshTokenLife) }

func life(seconds int64, usual time.Duration) time.Duration {
	if seconds == 0 {
		return usual
	}
	return time.Duration(seconds) * time.Second
}

// ErrUnknown says that no such client is registered.
var ErrUnknown = fault.New(fault.NotFound, "client.unknown")

// Redirects reports whether an address is registered, byte for byte. Native clients may
// choose the port of a loopback address (RFC 8252 §7.3).
func (c *Client) Redirects(uri string) bool {
	if slices.Contains(c.RedirectURIs, uri) {
		return true
	}
	return c.ApplicationType == "native" && slices.ContainsFunc(c.RedirectURIs, func(r string) bool { return sameLoopback(r, uri) })
}

// AfterLogout reports whether the browser may be sent there after sign-out.
func (c *Client) AfterLogout(uri string) bool { return slices.Contains(c.PostLogoutURIs, uri) }

// Allows reports whether the client registered a grant type.
func (c *Client) Allows(grant string) bool { return slices.Contains(c.GrantTypes, grant) }

// MayAsk reports whether the client registered a scope.
func (c *Client) MayAsk(scope string) bool { return slices.Contains(strings.Fields(c.Scope), scope) }

// Minimum is the least strength for this client: the first of its default_acr_values.
func (c *Client) Minimum() policy.Strength {
	for _, v := range c.DefaultACR {
		if s, ok := policy.StrengthOf(v); ok {
			return s
		}
	}
	return policy.Strength{Level: policy.Basic}
}

// Key finds the client's public key of that id; the only one when no id is named.
func (c *Client) Key(kid string) (jose.JSONWebKey, bool) {
	if kid == "" && len(c.JWKS.Keys) == 1 {
		return c.JWKS.Keys[0], true
	}
	keys := c.JWKS.Key(kid)
	if len(keys) != 1 {
		return jose.JSONWebKey{}, false
	}
	return keys[0], true
}
