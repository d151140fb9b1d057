package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// idShape is also what makes an id safe in texts and names of files.
var idShape = regexp.MustCompile(`^[A-Za-z0-9._-]{2,64}$`)

// personShape is how the subjects of persons begin (ident.AccountID, package pairwise). The subject of a token
// without a person is its client_id: that must never be somebody's (RFC 9068 §5).
var personShape = regexp.MustCompile(`^(?i)[np]00`)

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
	faults := &Faults{Client: c.ID}
	for _, r := range slices.Concat(
		c.names(), c.protocol(), c.addresses(loopback),
		c.Presentation.rules(loopback),
		c.Consent.rules(c),
		c.Authentication.rules(c),
		c.Certificate.rules(c),
		c.RemoteKeys.rules(c, loopback),
		c.Requests.rules(c),
		c.Membership.rules(c),
		c.Tokens.rules(c),
		c.AccessTokens.rules(c),
		c.IDTokens.rules(c),
		c.UserInfo.rules(),
		c.Audience.rules(c, loopback),
		c.Subjects.rules(c, loopback),
		c.Delegation.rules(c),
		c.Details.rules(c),
		c.Logout.rules(c),
		c.Check.rules(c, loopback),
		c.Backchannel.rules(c, loopback),
		c.Profile.rules(c),
	) {
		if r.wrong {
			faults.List = append(faults.List, Fault{memberOf(r.text), r.text})
		}
	}
	if len(faults.List) > 0 {
		return nil, faults
	}
	return c, nil
}

// rule is one line of the check. Its text names the member that it is about before any other.
type rule struct {
	wrong bool
	text  string
}

func (c *Client) names() []rule {
	return []rule{
		{!idShape.MatchString(c.ID), "client_id must be 2 to 64 letters, digits, dots, hyphens or underscores"},
		{personShape.MatchString(c.ID), "client_id must not look like the sub of a person"},
		{strings.TrimSpace(c.Name) == "" || len(c.Name) > 100, "client_name must have 1 to 100 bytes"},
		{c.ApplicationType != "web" && c.ApplicationType != "native", "application_type must be web or native"},
	}
}

// protocol is what the grants, the responses and the scopes want of each other.
func (c *Client) protocol() []rule {
	if c.only() {
		return []rule{{len(c.ResponseTypes) > 0, "response_types go with authorization_code"}}
	}
	return append(c.granting(), rule{c.Allows("authorization_code") != slices.Equal(c.ResponseTypes, []string{"code"}) || !c.Allows("authorization_code") && len(c.ResponseTypes) > 0, `response_types must be ["code"], and go with authorization_code`})
}

// addresses holds every address against what may be registered. What idp itself calls is
// never on this machine outside development (security case 39).
func (c *Client) addresses(loopback bool) []rule {
	rules := []rule{{(len(c.RedirectURIs) > 0) != c.Allows("authorization_code"), "redirect_uris go with authorization_code"}}
	check := func(member, address string, loopback bool) {
		rules = append(rules, addressRule(member, address, loopback))
	}
	for _, a := range c.RedirectURIs {
		check("redirect_uris", a, loopback || c.ApplicationType == "native")
	}
	for _, a := range c.PostLogoutURIs {
		check("post_logout_redirect_uris", a, loopback || c.ApplicationType == "native")
	}
	for _, a := range [][2]string{{"backchannel_logout_uri", c.BackchannelLogout}, {"frontchannel_logout_uri", c.FrontchannelLogout}, {"client_uri", c.URI}} {
		if a[1] != "" {
			check(a[0], a[1], loopback)
		}
	}
	return rules
}

// addressRule is the one rule of all addresses.
func addressRule(member, address string, loopback bool) rule {
	return rule{!sound(address, loopback), fmt.Sprintf("%s: the address %q must be https, absolute, in plain ASCII, without fragment, user, dots in its path, or parameters of our answers", member, address)}
}

func subset(list []string, of ...string) bool {
	for _, l := range list {
		if !slices.Contains(of, l) {
			return false
		}
	}
	return len(list) > 0
}
