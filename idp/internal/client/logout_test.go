package client

import (
	"strings"
	"testing"
)

// Front-Channel Logout 1.0 §2: scheme, host and port of a redirect address, and a session that is
// only asked for with an address.
func TestFrontChannelAddresses(t *testing.T) {
	for member, ok := range map[string]bool{
		`"frontchannel_logout_uri":"https://rp.example/out"`:                                                        true,
		`"frontchannel_logout_uri":"https://rp.example/out?a=1","frontchannel_logout_session_required":true`:        true,
		`"frontchannel_logout_uri":"https://rp.example:8443/out"`:                                                   false,
		`"frontchannel_logout_uri":"https://www.rp.example/out"`:                                                    false,
		`"frontchannel_logout_uri":"https://evil.example/out"`:                                                      false,
		`"frontchannel_logout_uri":"http://rp.example/out"`:                                                         false,
		`"frontchannel_logout_uri":"https://rp.example/out#x"`:                                                      false,
		`"frontchannel_logout_uri":"https://rp.example/out?sid=1"`:                                                  false,
		`"frontchannel_logout_uri":"https://rp.example/out?iss=x"`:                                                  false,
		`"frontchannel_logout_uri":"javascript:alert(1)"`:                                                           false,
		`"frontchannel_logout_uri":"https://rp.example@evil.example/"`:                                              false,
		`"frontchannel_logout_session_required":true`:                                                               false,
		`"backchannel_logout_uri":"https://rp.example/b","frontchannel_logout_uri":"https://rp.example/f"`:          true,
		`"application_type":"native","frontchannel_logout_uri":"https://rp.example/out"`:                            true,
		`"application_type":"native","frontchannel_logout_uri":"http://127.0.0.1/x","post_logout_redirect_uris":[]`: false,
	} {
		_, err := Parse([]byte(strings.Replace(good, `"scope"`, member+`,"scope"`, 1)), false)
		if (err == nil) != ok {
			t.Errorf("%s: %v", member, err)
		}
	}
}

// Issuer and session come together or not at all, and what the service registered stays as it is.
func TestFrames(t *testing.T) {
	for _, tt := range []struct {
		l    Logout
		want string
	}{
		{Logout{}, ""},
		{Logout{FrontchannelLogout: "https://rp.example/out"}, "https://rp.example/out"},
		{Logout{FrontchannelLogout: "https://rp.example/out", FrontchannelSession: true}, "https://rp.example/out?iss=https%3A%2F%2Fidp.example&sid=s+1"},
		{Logout{FrontchannelLogout: "https://rp.example/out?z=%20&a=1", FrontchannelSession: true}, "https://rp.example/out?z=%20&a=1&iss=https%3A%2F%2Fidp.example&sid=s+1"},
	} {
		if got := tt.l.Frame("https://idp.example", "s 1"); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
