package client

import (
	"net/url"
	"slices"
)

// Logout is where a client's people go after sign-out, and how the client is told.
type Logout struct {
	PostLogoutURIs     []string `json:"post_logout_redirect_uris,omitempty"`
	BackchannelLogout  string   `json:"backchannel_logout_uri,omitempty"`
	BackchannelSession bool     `json:"backchannel_logout_session_required,omitempty"`
	// FrontchannelLogout is the page that the person's browser loads in a frame (Front-Channel Logout 1.0 §2).
	FrontchannelLogout  string `json:"frontchannel_logout_uri,omitempty"`
	FrontchannelSession bool   `json:"frontchannel_logout_session_required,omitempty"`
}

func (l Logout) rules(c *Client) []rule {
	sameOrigin := func(redirect string) bool { return origin(redirect) == origin(l.FrontchannelLogout) }
	u, err := url.Parse(l.FrontchannelLogout)
	return []rule{
		{l.BackchannelSession && l.BackchannelLogout == "", "backchannel_logout_session_required goes with backchannel_logout_uri"},
		{l.FrontchannelSession && l.FrontchannelLogout == "", "frontchannel_logout_session_required goes with frontchannel_logout_uri"},
		{l.FrontchannelLogout != "" && !slices.ContainsFunc(c.RedirectURIs, sameOrigin), "frontchannel_logout_uri must have scheme, host and port of one of the redirect_uris"},
		{err == nil && u.Query().Has("sid"), "frontchannel_logout_uri must not have the parameter sid, which is ours"},
	}
}

// AfterLogout reports whether the browser may be sent there after sign-out.
func (l Logout) AfterLogout(uri string) bool { return slices.Contains(l.PostLogoutURIs, uri) }

// Frame gives the address that a browser loads when a session ends, "" when the client registered
// none. It names issuer and session where the client wants that, and always both (§2).
func (l Logout) Frame(issuer, sid string) string {
	u, err := url.Parse(l.FrontchannelLogout)
	if err != nil || l.FrontchannelLogout == "" || !l.FrontchannelSession {
		return l.FrontchannelLogout
	}
	q := url.Values{"iss": {issuer}, "sid": {sid}}.Encode()
	if u.RawQuery != "" {
		q = u.RawQuery + "&" + q
	}
	u.RawQuery = q
	return u.String()
}

// origin gives scheme, host and port of an address, "" for what is none.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
