package client

import "slices"

// Logout is where a client's people go after sign-out, and how the client is told.
type Logout struct {
	PostLogoutURIs     []string `json:"post_logout_redirect_uris,omitempty"`
	BackchannelLogout  string   `json:"backchannel_logout_uri,omitempty"`
	BackchannelSession bool     `json:"backchannel_logout_session_required,omitempty"`
}

func (l Logout) rules(*Client) []rule {
	return []rule{
		{l.BackchannelSession && l.BackchannelLogout == "", "backchannel_logout_session_required goes with backchannel_logout_uri"},
	}
}

// AfterLogout reports whether the browser may be sent there after sign-out.
func (l Logout) AfterLogout(uri string) bool { return slices.Contains(l.PostLogoutURIs, uri) }
