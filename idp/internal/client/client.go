package client

import (
	"slices"
	"strings"
	"time"

	"eulogin.example/proto/kit/fault"
)

// DeviceCode is the grant type of devices without a keyboard (RFC 8628 §3.4).
const DeviceCode = "urn:ietf:params:oauth:grant-type:device_code"

// Client is one registered service, as its metadata say; they stand in groups by what they are about.
type Client struct {
	ID              string   `json:"client_id"`
	Name            string   `json:"client_name"`
	URI             string   `json:"client_uri,omitempty"`
	Contacts        []string `json:"contacts,omitempty"`
	ApplicationType string   `json:"application_type,omitempty"` // "web" (default) or "native"
	RedirectURIs    []string `json:"redirect_uris"`
	GrantTypes      []string `json:"grant_types"`
	ResponseTypes   []string `json:"response_types"`
	Scope           string   `json:"scope"`
	Presentation
	Consent
	Membership
	Authentication
	RemoteKeys
	Certificate
	Requests
	Tokens
	AccessTokens
	IDTokens
	UserInfo
	Audience
	Subjects
	Delegation
	Details
	Logout
	Check
	Backchannel
	Profile
	Secrets []Secret `json:"-"` // none of a client of a file
	// Since is when its id became its own, as far as the database knows: what stood under that id before was
	// another's. Zero: nobody had it.
	Since time.Time `json:"-"`
}

// GrantTypes are those that a client may register: all that the token endpoint answers.
var GrantTypes = []string{"authorization_code", "refresh_token", DeviceCode, ClientCredentials, TokenExchange, CIBA}

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

// Allows reports whether the client registered a grant type.
func (c *Client) Allows(grant string) bool { return slices.Contains(c.GrantTypes, grant) }

// MayAsk reports whether the client registered a scope.
func (c *Client) MayAsk(scope string) bool { return slices.Contains(strings.Fields(c.Scope), scope) }
