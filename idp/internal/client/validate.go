package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"eulogin.example/idp/internal/policy"
)

// Scopes are those that a client may register.
var Scopes = []string{"openid", "email", "profile", "offline_access"}

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
	for _, r := range c.rules(loopback) {
		if r.wrong {
			faults = append(faults, fmt.Errorf("client %q: %s", c.ID, r.text))
		}
	}
	return c, errors.Join(faults...)
}

type rule struct {
	wrong bool
	text  string
}

func (c *Client) rules(loopback bool) []rule {
	rules := []rule{
		{!idShape.MatchString(c.ID), "client_id must be 2 to 64 letters, digits, dots, hyphens or underscores"},
		{strings.TrimSpace(c.Name) == "" || len(c.Name) > 100, "client_name must have 1 to 100 characters"},
		{len(c.RedirectURIs) == 0, "redirect_uris is empty"},
		{c.ApplicationType != "web" && c.ApplicationType != "native", "application_type must be web or native"},
		{!slices.Equal(c.ResponseTypes, []string{"code"}), `response_types must be ["code"]`},
		{!subset(c.GrantTypes, "authorization_code", "refresh_token") || !c.Allows("authorization_code"), "grant_types must be authorization_code, with or without refresh_token"},
		{c.AuthMethod != PrivateKeyJWT && c.AuthMethod != None, "token_endpoint_auth_method must be private_key_jwt or none"},
		{c.AuthMethod == PrivateKeyJWT && (c.AuthAlg != "" && c.AuthAlg != "ES256"), "token_endpoint_auth_signing_alg must be ES256"},
		{c.AuthMethod == PrivateKeyJWT && len(c.JWKS.Keys) == 0, "private_key_jwt needs jwks with the public key"},
		{c.AuthMethod == None && len(c.JWKS.Keys) > 0, "a public client has no jwks"},
		{c.IDTokenAlg != "" && c.IDTokenAlg != "ES256", "id_token_signed_response_alg must be ES256"},
		{!subset(strings.Fields(c.Scope), Scopes...) || !slices.Contains(strings.Fields(c.Scope), "openid"), "scope must contain openid, and otherwise only " + strings.Join(Scopes, ", ")},
		{slices.Contains(strings.Fields(c.Scope), "offline_access") != c.Allows("refresh_token"), "offline_access and refresh_token go together"},
		{slices.ContainsFunc(c.DefaultACR, func(v string) bool { _, ok := policy.LevelOf(v); return !ok }), "default_acr_values has one that is unknown here"},
	}
	for _, k := range c.JWKS.Keys {
		rules = append(rules, rule{!k.Valid() || !k.IsPublic() || k.KeyID == "", "jwks must hold public keys with a kid, and no private key"})
	}
	addresses := slices.Concat(c.RedirectURIs, c.PostLogoutURIs)
	for _, a := range append(addresses, c.BackchannelLogout, c.URI) {
		if a != "" {
			rules = append(rules, rule{!sound(a, loopback || c.ApplicationType == "native"), fmt.Sprintf("the address %q must be https, absolute, without fragment, user or dots in its path", a)})
		}
	}
	return rules
}

// sound reports whether an address may be registered.
func sound(raw string, loopback bool) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Fragment != "" || strings.Contains(raw, "#") || u.User != nil || strings.ContainsAny(raw, "*\\ \t\r\n") {
		return false
	}
	if strings.Contains(u.Path, "..") || strings.Contains(strings.ToLower(u.EscapedPath()), "%2e") {
		return false
	}
	return u.Scheme == "https" || (u.Scheme == "http" && loopback && onLoopback(u.Hostname()))
}

// onLoopback compares whole host names: localhost.evil.example is not localhost.
func onLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// sameLoopback reports whether two loopback addresses differ in nothing but the port.
func sameLoopback(registered, given string) bool {
	r, err1 := url.Parse(registered)
	g, err2 := url.Parse(given)
	if err1 != nil || err2 != nil || r.Scheme != "http" || g.User != nil || strings.Contains(given, "#") {
		return false
	}
	ip := net.ParseIP(r.Hostname())
	return ip != nil && ip.IsLoopback() && g.Scheme == "http" && g.Hostname() == r.Hostname() &&
		g.EscapedPath() == r.EscapedPath() && g.RawQuery == r.RawQuery
}

func subset(list []string, of ...string) bool {
	for _, l := range list {
		if !slices.Contains(of, l) {
			return false
		}
	}
	return len(list) > 0
}
