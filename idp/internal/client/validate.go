package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"eulogin.example/idp/internal/policy"
)

// Scopes are those that a client may register.
var Scopes = []string{"openid", "email", "profile", "offline_access"}

// idShape is also what makes an id safe in texts and names of files.
var idShape = regexp.MustCompile(`^[A-Za-z0-9._-]{2,64}$`)

// Parse reads metadata and lists everything that is wrong with them. loopback allows plain
// http to this machine (development).
func Parse(raw []byte, loopback bool) (*Client, error) {
	c := &Client{}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(c); err != nil {
		return nil, fmt.Errorf("client metadata: %w", err)
	}
	if dec.More() {
		return nil, errors.New("client metadata: more than one object")
	}
	if c.ApplicationType == "" {
		c.ApplicationType = "web"
	}
	var faults []error
	for _, r := range slices.Concat(c.names(), c.protocol(), c.keys(), c.lifetimes(), c.addresses(loopback)) {
		if r.wrong {
			faults = append(faults, fmt.Errorf("client %q: %s", c.ID, r.text))
		}
	}
	return c, errors.Join(faults...)
}

// rule is one line of the check.
type rule struct {
	wrong bool
	text  string
}

func (c *Client) names() []rule {
	return []rule{
		{!idShape.MatchString(c.ID), "client_id must be 2 to 64 letters, digits, dots, hyphens or underscores"},
		{strings.TrimSpace(c.Name) == "" || len(c.Name) > 100, "client_name must have 1 to 100 bytes"},
		{c.ApplicationType != "web" && c.ApplicationType != "native", "application_type must be web or native"},
	}
}

func (c *Client) protocol() []rule {
	scopes := strings.Fields(c.Scope)
	unknown := func(acr string) bool { _, ok := policy.StrengthOf(acr); return !ok }
	return []rule{
		{c.Allows("authorization_code") != slices.Equal(c.ResponseTypes, []string{"code"}) || !c.Allows("authorization_code") && len(c.ResponseTypes) > 0, `response_types must be ["code"], and go with authorization_code`},
		{!subset(c.GrantTypes, "authorization_code", "refresh_token", DeviceCode) || !c.Allows("authorization_code") && !c.Allows(DeviceCode), "grant_types must be authorization_code or " + DeviceCode + ", with or without refresh_token"},
		{c.AuthMethod != PrivateKeyJWT && c.AuthMethod != None, "token_endpoint_auth_method must be private_key_jwt or none"},
		{c.AuthAlg != "" && (c.AuthMethod != PrivateKeyJWT || !slices.Contains(Algorithms, c.AssertionAlg())), fmt.Sprintf("token_endpoint_auth_signing_alg must be one of %v, and goes with private_key_jwt", Algorithms)},
		{c.RequestObjectAlg != "" && (c.AuthMethod != PrivateKeyJWT || c.RequestObjectAlg != string(c.AssertionAlg())), "request_object_signing_alg must be the algorithm of the client's assertions, and goes with private_key_jwt"},
		{c.RequireSigned && c.AuthMethod != PrivateKeyJWT, "require_signed_request_object goes with private_key_jwt"},
		{(c.RequirePushed || c.RequireSigned) && !c.Allows("authorization_code"), "pushed and signed requests go with authorization_code"},
		{c.IDTokenAlg != "" && c.IDTokenAlg != "ES256", "id_token_signed_response_alg must be ES256"},
		{!subset(scopes, Scopes...) || !slices.Contains(scopes, "openid"), "scope must contain openid, and otherwise only " + strings.Join(Scopes, ", ")},
		{slices.Contains(scopes, "offline_access") != c.Allows("refresh_token"), "offline_access and refresh_token go together"},
		{c.DefaultMaxAge != nil && *c.DefaultMaxAge < 0, "default_max_age must be 0 or more seconds"},
		{slices.ContainsFunc(c.DefaultACR, unknown), "default_acr_values has one that is unknown here"},
		{len(c.Introspects) > 0 && c.AuthMethod == None, "a public client introspects nothing"},
		{c.BackchannelSession && c.BackchannelLogout == "", "backchannel_logout_session_required goes with backchannel_logout_uri"},
	}
}

// keys wants public keys of the client's algorithm that are told apart by their kid.
func (c *Client) keys() []rule {
	rules := []rule{
		{c.AuthMethod == PrivateKeyJWT && len(c.JWKS.Keys) == 0, "private_key_jwt needs jwks with the public key"},
		{c.AuthMethod == None && len(c.JWKS.Keys) > 0, "a public client has no jwks"},
	}
	for _, k := range c.JWKS.Keys {
		rules = append(rules,
			rule{!k.Valid() || !k.IsPublic() || k.KeyID == "", "jwks must hold public keys with a kid, and no private key"},
			rule{!signs(k, c.AssertionAlg()), fmt.Sprintf("the key %q is none for %s: that takes P-256 (ES256), Ed25519 (EdDSA), or RSA of 2048 to 4096 bits", k.KeyID, c.AssertionAlg())},
			rule{k.KeyID != "" && len(c.JWKS.Key(k.KeyID)) > 1, fmt.Sprintf("the kid %q stands twice", k.KeyID)})
	}
	return rules
}

func (c *Client) lifetimes() (rules []rule) {
	for _, l := range []struct {
		name    string
		seconds int64
		longest time.Duration
	}{
		{"access_token_lifetime", c.AccessTokenTTL, longestAccessToken},
		{"id_token_lifetime", c.IDTokenTTL, longestIDToken},
		{"refresh_token_lifetime", c.RefreshTokenTTL, longestRefreshToken},
	} {
		most := int64(l.longest / time.Second)
		rules = append(rules, rule{l.seconds != 0 && (l.seconds < 60 || l.seconds > most), fmt.Sprintf("%s must be 60 to %d seconds", l.name, most)})
	}
	return append(rules, rule{c.RefreshTokenTTL != 0 && !c.Allows("refresh_token"), "refresh_token_lifetime goes with the grant refresh_token"})
}

// addresses holds every address against what may be registered. What idp itself calls is
// never on this machine outside development (security case 39).
func (c *Client) addresses(loopback bool) []rule {
	rules := []rule{{(len(c.RedirectURIs) > 0) != c.Allows("authorization_code"), "redirect_uris go with authorization_code"}}
	check := func(address string, loopback bool) {
		rules = append(rules, rule{!sound(address, loopback), fmt.Sprintf("the address %q must be https, absolute, in plain ASCII, without fragment, user, dots in its path, or parameters of our answers", address)})
	}
	for _, a := range slices.Concat(c.RedirectURIs, c.PostLogoutURIs) {
		check(a, loopback || c.ApplicationType == "native")
	}
	for _, a := range []string{c.BackchannelLogout, c.URI} {
		if a != "" {
			check(a, loopback)
		}
	}
	return rules
}

func subset(list []string, of ...string) bool {
	for _, l := range list {
		if !slices.Contains(of, l) {
			return false
		}
	}
	return len(list) > 0
}
